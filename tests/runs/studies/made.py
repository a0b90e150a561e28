"""Studies for tests, with trials and results that nobody trained."""

from typing import Any

from core.runs.store import Store
from core.runs.studies import queries
from core.runs.studies.records import StudyRecord, Tell, TrialRecord, TrialState

DEFINITION: dict[str, Any] = {
    "name": "rates",
    "trials": 3,
    "seeds": [0, 1],
    "fixed": {"architecture": [{"kind": "linear", "units": 10}]},
    "space": {"eta_max": {"log": [0.001, 0.1]}, "batch_size": {"choice": [20, 40]}},
}
HASH = "ab" * 32


def trial(study: StudyRecord, number: int = 0, **values: Any) -> TrialRecord:
    """Return a trial that waits to begin."""
    facts: dict[str, Any] = {
        "seed": 0,
        "settings": {"eta_max": 0.01 * (number + 1), "batch_size": 20},
    }
    return TrialRecord(study.number, number, **{**facts, **values})


def tell(study: StudyRecord, number: int = 0, rung: int = 0, **values: Any) -> Tell:
    """Return a result."""
    facts: dict[str, Any] = {"seed": 0, "update": 10, "accuracy": 0.5, "loss": 1.25}
    return Tell(study.number, 0, number, rung=rung, **{**facts, **values})


def recorded_study(store: Store, count: int = 3, name: str = "rates") -> StudyRecord:
    """Return a study of which every trial is finished, in the order 2, 1, 0."""
    study = store.create_study(name, {**DEFINITION, "name": name}, HASH)

    def job(connection: Any) -> None:
        for number in range(count):
            values: dict[str, Any] = {"state": TrialState.FINISHED, "rung": 1, "run": number + 1}
            queries.add_trial(connection, trial(study, number, **values))
        for number in reversed(range(count)):
            queries.add_tell(connection, tell(study, number, accuracy=number / 10))

    store.writer.do(job)
    return store.study(study.number)
