"""What is recorded of a study, in memory as on the disk, and the writing of one step of it."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core.runs import queries as run_queries
from core.runs.records import Run, RunState
from core.runs.store import Store
from core.runs.studies import queries
from core.runs.studies.records import StudyRecord, Tell, TrialRecord, TrialState
from core.sweeps.definition.study import Study
from core.sweeps.execution.progress import Best, best_of
from core.sweeps.pruning import Decision, Verdict, Verdicts, decide

Write = Callable[[sqlite3.Connection, Run | None], None]
"""Writes a step in a transaction, with the run of its trial if that changes with it."""

_STATES = {
    Decision.GOES_ON: TrialState.RUNNING,
    Decision.WAITS: TrialState.PAUSED,
    Decision.PRUNED: TrialState.PRUNED,
    Decision.DIVERGED: TrialState.DIVERGED,
    Decision.FAILED: TrialState.FAILED,
    Decision.FINISHED: TrialState.FINISHED,
}


class Account:
    """The record, trials and results of a study that this process has locked.

    Attributes:
        record: the study in the store.
        study: what it is.
        trials: its trials so far, by number and seed.
        tells: its results so far, in their order.
    """

    def __init__(self, store: Store, record: StudyRecord, study: Study) -> None:
        self.record, self.study, self._store = record, study, store
        self.trials = {trial.key: trial for trial in store.trials(record)}
        self.tells = store.tells(record)
        self._written: tuple[list[TrialRecord], Tell | None] = [], None
        self._best: tuple[int, Best | None] = -1, None
        self._settle()
        self.forget_reasons()

    def verdicts(self, tell: Tell | None = None, failed: TrialRecord | None = None) -> Verdicts:
        """Return what becomes of the trials with the first seed.

        Args:
            tell: a further result.
            failed: a trial that fails besides those that have.
        """
        lost = {
            trial.number
            for trial in (*self.trials.values(), *([failed] if failed else ()))
            if self.is_first(trial) and (trial is failed or trial.state is TrialState.FAILED)
        }
        return decide(self.study, [*self.tells, *([tell] if tell else ())], lost)

    def best(self) -> Best | None:
        """Return the best trial so far; None before one is trained to its end."""
        if self._best[0] != len(self.tells):
            found = best_of(self.study, self.trials.values(), self.tells)
            self._best = len(self.tells), found
        return self._best[1]

    def is_first(self, trial: TrialRecord) -> bool:
        """Return whether a trial has the first seed, whose results decide what goes on."""
        return trial.seed == self.study.seeds[0]

    def step(
        self,
        trial: TrialRecord,
        changes: dict[str, Any],
        tell: Tell | None = None,
        verdicts: Verdicts | None = None,
    ) -> Write:
        """Return what writes a step of a trial; call `written` when the transaction is over.

        Args:
            trial: the trial, which is added if it has not begun.
            changes: columns that change, besides those that follow from its run.
            tell: its result, if it has come to one.
            verdicts: what the step makes of the trials, if that may have changed.
        """

        def write(connection: sqlite3.Connection, run: Run | None) -> None:
            found = self.trials.get(trial.key)
            if found is None:
                found = queries.add_trial(connection, trial)
            values = dict(changes)
            if run is not None:
                values |= {"run": run.number, "updates": run.updates, "seconds": run.seconds}
                values["best"] = run.best_accuracy
            written = [queries.update_trial(connection, found, **values)]
            told = None if tell is None else queries.add_tell(connection, tell)
            written += self._prune_others(connection, trial, verdicts or {})
            self._written = written, told

        return write

    def _prune_others(
        self, connection: sqlite3.Connection, besides: TrialRecord, verdicts: Verdicts
    ) -> list[TrialRecord]:
        """Write that trials which waited at a rung are not among the best there."""
        written = []
        for number, verdict in verdicts.items():
            other = self.trials.get((number, self.study.seeds[0]))
            if (
                other is None
                or other.key == besides.key
                or other.state is not TrialState.PAUSED
                or verdict.decision is not Decision.PRUNED
            ):
                continue
            changes = {"state": TrialState.PRUNED, "reason": verdict.reason}
            written.append(queries.update_trial(connection, other, **changes))
            run = None if other.run is None else run_queries.find_run(connection, other.run)
            if run is not None and run.state is RunState.STOPPED:
                words = waiting_text(changes)
                run_queries.update_run(connection, run.number, reason=words)
        return written

    def do(self, write: Write, run: Run | None = None) -> None:
        """Write a step that changes no run.

        Raises:
            StoreError: if it cannot be written.
        """
        self._store.writer.do(lambda connection: write(connection, run))
        self.written()

    def written(self) -> None:
        """Take over what the last step has written, now that it is on the disk."""
        trials, told = self._written
        self.trials |= {trial.key: trial for trial in trials}
        if told is not None:
            self.tells.append(told)
        self.record = replace(self.record, trials=len(self.trials), tells=len(self.tells))
        self._written = [], None

    def change(self, **changes: Any) -> None:
        """Change columns of the record of the study.

        Raises:
            StoreError: if it cannot be written.
        """
        self.record = self._store.change_study(self.record, **changes)

    def change_unless_stopped(self, **changes: Any) -> None:
        """Change columns of the record, unless another process has asked the study to stop.

        Raises:
            StoreError: if it cannot be written.
        """
        self.record = self._store.change_unless_stopped(self.record, **changes)

    def forget_reasons(self) -> None:
        """Record that trials which were put aside can be trained, because their study goes on.

        Raises:
            StoreError: if it cannot be written.
        """
        for trial in list(self.trials.values()):
            aside = trial.state in (TrialState.PARKED, TrialState.RUNNING)
            if aside or (trial.state is TrialState.WAITING and trial.reason):
                changes = {"state": TrialState.WAITING, "reason": "", "worker": ""}
                self.do(self.step(trial, changes))

    def _settle(self) -> None:
        """Bring the states of trials into line with the results, as after a repair."""
        for number, verdict in self.verdicts().items():
            trial = self.trials.get((number, self.study.seeds[0]))
            changes = outcome(verdict)
            if trial and not trial.over and changes["state"] is not TrialState.RUNNING:
                self.do(self.step(trial, {**changes, "worker": ""}))


def outcome(verdict: Verdict) -> dict[str, Any]:
    """Return what a verdict changes of its trial."""
    return {"state": _STATES[verdict.decision], "reason": verdict.reason}


def waiting_text(changes: dict[str, Any]) -> str:
    """Return why the run of a trial stopped at a rung, for whoever looks at the run."""
    if changes["state"] is TrialState.PAUSED:
        return f"it waits at a rung of its study: {changes['reason']}"
    return f"{changes['state'].value} by its study: {changes['reason']}"
