"""More seeds for a trial of a study, beyond those that its definition plans.

The definition of the study stays as it is. The trials are added as records that wait, with the
settings of the trial and seeds that it has not had; `agenda` has them trained when the study goes
on, and `progress.best_of` takes all seeds of a trial into its mean.
"""

import sqlite3
from itertools import count

from core.errors import StoreError
from core.runs.store import Store
from core.runs.studies import queries
from core.runs.studies.records import StudyRecord, StudyState, TrialRecord, TrialState
from core.sweeps.definition.study import Study
from core.sweeps.execution.progress import best_of

MOST = 100
"""Seeds that can be added at a time."""


def add(store: Store, record: StudyRecord, more: int, number: int | None = None) -> StudyRecord:
    """Add trainings of a trial with further seeds, and return the study, which can go on.

    The other seeds of the study come first, where the trial has not had them, so that its mean is
    comparable to that of the finalists; then the smallest that are left. Seeds that were added
    before and have not begun count among them.

    Args:
        store: the store of the study.
        record: the study, on which no process works.
        more: number of seeds, from 1 to `MOST`.
        number: number of the trial; None for the best.

    Raises:
        LockedError: if another process works on the study.
        SettingError: if its definition is of another version.
        StoreError: if the trial was not trained to its end, or it cannot be written.
    """
    if not 1 <= more <= MOST:
        raise StoreError(f"{more} more seeds cannot be trained; choose 1 to {MOST}")
    study = Study.of(record.definition)
    lock = store.lock_study(record)
    try:
        trials = {trial.key: trial for trial in store.trials(record)}
        trial = _trained(store, record, study, trials, number)
        mine = [each for each in trials.values() if each.number == trial.number]
        # Added before, by a command that could not train them: asked for again, they are the same.
        waiting = sum(each.state is TrialState.WAITING and each.run is None for each in mine)
        seeds = _unused(study, {each.seed for each in mine}, max(0, more - waiting))

        def write(connection: sqlite3.Connection) -> StudyRecord:
            for seed in seeds:
                added = TrialRecord(trial.study, trial.number, seed, trial.settings)
                queries.add_trial(connection, added)
            number = waiting + len(seeds)
            what, wait = f"{number} more seeds", "wait"
            if number == 1:
                what, wait = "another seed", "waits"
            reason = f"{what} of trial {trial.number} {wait} to be trained"
            return queries.update_study(connection, record, state=StudyState.STOPPED, reason=reason)

        return store.writer.do(write)
    finally:
        lock.release()


def _trained(
    store: Store,
    record: StudyRecord,
    study: Study,
    trials: dict[tuple[int, int], TrialRecord],
    number: int | None,
) -> TrialRecord:
    """Return a trial that was trained to its end with the first seed."""
    if number is None:
        best = best_of(study, trials.values(), store.tells(record))
        if best is None:
            raise StoreError(f"no trial of {record.name} was trained to its end yet")
        return best.trial
    trial = trials.get((number, study.seeds[0]))
    if trial is None:
        raise StoreError(f"{record.name} has no trial {number} so far")
    if trial.state is not TrialState.FINISHED:
        raise StoreError(
            f"trial {number} of {record.name} was not trained to its end: it is "
            f"{trial.state.label}; more seeds are for one that is finished"
        )
    return trial


def _unused(study: Study, had: set[int], more: int) -> list[int]:
    """Return seeds that a trial has not had."""
    planned = [seed for seed in study.seeds if seed not in had]
    further = (seed for seed in count() if seed not in had and seed not in study.seeds)
    return [*planned[:more], *(next(further) for _ in range(more - len(planned)))]
