"""The one place where the worker thread and the screen meet.

The screen never waits for the worker. What changes many times a second is read from the shared
history on a timer; only what happens rarely is posted as a message. One job runs at a time, on one
daemon thread; a new one waits until the old one has said that it is over.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from core.benchmark.results import CaseResult
from core.benchmark.settings import BenchSettings
from core.checks.report import Progress, Row
from core.checks.settings import CheckSettings
from core.data import home, source
from core.data.dataset import Dataset
from core.experiment import Experiment
from core.runs.session import Session
from core.settings import Value
from core.training.control import Control
from core.training.events import Event, Failed, Paused, Resumed, Started, UpdateDone
from tui.jobs import (
    BenchEnded,
    BenchRow,
    CheckEnded,
    CheckRow,
    FetchEnded,
    JobState,
    JobStateChanged,
    ProfileEnded,
    TrainingEvent,
)
from tui.reasons import reason_of

if TYPE_CHECKING:
    from core.benchmark import run as benchmarks


class BusyError(Exception):
    """A job is running; the message says which key ends it."""


@dataclass
class FetchProgress:
    """Bytes of a download so far; written by the worker, read by the screen."""

    done: int = 0
    total: int | None = None


class Bridge:
    """Owns the worker thread and the job in it.

    Args:
        post: takes a message to the screen, from any thread.
    """

    def __init__(self, post: Callable[[Message], object]) -> None:
        self._post = post
        self._thread: threading.Thread | None = None
        self._control = Control()
        self._cache: tuple[tuple[str, Path | None, int], Dataset] | None = None
        self.state = JobState.IDLE
        self.session: Session | None = None
        """The latest training, running or over; None before the first."""
        self.fetched = FetchProgress()
        self.checked: Progress | None = None
        """How far the gradient check is; None before it has begun."""
        self.measured: benchmarks.Progress | None = None
        """How far the benchmark is; None before it has begun."""

    @property
    def busy(self) -> bool:
        """Whether a job is running, paused or about to end."""
        return self.state is not JobState.IDLE

    def train(self, experiment: Experiment, data: Path | None, threads: int | None = None) -> None:
        """Begin a training on the worker thread.

        Raises:
            BusyError: if a job is there already.
        """
        session = Session(experiment, data, threads)
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
        if self.busy:
            self._change(JobState.STOPPING)
            self._control.stop()

    def close(self, timeout: float) -> bool:
        """End the job and wait for it, at most `timeout` seconds; return whether it is over."""
        self.stop()
        if self._thread is not None:
            self._thread.join(timeout)
            return not self._thread.is_alive()
        return True

    def _launch(self, state: JobState, control: Control, work: Callable[[], None]) -> None:
        if self.busy:
            raise BusyError(f"a job is {self.state.value}; x stops it")
        self._control = control
        self._change(state)

        def job() -> None:
            try:
                work()
            finally:
                self._change(JobState.IDLE)

        self._thread = threading.Thread(target=job, name="convsole-worker", daemon=True)
        self._thread.start()

    def _train(self, session: Session) -> None:
        reason = reason_of(
            lambda: session.run(lambda event: self._hear(session, event), self._load)
        )
        if reason is not None:
            failed = Failed(len(session.history.updates), reason)
            self._post(TrainingEvent(session, failed))

    def _check(
        self,
        experiment: Experiment,
        check: CheckSettings,
        data: Path | None,
        scale: str | None,
        control: Control,
    ) -> None:
        self.checked = None
        from core.checks import gradients

        def listen(event: Progress | Row) -> None:
            if isinstance(event, Progress):
                self.checked = event
            else:
                self._post(CheckRow(event))

        def work() -> None:
            report = gradients.run(
                experiment,
                check,
                data,
                scale=scale,
                listen=listen,
                cancelled=lambda: control.stopping,
                load=self._load,
            )
            self._post(CheckEnded(report, None))

        reason = reason_of(work)
        if reason is not None:
            self._post(CheckEnded(None, reason))

    def _bench(self, settings: BenchSettings, data: Path | None, control: Control) -> None:
        self.measured = None
        from core.benchmark import kept
        from core.benchmark import run as benchmarks
        from core.runs.held import refuse_beside_training

        def listen(event: benchmarks.Progress | CaseResult) -> None:
            if isinstance(event, CaseResult):
                self._post(BenchRow(event))
            else:
                self.measured = event

        def work() -> None:
            refuse_beside_training()
            found = benchmarks.run(
                settings,
                data,
                listen=listen,
                cancelled=lambda: control.stopping,
                load=self._load,
            )
            if found.cases:
                kept.keep(found)
            self._post(BenchEnded(found, None))

        reason = reason_of(work)
        if reason is not None:
            self._post(BenchEnded(None, reason))

    def _profile(self, experiment: Experiment, data: Path | None, control: Control) -> None:
        self.measured = None
        from core.benchmark import profile
        from core.runs.held import refuse_beside_training

        def work() -> None:
            refuse_beside_training()
            found = profile.profile(
                experiment, data, cancelled=lambda: control.stopping, load=self._load
            )
            self._post(ProfileEnded(found, None))

        reason = reason_of(work)
        if reason is not None:
            self._post(ProfileEnded(None, reason))

    def _fetch(self, control: Control) -> None:
        from core.data import download

        self.fetched = progress = FetchProgress()

        def tell(done: int, total: int | None) -> None:
            progress.done, progress.total = done, total

        reason = reason_of(
            lambda: download.fetch(
                home.data_folder(), progress=tell, cancelled=lambda: control.stopping
            )
        )
        self._cache = None  # what stood in for CIFAR-10 no longer has to
        self._post(FetchEnded(reason))

    def _hear(self, session: Session, event: Event) -> None:
        if isinstance(event, UpdateDone):
            return
        if not session.control.stopping:
            if isinstance(event, Started | Resumed):
                self._change(JobState.RUNNING)
            elif isinstance(event, Paused):
                self._change(JobState.PAUSED)
        self._post(TrainingEvent(session, event))

    def _load(self, dataset: str, path: Path | None, validation_size: int) -> Dataset:
        key = (dataset, path, validation_size)
        if self._cache is None or self._cache[0] != key:
            self._cache = None  # let go of the old images before new ones are read
            self._cache = (key, source.load(dataset, path, validation_size))
        return self._cache[1]

    def _change(self, state: JobState) -> None:
        self.state = state
        self._post(JobStateChanged(state))
