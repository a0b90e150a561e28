"""The interface between the UI thread and the worker thread.

The UI thread never waits for the worker. It reads values that change many times a second from the
shared history on a timer; only rare events are posted as messages. One job runs at a time, on one
daemon thread; a new one can start only after the old one has ended.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from core.errors import NO_THREAD, UserError
from core.training.control import Control
from core.training.events import (
    Event,
    Failed,
    HealthMeasured,
    Paused,
    Resumed,
    Started,
    UpdateDone,
)
from tui import shutdown
from tui.worker.errors import reason_of
from tui.worker.hold import Hold
from tui.worker.jobs import Jobs, StartCheck
from tui.worker.messages import JobState, JobStateChanged, TrainingEvent
from tui.worker.sweeping import SweepOrder

if TYPE_CHECKING:
    from core.benchmark.settings import BenchSettings
    from core.checks.settings import CheckSettings
    from core.config.experiment import Experiment
    from core.reproduce.plan import StudySettings
    from core.runs.records import Run
    from core.runs.session import Session
    from core.settings import Value
    from core.training.lr_finder import RangeSettings


class BusyError(UserError):
    """A job is running; the message says which key ends it."""


class JobRunner(Jobs):
    """Owns the worker thread and its job.

    Args:
        post: posts a message to the app, from any thread.
    """

    def __init__(self, post: Callable[[Message], object]) -> None:
        super().__init__(post)
        self._thread: threading.Thread | None = None
        self._states = threading.RLock()
        """Lock for reading and changing the state, which both threads do."""
        self._control = Control()
        self.hold = Hold()
        """Lets a training wait for the screen."""
        self.state = JobState.IDLE
        self.session: Session | None = None
        """The latest training, running or over; None before the first."""

    @property
    def busy(self) -> bool:
        """Whether a job is running, paused or about to end."""
        return self.state is not JobState.IDLE

    @property
    def refusal(self) -> str:
        """Why no job can begin now, in a line; empty if one can."""
        return self.state.refusal

    @property
    def saving(self) -> bool:
        """Whether a run is being written whose end is not saved yet."""
        from core.runs.session import store

        return store().writer.saving

    def train(self, experiment: Experiment, data: Path | None, threads: int | None = None) -> None:
        """Start a training on the worker thread.

        Raises:
            BusyError: if a job is running.
        """
        from core.runs.session import Session

        self._begin(Session(experiment, data, threads))

    def go_on(self, run: Run, data: Path | None, threads: int | None = None) -> None:
        """Resume a run on the worker thread.

        Raises:
            BusyError: if a job is running.
            DamagedError: if its settings cannot be read.
        """
        from core.runs.session import Session

        self._begin(Session.resume(run, data, threads))

    def open(self, session: Session) -> None:
        """Replace the latest training by a saved run.

        Raises:
            BusyError: if a job is running.
        """
        if self.busy:
            raise BusyError(self.refusal)
        self.session = session

    def _begin(self, session: Session) -> None:
        self._launch(JobState.LOADING, session.control, lambda: self._train(session))
        self.session = session

    def fetch(self) -> None:
        """Start to download CIFAR-10 into the data folder.

        Raises:
            BusyError: if a job is running.
        """
        control = Control()
        self._launch(JobState.FETCHING, control, lambda: self._fetch(control))

    def check(
        self,
        experiment: Experiment,
        check: CheckSettings,
        data: Path | None,
        scale: str | None = None,
    ) -> None:
        """Start a gradient check on the worker thread.

        Raises:
            BusyError: if a job is running.
        """
        control = Control()
        self._launch(
            JobState.CHECKING, control, lambda: self._check(experiment, check, data, scale, control)
        )

    def bench(self, settings: BenchSettings, data: Path | None) -> None:
        """Start a benchmark on the worker thread.

        Raises:
            BusyError: if a job is running.
        """
        control = Control()
        self._launch(JobState.MEASURING, control, lambda: self._bench(settings, data, control))

    def profile(self, experiment: Experiment, data: Path | None) -> None:
        """Start to time the layers of a network on the worker thread.

        Raises:
            BusyError: if a job is running.
        """
        control = Control()
        self._launch(JobState.MEASURING, control, lambda: self._profile(experiment, data, control))

    def reproduce(
        self, settings: StudySettings, data: Path | None, threads: int | None = None
    ) -> None:
        """Start or continue the reproduction of the published results on the worker thread.

        Raises:
            BusyError: if a job is running.
        """
        control = Control()
        self._launch(
            JobState.REPRODUCING,
            control,
            lambda: self._reproduce(settings, data, threads, control),
        )

    def start_sweep(self, order: SweepOrder, data: Path | None, threads: int | None = None) -> None:
        """Start or continue a study of settings on the worker thread.

        Raises:
            BusyError: if a job is running.
        """
        control = Control()
        self._launch(JobState.SWEEPING, control, lambda: self._sweep(order, data, threads, control))
        self.sweep = order

    def find_rates(
        self,
        experiment: Experiment,
        settings: RangeSettings,
        data: Path | None,
        threads: int | None = None,
    ) -> None:
        """Start a learning-rate range test on the worker thread.

        Raises:
            BusyError: if a job is running.
        """
        if not self.busy:
            self.ranged = self.not_ranged = None
        control = Control()
        self._launch(
            JobState.RANGING,
            control,
            lambda: self._find_rates(experiment, settings, data, threads, control),
        )

    def check_start(self, experiment: Experiment, data: Path | None) -> None:
        """Start the check before a training on the worker thread.

        Raises:
            BusyError: if a job is running.
        """
        if not self.busy:
            self.started = StartCheck()
        control = Control()
        self._launch(JobState.TRYING, control, lambda: self._check_start(experiment, data, control))

    def pause(self) -> None:
        """Pause the training before its next update, or the study after the pieces that run."""
        with self._states:
            if self.state in (JobState.RUNNING, JobState.SWEEPING):
                self._control.pause()
            if self.state is JobState.SWEEPING:
                self._change(JobState.SWEEP_PAUSED)

    def resume(self) -> None:
        """Resume a paused training or study."""
        with self._states:
            if self.state in (JobState.PAUSED, JobState.RUNNING, JobState.SWEEP_PAUSED):
                self._control.resume()
            if self.state is JobState.SWEEP_PAUSED:
                self._change(JobState.SWEEPING)

    def edit(self, changes: Mapping[str, Value]) -> None:
        """Change settings of the training before its next update."""
        if self.state in (JobState.RUNNING, JobState.PAUSED):
            self._control.edit(changes)

    def stop(self) -> None:
        """Request the job to stop; a training is saved as far as it went."""
        with self._states:
            if self.busy:
                self._change(JobState.STOPPING)
                self._control.stop()

    def end(self) -> bool:
        """Stop the job without evaluating the network, because the program is about to exit.

        A training is saved as far as it went, if the disk allows it.

        Returns:
            Whether the job has ended.
        """
        with self._states:
            if self.busy:
                self._change(JobState.STOPPING)
                self._control.interrupt()
        thread = self._thread
        if thread is None:
            return True

        def over(seconds: float) -> bool:
            thread.join(seconds)
            return not thread.is_alive()

        return shutdown.job_ended(over, self._control)

    def _launch(self, state: JobState, control: Control, work: Callable[[], None]) -> None:
        if self.busy:
            raise BusyError(self.refusal)
        self._control, self.reading = control, None
        self._change(state)

        def job() -> None:
            try:
                work()
            finally:
                self._free_memory()
                self._change(JobState.IDLE)

        thread = threading.Thread(target=job, name="convsole-worker", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            self._change(JobState.IDLE)
            raise BusyError(NO_THREAD) from None
        self._thread = thread

    def _train(self, session: Session) -> None:
        def work() -> None:
            if session.earlier is not None:
                session.past_events = session.store.events(session.earlier)
            session.run(lambda event: self._on_event(session, event), self._load)

        reason = reason_of(work)
        if reason is not None:
            failed = Failed(len(session.history.updates), reason)
            self._post(TrainingEvent(session, failed))

    def _on_event(self, session: Session, event: Event) -> None:
        if isinstance(event, HealthMeasured):
            return  # frequent, and the history contains it
        if isinstance(event, UpdateDone):
            self.hold.wait()
            return
        with self._states:
            if not session.control.stopping:
                if isinstance(event, Started | Resumed):
                    self._change(JobState.RUNNING)
                elif isinstance(event, Paused):
                    self._change(JobState.PAUSED)
        self._post(TrainingEvent(session, event))

    def _on_live(self, control: Control) -> None:
        with self._states:
            # Another process can end a pause.
            if self.state is JobState.SWEEP_PAUSED and not control.paused:
                self._change(JobState.SWEEPING)

    def _change(self, state: JobState) -> None:
        with self._states:
            self.state = state
            self._post(JobStateChanged(state))
