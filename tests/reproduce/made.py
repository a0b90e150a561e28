"""Invented studies, whose runs are written to the store as if they had been trained."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.benchmark import saved_results
from core.benchmark.cases import PUBLISHED_ARCHITECTURES
from core.benchmark.results import Ratio, Timing
from core.reproduce.plan import Job, Recipe, StudySettings, jobs, timing
from core.reproduce.study import Study
from core.runs import queries
from core.runs.points import replace_points
from core.runs.records import RunState, new_run
from core.runs.store import Store
from core.settings import Value
from tests.benchmark.made import benchmark
from tests.runs.made import FACTS

FULL = StudySettings()
QUICK = StudySettings(length="quick")

ENDS = {
    "arch-1": (54.0, 52.3, 50.3),
    "arch-2": (60.8, 57.9, 55.8),
    "arch-3": (63.2, 60.2, 58.0),
    "arch-4": (62.9, 58.5, 56.9),
    "final": (89.4, 70.1, 68.9),
    "final-constant": (87.2, 69.0, 67.6),
    "final-unsmoothed": (99.9, 65.0, 64.0),
    "final-smoothed": (99.8, 67.5, 66.5),
}
"""Mean accuracies over the seeds."""

UPDATE_MS = {
    "arch-1": (0.58, 1.15), "arch-2": (0.54, 1.03), "arch-3": (0.54, 1.01), "arch-4": (1.38, 2.56),
    "arch-5": (0.66, 1.12), "arch-6": (0.97, 1.61), "arch-7": (1.88, 4.08),
}  # fmt: skip
"""Milliseconds of an update of this network and of PyTorch."""


def result(job: Job, **accuracies: float) -> dict[str, Any]:
    """Return an invented result of a job: `ENDS`, with a small deviation for each seed."""
    # A small, reproducible deviation.
    off = 0.4 * (job.seed - 1) + 0.1 * (sum(job.recipe.name.encode()) * (job.seed + 1) % 5)
    train, validation, test = (value + off for value in ENDS[job.recipe.name])
    ends = {"train": train, "validation": validation, "test": test, **accuracies}
    return {
        "preset": job.experiment.name, "dataset": job.experiment.dataset, "seed": job.seed,
        "updates": job.experiment.total_updates, "seconds": 2.5, "parameters": 10,
        **{f"{part}_accuracy": min(value, 100) / 100 for part, value in ends.items()},
        "train_loss": 0.4, "validation_loss": 0.9,
    }  # fmt: skip


def record(
    job: Job,
    store: Store,
    study: Study,
    state: RunState = RunState.FINISHED,
    updates: int = 10,
    **accuracies: float,
) -> str:
    """Write a run for a job, with points for some of its updates, and return its id."""
    of, total = job.experiment, job.experiment.total_updates

    def write(connection: Any) -> str:
        number = queries.next_number(connection, of.name, store.root)
        folder = store.root / f"{of.name}-{number}"
        folder.mkdir(parents=True)
        came = result(job, **accuracies)
        points = curves(job, came)
        line = dataclasses.replace(
            new_run(folder.name, of, **{**FACTS, "total": total}),
            state=state,
            updates=updates,
            evaluations=points.shape[1],
            seconds=2.5,
            result=came if state is RunState.FINISHED else None,
            reason="the loss is no longer finite" if state is RunState.FAILED else "",
        )
        run = queries.add_run(connection, line)
        at = np.arange(1.0, updates + 1)
        replace_points(connection, run, "updates", np.stack([at, at, at, at, at]))
        replace_points(connection, run, "evaluations", points)
        return run.id

    found = store.writer.do(write)
    study.begun(job, found)
    return found


def curves(job: Job, came: dict[str, Any]) -> np.ndarray:
    """Return evaluations that converge to the result of the run, with a wave in every cycle."""
    total, every = job.experiment.total_updates, max(1, job.experiment.total_updates // 120)
    at = np.arange(every, total + 1.0, every)
    rng = np.random.default_rng(job.seed)
    rises = 1 - np.exp(-4 * at / total)
    wave = 0.03 * np.sin(12 * at / total) * (1 - at / total)

    def towards(end: float) -> np.ndarray:
        return 0.1 + (end - 0.1) * rises + wave + rng.normal(0, 0.004, len(at))

    train, validation = towards(came["train_accuracy"]), towards(came["validation_accuracy"])
    return np.stack([at, 2.4 * (1 - train) + 0.05, train, 2.6 * (1 - validation), validation])


def measured(study: Study, settings: StudySettings = FULL, **sides: bool) -> None:
    """Save a benchmark for a study."""
    cases, updates = [], timing(settings).updates
    made = benchmark(PUBLISHED_ARCHITECTURES, floor=False, **sides)
    for case in made.cases:
        ours, torch = UPDATE_MS[case.arch]
        ratio = Ratio(torch / ours, 0.93 * torch / ours, 1.06 * torch / ours)
        with_torch = case.torch is not None
        cases.append(
            dataclasses.replace(
                case,
                updates=updates,
                ours=Timing(ours, 0.9 * ours, 0.95 * ours, 1.1 * ours),
                torch=Timing(torch, torch, torch, torch) if with_torch else None,
                ratio=ratio if with_torch else None,
            )
        )
    study.measured(
        saved_results.save(dataclasses.replace(made, cases=tuple(cases), updates=updates))
    )


def complete(store: Store, settings: StudySettings = FULL, dataset: str = "cifar10") -> Study:
    """Write and return a study whose runs have all finished."""
    study = Study.of(settings.length)
    for job in jobs(settings, dataset):
        record(job, store, study)
    measured(study, settings)
    return study


def tiny(recipes: Sequence[Recipe]) -> tuple[Recipe, ...]:
    """Return the recipes with a network that trains quickly."""
    small: dict[str, Value] = {"architecture": "8x8/4/6", "copies": 50}
    return tuple(dataclasses.replace(one, changes={**one.changes, **small}) for one in recipes)


def cifar10_of(folder: Path) -> Path:
    """Return a folder that looks like CIFAR-10 but cannot be read."""
    named = folder / "cifar-10-batches-bin"
    named.mkdir(parents=True, exist_ok=True)
    (named / "data_batch_1.bin").touch()
    return folder
