"""Made-up studies of any size, the same on every machine."""

from dataclasses import replace
from typing import Any

import numpy as np

from core.runs.studies.records import StudyRecord, StudyState, Tell, TrialRecord, TrialState
from core.sweeps.analysis import snapshot
from core.sweeps.analysis.snapshot import Live, Snapshot, WorkerRow

SPACE: dict[str, dict[str, list[Any]]] = {
    "eta_max": {"log": [0.003, 0.3]},
    "weight_decay": {"log": [1e-5, 1e-2]},
    "batch_size": {"choice": [50, 100, 200]},
    "momentum": {"linear": [0.5, 0.99]},
    "largest_shift": {"integer": [0, 6]},
    "augmentation": {"choice": ["none", "fresh"]},
}
DEFINITION: dict[str, Any] = {
    "name": "wide",
    "preset": "arch-2",
    "trials": 40,
    "finalists": 3,
    "seeds": [0, 1, 2],
    "epochs": 20,
    "validation_size": 5000,
    "fixed": {"nesterov": "on"},
    "space": SPACE,
    "sampler": "tpe",
    "pruning": {"kind": "halving", "first": 0.125, "factor": 2},
}
RUNGS = (600, 1200, 2400, 4800)
WORKERS = ("local-0", "local-1")


def drawn(rng: np.random.Generator) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for name, given in SPACE.items():
        [(kind, values)] = given.items()
        if kind == "choice":
            settings[name] = values[int(rng.integers(len(values)))]
            continue
        low, high = values
        if kind == "log":
            settings[name] = float(f"{np.exp(rng.uniform(np.log(low), np.log(high))):.1e}")
        elif kind == "integer":
            settings[name] = int(rng.integers(low, high + 1))
        else:
            settings[name] = float(f"{rng.uniform(low, high):.1e}")
    return settings


def quality(settings: dict[str, Any]) -> float:
    """Return the accuracy that settings come to: most depends on the rate, little on the shift."""
    rate = np.log10(settings["eta_max"]) + 1.4
    decay = np.log10(settings["weight_decay"]) + 3.5
    batch = {50: 0.0, 100: 0.006, 200: -0.006}[settings["batch_size"]]
    fresh = 0.02 if settings["augmentation"] == "fresh" else 0.0
    return float(0.6 - 0.12 * rate**2 - 0.01 * decay**2 + batch + fresh)


def study(trials: int = 40, state: StudyState = StudyState.RUNNING, **changes: Any) -> StudyRecord:
    definition = {**DEFINITION, "trials": trials, **changes}
    return StudyRecord(1, "wide", definition, "0" * 64, state, 1_714_831_387.0, "")


def records(count: int = 40) -> tuple[list[TrialRecord], list[Tell]]:
    """Return trials in every state with what they told; the first ones are the furthest."""
    rng = np.random.default_rng(11)
    trials: list[TrialRecord] = []
    tells: list[Tell] = []
    for number in range(count):
        settings = drawn(rng)
        share = number / count
        end = quality(settings)
        if settings["eta_max"] > 0.25:
            state, rung = TrialState.DIVERGED, 1
        elif share < 0.8:
            state, rung = TrialState.PRUNED, 1 + int(rng.integers(3))
            if end > 0.57:
                state, rung = TrialState.FINISHED, len(RUNGS)
        elif share < 0.9:
            state, rung = TrialState.PAUSED, 1
        else:
            state, rung = TrialState.WAITING, 0
        if count > 4 and number in (count - 2, count - 3):
            state, rung = TrialState.RUNNING, 1
        if number == 3:
            state, rung = TrialState.FAILED, 0
        told: list[float | None] = [
            None if state is TrialState.DIVERGED else round(end - 0.3 / (1 + update / 400), 4)
            for update in RUNGS[:rung]
        ]
        for at, accuracy in enumerate(told):
            loss = None if accuracy is None else round(2.3 - 2 * accuracy, 3)
            tells.append(Tell(1, len(tells), number, 0, at, RUNGS[at], accuracy, loss))
        known = [accuracy for accuracy in told if accuracy is not None]
        running = state is TrialState.RUNNING
        trials.append(
            TrialRecord(
                study=1,
                number=number,
                seed=0,
                settings=settings,
                state=state,
                run=number + 1 if rung or running else None,
                rung=rung,
                deaths=3 if state is TrialState.FAILED else 0,
                worker=WORKERS[number % 2] if running else "",
                reason="its worker died three times" if state is TrialState.FAILED else "",
                accuracy=known[-1] if known else None,
                best=max(known) if known else None,
                updates=RUNGS[rung - 1] if rung else 0,
                seconds=12.5 * rung,
            )
        )
    return trials, tells


def with_seeds(count: int = 40, finalists: int = 3) -> tuple[list[TrialRecord], list[Tell]]:
    """Return trials with all seeds of the finalists, the luckiest of which is the worst of them."""
    trials, tells = records(count)
    whole = [trial for trial in trials if trial.state is TrialState.FINISHED]
    whole.sort(key=lambda trial: -(trial.accuracy or 0.0))
    for place, first in enumerate(whole[:finalists]):
        for seed in (1, 2):
            accuracy = round(0.4 + 0.02 * place, 4)
            tells.append(
                Tell(1, len(tells), first.number, seed, len(RUNGS) - 1, RUNGS[-1], accuracy, 1.0)
            )
            trials.append(
                replace(
                    first,
                    seed=seed,
                    run=1000 * seed + first.number,
                    accuracy=accuracy,
                    best=accuracy + 0.1,
                )
            )
    return trials, tells


def finalists(count: int = 40, state: StudyState = StudyState.FINISHED) -> Snapshot:
    """Return a study with all seeds of its finalists."""
    trials, tells = with_seeds(count)
    ids = {trial.run: f"wide-{trial.run}" for trial in trials if trial.run is not None}
    return snapshot.of(study(count, state), trials, tells, ids)


def live(count: int) -> Live:
    workers = tuple(
        WorkerRow(name, "127.0.0.1", f"trial {count - 2 - at}, seed 0")
        for at, name in enumerate(WORKERS)
    )
    return Live(workers, 8_500.0, 1_325.0)


def made(count: int = 40, state: StudyState = StudyState.RUNNING, **changes: Any) -> Snapshot:
    """Return a study of `count` trials."""
    trials, tells = records(count)
    ids = {number: f"wide-{number}" for number in range(1, count + 1)}
    running = live(count) if state is StudyState.RUNNING and count > 4 else None
    return snapshot.of(study(count, state, **changes), trials, tells, ids, running)
