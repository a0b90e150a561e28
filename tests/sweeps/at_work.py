"""Small studies for tests, at work on little data."""

import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from core.data.dataset import Dataset
from core.runs.checkpoint import load_checkpoint
from core.runs.folder import RunFolder
from core.runs.store import Store
from core.runs.studies.records import StudyRecord, TrialRecord
from core.sweeps.definition.study import Study
from core.sweeps.execution.executor import InProcess
from core.sweeps.execution.run import Sweep
from tests.runs.made import EXPERIMENT, loader, losses
from tests.runs.test_resume import state_bytes

SPACE = {"eta_max": {"log": [0.001, 0.1]}, "batch_size": {"choice": [20, 40]}}

HALVING = {"pruning": {"kind": "halving", "first": 0.25, "factor": 2}, "finalists": 1}


def study(**values: Any) -> Study:
    base = EXPERIMENT.changed(training_sample=100).model_dump(mode="json")
    defaults = {"trials": 4, "finalists": 2, "seeds": [0, 1], "updates": 20}
    return Study.of({"name": "rates", "base": base, "space": SPACE, **defaults, **values})


@contextmanager
def in_process(dataset: Dataset) -> Iterator[InProcess]:
    with closing(InProcess(dataset.without_test())) as executor:
        yield executor


def swept(dataset: Dataset, root: Path, made: Study, **more: Any) -> Sweep:
    """Run a study to wherever it comes."""
    sweep = Sweep(made, Store(root), **more)
    images = sweep.load(loader(dataset))
    with in_process(dataset) as executor:
        sweep.run(images, executor)
    return sweep


def outcome(store: Store, record: StudyRecord) -> dict[tuple[int, int], Any]:
    """Return what every trial came to, without times and without numbers of runs."""
    tells = {
        (tell.trial, tell.seed, tell.rung): (tell.update, tell.accuracy, tell.loss)
        for tell in store.tells(record)
    }
    return {
        trial.key: (
            trial.settings,
            trial.state,
            trial.rung,
            trial.accuracy,
            trial.best,
            trial.updates,
            [tells[key] for key in sorted(tells) if key[:2] == trial.key],
            trained(store, trial),
        )
        for trial in store.trials(record)
    }


def trained(store: Store, trial: TrialRecord) -> Any:
    """Return the curves of a trial and a hash of its last weights; None if it has no run."""
    run = next((run for run in store.runs() if run.number == trial.run), None)
    if run is None:
        return None
    digest = hashlib.sha256()
    for path in RunFolder(store.folder(run)).numbered()[:1]:
        for name, content in sorted(state_bytes(load_checkpoint(path).state).items()):
            digest.update(name.encode() + content)
    return run.state, losses(store.history(run)), digest.hexdigest()
