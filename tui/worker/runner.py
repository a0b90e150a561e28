"""The one place where the worker thread and the screen meet.

The screen never waits for the worker. What changes many times a second is read from the shared
history on a timer; only what happens rarely is posted as a message. One job runs at a time, on one
daemon thread; a new one waits until the old one has said that it is over.
"""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from textual.message import Message

from core.benchmark.settings import BenchSettings
from core.checks.settings import CheckSettings
from core.config.experiment import Experiment
from core.errors import NO_THREAD, UserError
from core.reproduce.plan import StudySettings
from core.runs.records import Run
from core.runs.session import Session, store
from core.settings import Value
from core.training.control import Control
from core.training.events import Event, Failed, Paused, Resumed, Started, UpdateDone
from core.training.lr_finder import RangeSettings
from tui import shutdown
from tui.worker.errors import reason_of
from tui.worker.jobs import Jobs
from tui.worker.messages import JobState, JobStateChanged, TrainingEvent


class BusyError(UserError):
    """A job is running; the message says which key ends it."""


class JobRunner(Jobs):
    """Owns the worker thread and the job in it.

    Args:
        post: takes a message to the screen, from any thread.
    """

    def __init__(self, post: Callable[[Message], object]) -> None:
        super().__init__(post)
        self._thread: threading.Thread | None = None
        self._states = threading.RLock()
        """Held while the state is looked at and changed: both threads do."""
        self._control = Control()
        self.state = JobState.IDLE
        self.session: Session | None = None
        """The latest training, running or over; None before the first."""

    @property
    def busy(self) -> bool:
        """Whether a job is running, paused or about to end."""
        return self.state is not JobState.IDLE

    @property
    def keeping(self) -> bool:
        """Whether a run is being kept, whose end is still to be written."""
        return store().writer.saving

    def train(self, experiment: Experiment, data: Path | None, threads: int | None = None) -> None:
        """Begin a training on the worker thread.

        Raises:
            BusyError: if a job is there already.
        """
        self._begin(Session(experiment, data, threads))

    def go_on(self, run: Run, data: Path | None, threads: int | None = None) -> None:
        """Begin to go on with a run on the worker thread.

        Raises:
            BusyError: if a job is there already.
            DamagedError: if its settings cannot be had.
        """
        self._begin(Session.resume(run, data, threads))

    def open(self, session: Session) -> None:
        """Let a run that is over take the place of the latest training.

        Raises:
            BusyError: if a job is there.
        """
        if self.busy:
            raise BusyError(f"something is under way: the app {self.state.doing}; x stops it")
        self.session = session

    def _begin(self, session: Session) -> None:
        self._launch(JobState.LOADING, session.control, lambda: self._train(session))
        self.session = session

    def fetch(self) -> None:
        """Begin to download CIFAR-10 into the data folder.

        Raises:
            BusyError: if a job is there already.
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
        """Begin a gradient check on the worker thread.

        Raises:
            BusyError: if a job is there already.
        """
        control = Control()
        self._launch(
            JobState.CHECKING, control, lambda: self._check(experiment, check, data, scale, control)
        )

    def bench(self, settings: BenchSettings, data: Path | None) -> None:
        """Begin a benchmark on the worker thread.

        Raises:
            BusyError: if a job is there already.
        """
        control = Control()
        self._launch(JobState.MEASURING, control, lambda: self._bench(settings, data, control))

    def profile(self, experiment: Experiment, data: Path | None) -> None:
        """Begin to time the layers of a network on the worker thread.

        Raises:
            BusyError: if a job is there already.
        """
        control = Control()
        self._launch(JobState.MEASURING, control, lambda: self._profile(experiment, data, control))

    def reproduce(
        self, settings: StudySettings, data: Path | None, threads: int | None = None
    ) -> None:
        """Begin to reproduce the published results on the worker thread, or go on with it.

        Raises:
            BusyError: if a job is there already.
        """
        control = Control()
        self._launch(
            JobState.REPRODUCING,
            control,
            lambda: self._reproduce(settings, data, threads, control),
        )

    def find_rates(
        self,
        experiment: Experiment,
        settings: RangeSettings,
        data: Path | None,
        threads: int | None = None,
    ) -> None:
        """Begin a learning-rate range test on the worker thread.

        Raises:
            BusyError: if a job is there already.
        """
        if not self.busy:
            self.ranged = self.not_ranged = None
        control = Control()
        self._launch(
            JobState.RANGING,
            control,
            lambda: self._find_rates(experiment, settings, data, threads, control),
        )

    def pause(self) -> None:
        """Let the training wait before its next update."""
        if self.state is JobState.RUNNING:
            self._control.pause()

    def resume(self) -> None:
        """Let a waiting training go on."""
        if self.state in (JobState.PAUSED, JobState.RUNNING):
            self._control.resume()

    def edit(self, changes: Mapping[str, Value]) -> None:
        """Let settings of the training change before its next update."""
        if self.state in (JobState.RUNNING, JobState.PAUSED):
            self._control.edit(changes)

    def stop(self) -> None:
        """Ask the job to end; what there is of a training is kept."""
        with self._states:
            if self.busy:
                self._change(JobState.STOPPING)
                self._control.stop()

    def end(self) -> bool:
        """End the job and measure nothing more, for the program is to end.

        Returns:
            Whether it is over. What there is of a training is kept, if the disk allows it.
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

        return shutdown.kept(over, self._control)

    def _launch(self, state: JobState, control: Control, work: Callable[[], None]) -> None:
        if self.busy:
            raise BusyError(f"something is under way: the app {self.state.doing}; x stops it")
        self._control = control
        self._change(state)

        def job() -> None:
            try:
                work()
            finally:
                self._give_back()
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
        if isinstance(event, UpdateDone):
            return
        with self._states:
            if not session.control.stopping:
                if isinstance(event, Started | Resumed):
                    self._change(JobState.RUNNING)
                elif isinstance(event, Paused):
                    self._change(JobState.PAUSED)
        self._post(TrainingEvent(session, event))

    def _change(self, state: JobState) -> None:
        with self._states:
            self.state = state
            self._post(JobStateChanged(state))
