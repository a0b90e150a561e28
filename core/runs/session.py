"""Training from settings to a saved run, for the screen and the command line alike."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from core import paths, system
from core.config.experiment import Experiment
from core.data import home, source
from core.data.dataset import Dataset
from core.errors import DamagedError, StoreError, writing_to
from core.runs.checkpoint import Checkpoint
from core.runs.folder import RunFolder, RunLock
from core.runs.points import Points, merge
from core.runs.recorder import CHECKPOINT_EVERY, Recorder
from core.runs.records import AT_WORK, Event, Run, RunState
from core.runs.store import Store
from core.training import events
from core.training.control import Control
from core.training.events import Edited, Failed, Finished
from core.training.history import History
from core.training.timeline import Timeline
from core.training.trainer import Trainer

Load = Callable[[str, Path | None, int], Dataset]

_Start = tuple[Run, RunLock, Trainer, dict[str, Points]]
"""A run that can be trained, and the points beyond where that begins."""


def store() -> Store:
    """Return the store of the user's runs: one for each folder, and so one writer a process."""
    return _store(home.saved_models_folder())


@cache
def _store(root: Path) -> Store:
    return Store(root)


@dataclass
class Session:
    """One training with everything that belongs to it.

    Attributes:
        experiment: what is run; `run` replaces the data set `auto` by the one that was found.
        data: a folder or archive of CIFAR-10 that the user named, or None.
        threads: at most so many; None for as many as there are cores.
        earlier: the run to resume; None begins one.
        checkpoint_every: seconds from one checkpoint to the next.
        control: how to pause, edit and stop it.
        history: its points and edits so far.
        store: where it is saved.
        kept: its record, known once the data have been read.
        notes: what the user should know about how it was resumed, a sentence each.
        past_events: what happened in a run that is only viewed.
        watched: whether another program trains that run at present; see `follow`.
    """

    experiment: Experiment
    data: Path | None = None
    threads: int | None = None
    earlier: Run | None = None
    checkpoint_every: float = CHECKPOINT_EVERY
    control: Control = field(default_factory=Control)
    history: History = field(default_factory=History)
    store: Store = field(default_factory=store)
    kept: Run | None = None
    notes: list[str] = field(default_factory=list)
    past_events: list[Event] = field(default_factory=list)
    watched: bool = False

    @classmethod
    def resume(
        cls, run: Run, data: Path | None = None, threads: int | None = None, **more: object
    ) -> "Session":
        """Return a session that resumes a run.

        Args:
            run: as the store has it.
            data: where the images are now; those that the run began with by default.
            threads: at most so many.
            more: other attributes.

        Raises:
            DamagedError: if its settings are not allowed.
        """
        named = paths.named(run.data) if run.data is not None else None
        session = cls(run.experiment(), data or named, threads, run, **more)  # type: ignore[arg-type]
        session.kept = run
        return session

    @classmethod
    def opened(cls, run: Run) -> "Session":
        """Return a session to view a run: one that is over, or that another program trains.

        Raises:
            StoreError: if it cannot be read.
        """
        session = cls(run.experiment(), kept=run)
        session.follow()
        return session

    def follow(self) -> list[Event]:
        """Read a run that is only viewed again; return what happened since the last time.

        Raises:
            StoreError: if it cannot be read, or is gone.
        """
        assert self.kept is not None
        # The record first: what is read after it is at least as new, so that an end is seen whole.
        now, known = self.store.get(self.kept.number), len(self.past_events)
        if not self.past_events or now != self.kept:
            self.history, self.past_events = self.store.history(now), self.store.events(now)
        self.kept, self.watched = now, now.state in AT_WORK
        return self.past_events[known:]

    @property
    def folder(self) -> RunFolder | None:
        """The folder of the run, known with its record."""
        return RunFolder(self.store.folder(self.kept)) if self.kept else None

    @property
    def trouble(self) -> str | None:
        """Why nothing can be written just now, in a sentence."""
        return self.store.writer.trouble

    def run(
        self, listen: Callable[[events.Event], None] = lambda event: None, load: Load = source.load
    ) -> Finished | Failed:
        """Load the data, train, and save the run, whether it finishes, is stopped or fails.

        Nothing of a finished run is computed again: its recorded result is returned.

        Args:
            listen: called with every event when the history has it.
            load: reads a data set; the screen passes one that caches.

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
        self.experiment = self.experiment.changed(dataset=dataset.name)
        start = self._resume(self.earlier, dataset) if self.earlier else self._begin(dataset)
        self.kept, lock, trainer, later = start
        try:
            recorder = Recorder(
                self.store,
                self.kept,
                lock,
                trainer,
                self.history,
                later,
                self.store.events(self.kept),
                self.checkpoint_every,
            )

            def on_event(event: events.Event) -> None:
                # An edit is on the disk before anything acts on it.
                if isinstance(event, Edited):
                    recorder.on_event(event)
                    self.history.add(event)
                else:
                    self.history.add(event)
                    recorder.on_event(event)
                # The last event is only passed on when everything is on the disk.
                if not isinstance(event, Finished | Failed):
                    listen(event)

            self.store.writer.add(recorder)
            try:
                last = trainer.run(self.control, on_event, recorder.on_step_end)
                recorder.finish(last)
            finally:
                self.store.writer.remove(recorder)
                self.kept = recorder.run
        finally:
            lock.release()
        listen(last)
        return last

    def _begin(self, dataset: Dataset) -> _Start:
        trainer = Trainer(self.experiment, dataset, self.threads)
        run, lock = self.store.create(
            self.experiment,
            data=None if self.data is None else paths.kept(self.data),
            source=dataset.source,
            machine=system.describe().as_dict(),
            parameters=trainer.plan.parameters,
            updates_per_epoch=trainer.plan.updates_per_epoch,
            batch_size=self.experiment.batch_size,
            total=trainer.timeline.updates,
        )
        return run, lock, trainer, {}

    def _resume(self, earlier: Run, dataset: Dataset) -> _Start:
        lock = self._acquire(earlier)
        try:
            run = self.store.existing(earlier.number)
            timeline = Timeline.of(self.experiment, self.store.edits(run))
            trainer = Trainer(timeline, dataset, self.threads)
            recorded = self.store.history(run)
            start = self._start(run, trainer, len(recorded.updates))
            if start is not None:
                evaluated = recorded.evaluations.read()["update"]
                trainer.restore(start.state, start.state.updates in evaluated)
            self.history, later = _split(recorded, trainer)
            self._compare_machines(run)
            evaluations = merge(self.history.evaluations.points(), later["evaluations"])
            run = self.store.record_resume(run, trainer.updates_done, evaluations)
        except BaseException:
            lock.release()
            raise
        return run, lock, trainer, later

    def _acquire(self, run: Run) -> RunLock:
        """Lock a run; its folder is made anew where it has been deleted."""
        now, folder = self.store.existing(run.number), RunFolder(self.store.folder(run))
        with writing_to(folder.path):
            folder.ensure(now.experiment())
        return RunLock(folder.path)

    def _start(self, run: Run, trainer: Trainer, recorded: int) -> Checkpoint | None:
        """Return the newest checkpoint that can be used; None to begin at the first update.

        Raises:
            StoreError: if the images are not those that the run began with.
        """
        folder = RunFolder(self.store.folder(run))
        for path, found in folder.load_checkpoints():
            if isinstance(found, DamagedError):
                self.notes.append(f"{found}; it is passed over")
                continue
            normaliser = trainer.loader.normaliser
            same = (normaliser.mean, found.mean), (normaliser.deviation, found.deviation)
            if not all(np.array_equal(mine, theirs) for mine, theirs in same):
                raise StoreError(
                    f"{run.id} began with other training images than those of "
                    f"{trainer.dataset.source}; name the right ones with --data"
                )
            if not found.leads_to(recorded, trainer.timeline):
                self.notes.append(f"{path} does not belong to the points of {run.id}; passed over")
                continue
            return found
        if run.updates:
            self.notes.append(f"{run.id} has no checkpoint to go on from, so it begins again")
        return None

    def _compare_machines(self, run: Run) -> None:
        now = system.describe().as_dict()
        changed = [
            f"{name} {run.machine.get(name)} then, {now[name]} now"
            for name in ("cpu", "numpy", "blas")
            if run.machine.get(name, now[name]) != now[name]
        ]
        if changed:
            self.notes.append("the last digits may differ: " + "; ".join(changed))


def _split(recorded: History, trainer: Trainer) -> tuple[History, dict[str, Points]]:
    """Return what is recorded up to where the run is resumed, and the points beyond.

    The evaluation at which it was stopped is in neither: without the stop there would be none.
    """
    history, later = History(), {}
    history.edits = recorded.edits
    for kind, table in recorded.tables.items():
        points = table.points()
        if kind == "evaluations":
            points = points[:, points[0] % trainer.experiment.evaluate_every == 0]
        done = int(np.searchsorted(points[0], trainer.updates_done, side="right"))
        history.tables[kind].extend(points[:, :done])
        later[kind] = points[:, done:]
    return history, later
