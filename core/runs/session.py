"""A training session, from settings to a saved run; shared by the app and the command line."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from core import paths, system
from core.config.experiment import Experiment
from core.data import home, source
from core.data.dataset import Dataset
from core.data.normalise import Normaliser
from core.runs import moves, resuming
from core.runs.folder import RunFolder, RunLock
from core.runs.points import Points
from core.runs.recorder import CHECKPOINT_EVERY, Recorder
from core.runs.records import AT_WORK, Event, Run, RunState
from core.runs.store import Store
from core.training import events
from core.training.control import Control
from core.training.events import Edited, Failed, Finished
from core.training.history import History
from core.training.trainer import Trainer

Load = Callable[[str, Path | None, int], Dataset]

_Start = tuple[Run, RunLock, Trainer, dict[str, Points]]
"""A run ready to be trained: its record, lock and trainer, and the points to be computed again."""


def store() -> Store:
    """Return the store of the user's runs, one per folder, so that a process has one writer."""
    return _store(home.saved_models_folder())


@cache
def _store(root: Path) -> Store:
    return Store(root)


@dataclass
class Session:
    """One training, or the view of a run that is not trained by this process.

    Attributes:
        experiment: the settings; `run` replaces the data set `auto` with the one that was found.
        data: the folder or archive of CIFAR-10 that the user named, or None.
        threads: maximum number of threads; None for one per core.
        earlier: the run to resume; None begins a new one.
        checkpoint_every: seconds between two checkpoints.
        control: pauses, edits and stops the training.
        history: the points and edits so far.
        store: the store that the run is saved in.
        record: its record in the store, known once the data have been read.
        notes: remarks on how the images were read and the run was resumed, for the user, one
            sentence each.
        past_events: the recorded events of a run that is only viewed.
        watched: whether another process is training that run; see `follow`.
    """

    experiment: Experiment
    data: Path | None = None
    threads: int | None = None
    earlier: Run | None = None
    checkpoint_every: float = CHECKPOINT_EVERY
    control: Control = field(default_factory=Control)
    history: History = field(default_factory=History)
    store: Store = field(default_factory=store)
    record: Run | None = None
    notes: list[str] = field(default_factory=list)
    past_events: list[Event] = field(default_factory=list)
    watched: bool = False

    @classmethod
    def resume(
        cls, run: Run, data: Path | None = None, threads: int | None = None, **more: object
    ) -> "Session":
        """Return a session that resumes a run.

        Args:
            run: the record of the run.
            data: path of the images; by default the path that the run began with.
            threads: maximum number of threads.
            more: other attributes.

        Raises:
            DamagedError: if its settings are invalid.
        """
        named = paths.from_text(run.data) if run.data is not None else None
        session = cls(run.experiment(), data or named, threads, run, **more)  # type: ignore[arg-type]
        session.record = run
        return session

    @classmethod
    def opened(cls, run: Run) -> "Session":
        """Return a session to view a run that has ended or that another process trains.

        Raises:
            StoreError: if it cannot be read.
        """
        session = cls(run.experiment(), record=run)
        session.follow()
        return session

    def follow(self) -> list[Event]:
        """Reload a run that is only viewed, and return the events since the last time.

        Raises:
            StoreError: if it cannot be read, or no longer exists.
        """
        assert self.record is not None
        # The record first: the rest is then at least as new, so that an ended run is complete.
        record, known = self.store.get(self.record.number), len(self.past_events)
        if not self.past_events or record != self.record:
            self.history, self.past_events = self.store.history(record), self.store.events(record)
        self.record, self.watched = record, record.state in AT_WORK
        return self.past_events[known:]

    @property
    def folder(self) -> RunFolder | None:
        """The folder of the run, known with its record."""
        return RunFolder(self.store.folder(self.record)) if self.record else None

    @property
    def trouble(self) -> str | None:
        """Why the run currently cannot be written, in a sentence; None if it can."""
        return self.store.writer.trouble

    def run(
        self, listen: Callable[[events.Event], None] = lambda event: None, load: Load = source.load
    ) -> Finished | Failed:
        """Load the data, train, and save the run, whether it finishes, is stopped or fails.

        A finished run is not computed again: its recorded result is returned.

        Args:
            listen: called with every event after it has been added to the history.
            load: reads a data set; the app passes a function that caches.

        Raises:
            DataError: if the data cannot be read.
            SettingError: if the settings do not fit the data.
            StoreError: if the run cannot be written or resumed.
        """
        if self.earlier is not None and self.earlier.state is RunState.FINISHED:
            self.history = self.store.history(self.earlier)
            assert self.history.result is not None
            return Finished(self.history.result, stopped=False)
        dataset = load(self.experiment.dataset, self.data, self.experiment.validation_size)
        self.notes.extend(dataset.notes)
        self.experiment = self.experiment.changed(dataset=dataset.name)
        start = self._resume(self.earlier, dataset) if self.earlier else self._begin(dataset)
        self.record, lock, trainer, later = start
        try:
            recorder = Recorder(
                self.store,
                self.record,
                lock,
                trainer,
                self.history,
                later,
                self.store.events(self.record),
                self.checkpoint_every,
            )

            def on_event(event: events.Event) -> None:
                # An edit must be on the disk before anything acts on it.
                if isinstance(event, Edited):
                    recorder.on_event(event)
                    self.history.add(event)
                else:
                    self.history.add(event)
                    recorder.on_event(event)
                # The last event is passed on only when everything is on the disk.
                if not isinstance(event, Finished | Failed):
                    listen(event)

            self.store.writer.add(recorder)
            try:
                last = trainer.run(self.control, on_event, recorder.on_step_end)
                recorder.finish(last)
            finally:
                self.store.writer.remove(recorder)
                self.record = recorder.run
        finally:
            lock.release()
        listen(last)
        return last

    def _begin(self, dataset: Dataset) -> _Start:
        trainer = Trainer(self.experiment, dataset, self.threads)
        run, lock = self.store.create(
            self.experiment,
            data=None if self.data is None else paths.to_text(self.data),
            source=dataset.source,
            machine=system.describe().as_dict(),
            parameters=trainer.plan.parameters,
            updates_per_epoch=trainer.plan.updates_per_epoch,
            batch_size=self.experiment.batch_size,
            total=trainer.timeline.updates,
            data_hash=dataset.hash,
        )
        return run, lock, trainer, {}

    def _resume(self, earlier: Run, dataset: Dataset) -> _Start:
        lock = resuming.acquire(self.store, earlier)
        try:
            run = self.store.existing(earlier.number)
            normaliser = Normaliser.of_training(dataset, self.experiment.normalisation)
            start = resuming.start_of(self.store, run, dataset, normaliser)
            trainer = Trainer(start.timeline, dataset, self.threads)
            if start.checkpoint is not None:
                trainer.restore(start.checkpoint.state, start.evaluated)
            self.notes.extend(start.notes)
            self.history = start.history
            machine = system.describe().as_dict()
            if changed := moves.differences(run.machine, machine):
                self.notes.append(f"the last digits may differ: {changed}")
            run = self.store.record_resume(
                run, trainer.updates_done, start.evaluations, machine=machine
            )
        except BaseException:
            lock.release()
            raise
        return run, lock, trainer, start.later
