"""The loop of a study: hands out pieces of its trials and takes account of what comes back.

Which piece is next is a function of what is recorded (`agenda`), and every step is on the disk
before the next (`ledger`). So a study that ends in any way goes on from there.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from math import inf

from core.errors import LockedError, StoreError
from core.runs.piecewise import PiecewiseRun
from core.runs.records import Run, RunState
from core.runs.store import Store
from core.runs.studies.records import StudyState
from core.sweeps.execution import ending
from core.sweeps.execution.executor import Ended, Executor, Job, Key
from core.sweeps.execution.ledger import Ledger, failure
from core.sweeps.execution.progress import Progress, Speed, share_done
from core.training.control import Control

PIECE_S, LONGEST_S = 3.0, 10.0
"""Seconds of a piece: what a lost worker costs at most, and how often a trial is saved. Large
networks have longer ones, but none that a stop would not wait for."""

PARAMETERS_PER_S = 150_000
"""Parameters of a network for each second of its pieces: two to three times as many values come
back with each, and are written to the disk."""

LOOK_S = 0.25
"""Seconds between two looks at requests to pause and stop."""

SHOW_S = 1.0
"""Seconds after which the progress is told even if nothing has ended: who works on what changes."""

SAVE_S = 2.0
"""Seconds after which the time of a study is saved: a kill loses no more of it."""

GRACE_S, INTERRUPTED_S = 10.0, 2.0
"""Seconds that a stop, and an interruption, waits for the pieces that are out."""

RETRY_S = 5.0
"""Seconds until a trial is tried again whose run another process has locked."""


def piece_seconds(run: Run) -> float:
    """Return how long the pieces of a run are."""
    return min(LONGEST_S, max(PIECE_S, run.parameters / PARAMETERS_PER_S))


class Loop:
    """Trains one study until it is over, or is stopped.

    Args:
        store: the store of the study, which another process may write requests to.
        ledger: its account.
        executor: trains its pieces.
        control: stops and pauses it from any thread.
        listen: called with the progress after every step; must not block.
    """

    def __init__(
        self,
        store: Store,
        ledger: Ledger,
        executor: Executor,
        control: Control,
        listen: Callable[[Progress], None],
    ) -> None:
        self._store, self._ledger, self._executor = store, ledger, executor
        self._account, self._study = ledger.account, ledger.study
        self._control, self._listen = control, listen
        self._held: dict[Key, PiecewiseRun] = {}
        self._begun: dict[Key, int] = {}
        """Updates of the runs where their pieces that are out begin."""
        self._pace: dict[Key, float] = {}
        """Updates per second of the latest pieces of trials."""
        self._locked: dict[Key, float] = {}
        """When to try trials again whose runs are locked elsewhere."""
        self._speed, self._since = Speed(), time.monotonic()
        self._shown = self._since
        """When the progress was told last."""
        self._out_of_time = False
        self._paused_by = ""
        """What has to end a pause: `control`, `record` of the study, or empty if there is none."""

    def run(self) -> None:
        """Train until the study is over, or is stopped."""
        while True:
            if ends := self._ends():
                self._drain()
                self.end(*ends())
                return
            if not self._paused_by:
                self._hand_out()
                if not (self._held or self._locked):
                    self._conclude()
                    return
            for ended in self._executor.wait(LOOK_S):
                self._take(ended)
            if not self._paused_by and time.monotonic() - self._shown >= SHOW_S:
                self._show()
            if self._elapsed() >= SAVE_S:
                self._account.change(**self._seconds())

    def end(self, state: StudyState, why: str) -> None:
        """Put the trials that are out aside, and record how the study stands."""
        stopped = state is StudyState.STOPPED
        self._park("its study was stopped" if stopped else f"its study {state.value}: {why}")
        self._account.change(state=state, reason=why, **self._seconds())
        self._show()

    def give_up(self, error: BaseException) -> None:
        """Put everything aside because of an error, as far as that can be written."""
        self._executor.abandon()
        self._begun.clear()
        state, why = StudyState.STOPPED, "it was interrupted"
        if isinstance(error, Exception):
            state, why = StudyState.FAILED, failure(error)
        # The first error counts. A trial that cannot be put aside has crashed, and goes on, too.
        with suppress(StoreError):
            self.end(state, why)

    # Requests

    def _ends(self) -> Callable[[], ending.End] | None:
        """Return how the study ends before all is trained; handle requests to pause.

        It is to be called when what is out has come in, for that may be a result.
        """
        if self._control.stopping:
            return ending.by_request
        # Once a round, so that it is not over here and over where trials are handed out.
        self._out_of_time = self._left() <= 0
        if self._out_of_time and not self._ledger.has_added:
            return partial(ending.of_time, self._account, self._study.wall_seconds or 0.0)
        # Another process asks by the record itself.
        asked = self._store.study(self._account.record.number).state
        if asked is StudyState.STOPPED:
            return ending.by_request
        if not self._paused_by:
            if self._control.paused or asked is StudyState.PAUSED:
                self._pause("control" if self._control.paused else "record")
        elif asked is StudyState.RUNNING or (
            self._paused_by == "control" and not self._control.paused
        ):
            # Whoever paused it here is overruled by another process that has it go on.
            self._control.resume()
            self._paused_by, self._since = "", time.monotonic()
            self._account.change_unless_stopped(state=StudyState.RUNNING, reason="")
            self._account.forget_reasons()
            self._show()
        return None

    def _pause(self, by: str) -> None:
        self._drain()
        self._park("its study is paused")
        self._account.change_unless_stopped(
            state=StudyState.PAUSED, reason="it was paused", **self._seconds()
        )
        self._paused_by = by
        self._show()

    def _park(self, why: str) -> None:
        for key in list(self._held):
            self._ledger.park(key, self._held.pop(key), why)

    def _drain(self) -> None:
        """Wait a little for the pieces that are out, and give up the others."""
        self._executor.hurry()
        grace = INTERRUPTED_S if self._control.interrupted else GRACE_S
        end = time.monotonic() + grace
        while self._begun and time.monotonic() < end:
            for ended in self._executor.wait(LOOK_S):
                self._take(ended, last=True)
        self._executor.abandon()
        self._begun.clear()

    def _conclude(self) -> None:
        """Record that all is trained."""
        if not self._ledger.over:
            self.end(StudyState.FAILED, "none of its trials can go on")
        else:
            self.end(*ending.of_all(self._account))

    # Pieces

    def _hand_out(self) -> None:
        """Give out pieces while there are workers and trials for them."""
        now = time.monotonic()
        self._locked = {key: until for key, until in self._locked.items() if until > now}
        while len(self._begun) < self._executor.slots + self._ending():
            # The time of a study is for what it plans, not for seeds that were asked for since.
            of = self._ledger.next_added if self._out_of_time else self._ledger.next
            key = of({*self._held, *self._locked})
            if key is None:
                return
            try:
                held = self._ledger.open(key)
            except LockedError as error:
                self._locked[key] = now + RETRY_S
                self._show(str(error))
                continue
            if held is not None:
                self._held[key] = held
                self._submit(key, "")
            self._show()

    def _ending(self) -> int:
        """Return how many of the pieces that are out will bring their trials to a rung, or the end.

        What follows these depends on what is written then. So that their workers need not wait for
        it, another trial is handed out before. TPE would know less if it were asked so early.
        """
        if self._study.sampler != "random":
            return 0
        return sum(
            held.updates + self._pace.get(key, 0.0) * piece_seconds(held.run) >= self._until(key)
            for key, held in self._held.items()
            if key in self._begun
        )

    def _until(self, key: Key) -> int:
        return self._ledger.until(self._ledger.trials[key])

    def _submit(self, key: Key, worker: str) -> None:
        held, until = self._held[key], self._until(key)
        # A run that went past its rung without an evaluation there makes up for it, and one more.
        until = max(until, min(held.updates + 1, held.timeline.updates))
        self._begun[key] = held.updates
        job = Job(
            key,
            held.timeline,
            held.state,
            held.end_of_piece(until),
            self._piece_seconds(held.run),
            held.evaluated,
            held.best,
            worker,
            self._beside(),
        )
        self._executor.submit(job)

    def _piece_seconds(self, run: Run) -> float:
        """Return how long a piece is: not far beyond the time of the study."""
        seconds, left = piece_seconds(run), self._left()
        return seconds if self._ledger.has_added else min(seconds, max(left, LOOK_S))

    def _beside(self) -> int:
        """Return how many trials can be trained now, those that are out among them."""
        free = self._executor.slots - len(self._held)
        busy = {*self._held, *self._locked}
        return len(self._held) + (self._ledger.waiting(busy, free) if free > 0 else 0)

    def _take(self, ended: Ended, last: bool = False) -> None:
        """Take account of a piece that has ended.

        Args:
            ended: the piece.
            last: whether no further one is to be handed out.
        """
        key, held = ended.key, self._held[ended.key]
        begun = self._begun.pop(key)
        if ended.piece is not None:
            held.add(ended.piece)
            done = held.updates - begun
            self._speed.add(done * held.timeline.experiment.batch_size)
            self._pace[key] = done / max(ended.piece.seconds, 1e-3)
            write = self._ledger.take(key, held, ended.worker)
            if held.run.state is not RunState.RUNNING:
                del self._held[key]
            elif not last:
                # Before this piece is on the disk, for which no worker waits.
                self._submit(key, ended.worker)
            if write is not None:
                write()
        elif ended.lost:
            if not self._ledger.lose(key, held, ended.worker):
                del self._held[key]
            elif not last:
                self._submit(key, "")
        else:
            assert ended.error is not None
            del self._held[key]
            self._ledger.fail(key, held, failure(ended.error))
        self._show()

    # What is told

    def _left(self) -> float:
        """Return the seconds that the study may go on for; infinity if it has no limit."""
        limit = self._study.wall_seconds
        return inf if limit is None else limit - self._account.record.seconds - self._elapsed()

    def _elapsed(self) -> float:
        """Return the seconds at work since they were last recorded."""
        return 0.0 if self._paused_by else time.monotonic() - self._since

    def _seconds(self) -> dict[str, float]:
        """Return the time of the study so far, as a change of its record."""
        seconds, self._since = self._account.record.seconds + self._elapsed(), time.monotonic()
        return {"seconds": seconds}

    def _show(self, *more: str) -> None:
        ledger, self._shown = self._ledger, time.monotonic()
        notes, ledger.notes = (*ledger.notes, *self._executor.notes(), *more), []
        trials = tuple(ledger.trials[key] for key in sorted(ledger.trials))
        out = {key: held.updates / held.timeline.updates for key, held in self._held.items()}
        share = share_done(self._study, trials, out)
        seconds = self._account.record.seconds + self._elapsed()
        self._listen(
            Progress(
                self._account.record,
                trials,
                tuple(self._executor.workers()),
                self._account.best(),
                self._speed.images_per_second(),
                seconds / share * (1 - share) if share > 0 else None,
                notes,
                share,
            )
        )
