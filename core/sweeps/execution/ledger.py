"""The account of a study: what has become of every trial, on the disk before anything follows it.

Every step is one transaction: what a run has trained, what its trial has come to, what the study is
told, and what that means for the other trials. So a study that is killed between any two steps goes
on with the same command, tells nothing twice and trains nothing twice but the piece that was lost.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from core.config.experiment import MAX_NAME, Experiment
from core.errors import UserError
from core.runs.piecewise import PiecewiseRun, PiecewiseRuns
from core.runs.records import Run, RunState
from core.runs.studies.records import Tell, TrialRecord, TrialState
from core.settings import SettingError
from core.sweeps.execution.account import Account, Write, outcome, waiting_text
from core.sweeps.execution.agenda import added, agenda, is_over
from core.sweeps.execution.executor import Key
from core.sweeps.pruning import Verdicts
from core.sweeps.sampler import Sampler, SpaceExhaustedError
from core.training.piece import PieceResult

MAX_DEATHS = 3
"""Deaths of its worker after which a trial is not tried again."""


class Ledger:
    """The trials and results of one study, which this process has locked.

    Args:
        account: what is recorded of it.
        runs: begins the runs of its trials.

    Attributes:
        notes: remarks for the user since they were last taken, one sentence each.
    """

    def __init__(self, account: Account, runs: PiecewiseRuns) -> None:
        self.account, self.study, self.runs = account, account.study, runs
        self._store = runs.store
        self.notes: list[str] = []
        self._sampler = Sampler(self.study)
        self._rungs: dict[Key, tuple[int, ...]] = {}

    # Reading

    @property
    def trials(self) -> dict[Key, TrialRecord]:
        """The trials so far, by number and seed."""
        return self.account.trials

    @property
    def over(self) -> bool:
        """Whether nothing is left to be trained."""
        return is_over(self.study, self.trials, self.account.tells)

    def next(self, busy: set[Key]) -> Key | None:
        """Return the trial to be trained next, other than those that are `busy`."""
        keys = agenda(self.study, self.trials, self.account.tells, self.account.verdicts())
        return next((key for key in keys if key not in busy), None)

    def waiting(self, busy: set[Key], most: int) -> int:
        """Return how many trials can be trained now other than those that are `busy`, to `most`."""
        keys = agenda(self.study, self.trials, self.account.tells, self.account.verdicts())
        return sum(1 for _ in islice((key for key in keys if key not in busy), most))

    def next_added(self, busy: set[Key]) -> Key | None:
        """Return the next trial of those that were asked for besides the study's own."""
        return next((key for key in self._added() if key not in busy), None)

    @property
    def has_added(self) -> bool:
        """Whether there are such trials that are not over."""
        return any(True for _ in self._added())

    def _added(self) -> Iterator[Key]:
        return added(self.study, self.trials)

    def experiment(self, trial: TrialRecord) -> Experiment:
        """Return what a trial trains.

        Raises:
            SettingError: if its settings do not go together.
        """
        dataset = self.runs.dataset
        name = f"{self.study.name[: MAX_NAME - 7]}-{trial.number}"
        return self.study.experiment(
            trial.settings, trial.seed, dataset.name, len(dataset.train), name
        )

    def rungs(self, trial: TrialRecord) -> tuple[int, ...]:
        """Return the updates after which a trial tells its results; a finalist does at its end."""
        if trial.key not in self._rungs:
            rungs = self.study.rungs(self.experiment(trial))
            first = self.account.is_first(trial)
            self._rungs[trial.key] = rungs if first else rungs[-1:]
        return self._rungs[trial.key]

    def rung(self, trial: TrialRecord) -> int:
        """Return the number of the rung that a trial trains towards, from 0."""
        return trial.rung if self.account.is_first(trial) else len(self.study.shares) - 1

    def until(self, trial: TrialRecord) -> int:
        """Return the number of updates of its run at which a trial tells its next result."""
        rungs = self.rungs(trial)
        return rungs[min(trial.rung, len(rungs) - 1)]

    # Steps

    def open(self, key: Key) -> PiecewiseRun | None:
        """Begin a trial or go on with it.

        Returns:
            Its run, locked; None if there is nothing to train, and its record says why.

        Raises:
            StoreError: if another process works on its run, or it cannot be written.
        """
        trial = self.trials.get(key) or self._drawn(*key)
        if trial.over:
            return None
        run = self._run_of(trial)
        if run is not None and run.state is RunState.FINISHED:
            # Somebody has resumed it by hand.
            self._tell_from(trial, run)
            return None
        working = {"state": TrialState.RUNNING, "reason": ""}
        if run is None:
            try:
                held = self.runs.begin(self.experiment(trial), self.account.step(trial, working))
            except SettingError as error:
                self._end_without_run(trial, str(error))
                return None
        else:
            held = self.runs.go_on(run, self.account.step(trial, working))
        self.account.written()
        self.notes.extend(held.notes)
        return held

    def take(self, key: Key, held: PiecewiseRun, worker: str) -> Callable[[], None] | None:
        """Take account of the piece that was added to a run.

        Args:
            key: the trial.
            held: its run, with the piece.
            worker: who trained the piece.

        Returns:
            What writes it to the disk if the trial goes on at once: the next piece may begin
            before. None if that is done, because what follows depends on it.
        """
        trial, piece = self.trials[key], held.piece
        assert piece is not None
        tell = self._result(trial, held, piece)
        if tell is None:
            # Whatever kept it from running is over.
            working = {"state": TrialState.RUNNING, "worker": worker, "reason": ""}
            also = self.account.step(trial, working)
            return lambda: self._commit(held, also)
        changes, verdicts = self._told(trial, tell)
        goes_on = changes["state"] is TrialState.RUNNING
        also = self.account.step(trial, {**changes, "worker": worker * goes_on}, tell, verdicts)
        self._commit(held, also, stop=None if goes_on else waiting_text(changes))
        return None

    def lose(self, key: Key, held: PiecewiseRun, worker: str) -> bool:
        """Record that the worker of a trial died; return whether the trial goes on.

        Raises:
            StoreError: if it cannot be written.
        """
        trial = self.trials[key]
        deaths = trial.deaths + 1
        if deaths < MAX_DEATHS:
            words = f"worker {worker} died; it goes on with another"
            self.notes.append(
                f"worker {worker} died; trial {trial.number}, seed {trial.seed} goes on "
                "with another"
            )
            self.account.do(
                self.account.step(trial, {"deaths": deaths, "worker": "", "reason": words})
            )
            return True
        self.fail(key, held, f"its worker died {deaths} times", deaths=deaths)
        return False

    def fail(self, key: Key, held: PiecewiseRun, why: str, **changes: Any) -> None:
        """Record that a trial cannot be trained, with the end of its run.

        Raises:
            StoreError: if it cannot be written.
        """
        trial = self.trials[key]
        changes = {**changes, "state": TrialState.FAILED, "reason": why, "worker": ""}
        also = self.account.step(trial, changes, verdicts=self.account.verdicts(failed=trial))
        held.stop(why, also, state=RunState.FAILED)
        self.account.written()

    def park(self, key: Key, held: PiecewiseRun, why: str) -> None:
        """Record that a trial waits, to go on later from its last checkpoint.

        Raises:
            StoreError: if it cannot be written.
        """
        changes = {"state": TrialState.PARKED, "reason": why, "worker": ""}
        held.stop(why, self.account.step(self.trials[key], changes))
        self.account.written()

    # Within a step

    def _commit(self, held: PiecewiseRun, write: Write, stop: str | None = None) -> None:
        held.commit(write, stop=stop)
        self.account.written()

    def _drawn(self, number: int, seed: int) -> TrialRecord:
        """Return a trial that has not begun, with its settings."""
        first = self.trials.get((number, self.study.seeds[0]))
        if first is not None:
            settings = first.settings
        else:
            if self.study.sampler != "random":
                asked = {
                    trial.number: trial.settings
                    for trial in self.trials.values()
                    if trial.settings  # one that failed for want of settings has none
                }
                self._sampler = Sampler(self.study, self.account.tells, asked)
            try:
                settings = self._sampler.settings(number)
            except SpaceExhaustedError as error:
                trial = TrialRecord(self.account.record.number, number, seed, {})
                self._end_without_run(trial, str(error))
                return self.trials[trial.key]
        return TrialRecord(self.account.record.number, number, seed, settings)

    def _run_of(self, trial: TrialRecord) -> Run | None:
        """Return the run of a trial; None if it has none that can be gone on with."""
        if trial.run is None:
            return None
        run = self._store.find_existing(trial.run)
        if run is None:
            self.notes.append(f"the run of trial {trial.number} was deleted; it begins again")
            return None
        if self._store.edits(run):
            self.notes.append(
                f"{run.id} was edited and is no longer trial {trial.number}, which begins again"
            )
            return None
        return run

    def _result(self, trial: TrialRecord, held: PiecewiseRun, piece: PieceResult) -> Tell | None:
        """Return the result that a trial has reached with a piece; None if it has not."""
        rung, until = self.rung(trial), self.until(trial)
        place = self.account.record.number, 0, trial.number, trial.seed, rung
        if piece.failed is not None:
            return Tell(*place, piece.failed.update, None, None)
        if piece.result is not None:
            result = piece.result
            return Tell(*place, result.updates, result.validation_accuracy, result.validation_loss)
        found = held.accuracy_at(until) if held.updates >= until else None
        return Tell(*place, until, *found) if found else None

    def _told(self, trial: TrialRecord, tell: Tell) -> tuple[dict[str, Any], Verdicts]:
        """Return what a result changes of its trial, and what it makes of the others."""
        verdicts = self.account.verdicts(tell)
        changes: dict[str, Any] = {"rung": tell.rung + 1, "accuracy": tell.accuracy, "reason": ""}
        if self.account.is_first(trial):
            changes |= outcome(verdicts[trial.number])
        else:
            diverged = tell.accuracy is None
            changes["state"] = TrialState.DIVERGED if diverged else TrialState.FINISHED
        return changes, verdicts

    def _tell_from(self, trial: TrialRecord, run: Run) -> None:
        """Tell the result of a trial from the record of a run that is finished."""
        until, result = self.until(trial), run.result or {}
        columns = self._store.history(run).evaluations.read()
        at = (columns["update"] == until).nonzero()[0]
        if until == run.total:
            found = result.get("validation_accuracy"), result.get("validation_loss")
        elif len(at):
            names = ("validation_accuracy", "validation_loss")
            found = tuple(float(columns[name][at[0]]) for name in names)  # type: ignore[assignment]
        else:
            self._end_without_run(trial, f"{run.id} has no evaluation after {until:,} updates")
            return
        place = self.account.record.number, 0, trial.number, trial.seed, self.rung(trial)
        tell = Tell(*place, until, *found)
        changes, verdicts = self._told(trial, tell)
        self.account.do(self.account.step(trial, changes, tell, verdicts), run)

    def _end_without_run(self, trial: TrialRecord, why: str) -> None:
        changes = {"state": TrialState.FAILED, "reason": why, "worker": ""}
        self.account.do(
            self.account.step(trial, changes, verdicts=self.account.verdicts(failed=trial))
        )


def failure(error: Exception) -> str:
    """Return why a piece could not be trained, in a sentence for the user."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, MemoryError):
        return "there is not enough memory for it"
    return f"{type(error).__name__}: {error}".rstrip(": ")
