"""A training from settings to saved run: what the screen and the command line both do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from core import paths, system
from core.config.experiment import Experiment
from core.data import home, source
from core.data.dataset import Dataset
from core.errors import DamagedError, StoreError, reason
from core.runs import queries
from core.runs.checkpoint import Checkpoint
from core.runs.folder import RunFolder
from core.runs.lock import RunLock
from core.runs.points import Points, merge
from core.runs.recorder import CHECKPOINT_EVERY, Recorder
from core.runs.records import AT_WORK, Run, RunState
from core.runs.store import Store
from core.training.control import Control
from core.training.events import Edited, Event, Failed, Finished
from core.training.history import History
from core.training.timeline import Timeline
from core.training.trainer import Trainer

Load = Callable[[str, Path | None, int], Dataset]


def store() -> Store:
    """Return the store of the user's runs: one for each folder, and so one writer a process."""
    return _store(home.saved_models_folder())


@cache
def _store(root: Path) -> Store:
    return Store(root)


@dataclass
class Session:
    """One training and everything that belongs to it.

    Attributes:
        experiment: what is run; `run` replaces the data set `auto` by the one that was found.
        data: a folder or archive of CIFAR-10 that the user named, or None.
        threads: at most so many, None for as many as there are cores.
        earlier: the run to go on with; None begins one.
        checkpoint_every: seconds from one checkpoint to the next.
        control: how to pause, edit and stop it.
        history: what it has told so far.
        store: where it is kept.
        kept: as it is recorded, known once the data have been read.
        notes: what the user should know about how it went on, a sentence each.
        past_events: what happened in a run that is only looked at.
        watched: whether another program works on that run, so that it goes on; see `follow`.
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
    past_events: list[queries.Event] = field(default_factory=list)
    watched: bool = False

    @classmethod
    def resume(
        cls, run: Run, data: Path | None = None, threads: int | None = None, **more: object
    ) -> "Session":
        """Return a session that goes on with a run.

        Args:
            run: as the store has it.
            data: where the images are now; those that the run began with by default.
            threads: at most so many.
            more: other attributes.

        Raises:
            DamagedError: if its settings cannot be had.
        """
        named = paths.named(run.data) if run.data is not None else None
        session = cls(run.experiment(), data or named, threads, run, **more)  # type: ignore[arg-type]
        session.kept = run
        return session

    @classmethod
    def opened(cls, run: Run) -> "Session":
        """Return a session of a run to look at: one that is over, or that another program trains.

        Raises:
            StoreError: if it cannot be read.
        """
        session = cls(run.experiment(), kept=run)
        session.follow()
        return session

    def follow(self) -> list[queries.Event]:
        """Read anew a run that is only looked at; return what happened since the last time.

        Raises:
            StoreError: if it cannot be read, or is gone.
        """
        assert self.kept is not None
        # Its line first: what is read after it is as new at least, so that an end is seen whole.
        now, known = self.store.get(self.kept.number), len(self.past_events)
        if not self.past_events or now != self.kept:
            self.history, self.past_events = self.store.history(now), self.store.events(now)
        self.kept, self.watched = now, now.state in AT_WORK
        return self.past_events[known:]

    @property
    def folder(self) -> RunFolder | None:
        """Where the run is kept, known with it."""
        return RunFolder(self.store.folder(self.kept)) if self.kept else None

    @property
    def trouble(self) -> str | None:
        """Why nothing can be written just now, in a sentence."""
        return self.store.writer.trouble

    def run(
        self, listen: Callable[[Event], None] = lambda event: None, load: Load = source.load
    ) -> Finished | Failed:
        """Load the data, train, and keep the run, whether it ends, is stopped or fails.

        Of a run that is over nothing is done again: its recorded end comes back.

        Args:
            listen: told every event after the history has it.
            load: reads a data set; the screen passes one that remembers.

        Raises:
            DataError: if the data cannot be read.
            SettingError: if the settings do not fit the data.
            StoreError: if the run cannot be written, or cannot be gone on with.
        """
        if self.earlier is not None and self.earlier.state is RunState.FINISHED:
            self.history = self.store.history(self.earlier)
            assert self.history.result is not None
            return Finished(self.history.result, stopped=False)
        dataset = load(self.experiment.dataset, self.data, self.experiment.validation_size)
        self.experiment = self.experiment.changed(dataset=dataset.name)
        recorder, trainer, lock = self._go_on(dataset) if self.earlier else self._begin(dataset)

        def on_event(event: Event) -> None:
            # An edit is on the disk before anybody acts on it.
            if isinstance(event, Edited):
                recorder.on_event(event)
                self.history.add(event)
            else:
                self.history.add(event)
                recorder.on_event(event)
            # The last word is only said when everything is on disk.
            if not isinstance(event, Finished | Failed):
                listen(event)

        try:
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

    def _begin(self, dataset: Dataset) -> tuple[Recorder, Trainer, RunLock]:
        trainer = Trainer(self.experiment, dataset, self.threads)
        self.kept, lock = self.store.create(
            self.experiment,
            data=None if self.data is None else paths.kept(self.data),
            source=dataset.source,
            machine=system.describe().as_dict(),
            parameters=trainer.plan.parameters,
            updates_per_epoch=trainer.plan.updates_per_epoch,
            batch_size=self.experiment.batch_size,
            total=trainer.timeline.updates,
        )
        try:
            recorder = Recorder(
                self.store,
                self.kept,
                lock,
                trainer,
                self.history,
                events=self.store.events(self.kept),
                every=self.checkpoint_every,
            )
        except BaseException:
            lock.release()
            raise
        return recorder, trainer, lock

    def _go_on(self, dataset: Dataset) -> tuple[Recorder, Trainer, RunLock]:
        assert self.earlier is not None
        lock = self._acquire(self.earlier)
        try:
            run = self.store.kept(self.earlier.number)
            timeline = Timeline.of(self.experiment, self.store.edits(run))
            trainer = Trainer(timeline, dataset, self.threads)
            whole = self.store.history(run)
            start = self._start(run, trainer, len(whole.updates))
            if start is not None:
                told = whole.evaluations.read()["update"]
                trainer.restore(start.state, start.state.updates in told)
            self.history, later = _cut(whole, trainer)
            self._compare_machines(run)
            evaluations = merge(self.history.evaluations.points(), later["evaluations"])
            self.kept = self.store.went_on(run, trainer.updates_done, evaluations)
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
        except BaseException:
            lock.release()
            raise
        return recorder, trainer, lock

    def _acquire(self, run: Run) -> RunLock:
        """Hold a run, in a folder that is made anew where somebody has deleted it."""
        kept, folder = self.store.kept(run.number), RunFolder(self.store.folder(run))
        try:
            folder.ensure(kept.experiment())
        except OSError as error:
            raise StoreError(f"cannot write to {folder.path}: {reason(error)}") from None
        return RunLock(folder.path)

    def _start(self, run: Run, trainer: Trainer, recorded: int) -> Checkpoint | None:
        """Return the newest checkpoint that can be used; None to begin at the first update.

        Raises:
            StoreError: if the images are not those that the run began with.
        """
        folder = RunFolder(self.store.folder(run))
        for path, found in folder.sound():
            if isinstance(found, DamagedError):
                self.notes.append(f"{found}; it is passed over")
                continue
            same = (
                (trainer.loader.normaliser.mean, found.mean),
                (
                    trainer.loader.normaliser.deviation,
                    found.deviation,
                ),
            )
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


def _cut(whole: History, trainer: Trainer) -> tuple[History, dict[str, Points]]:
    """Return what a run told up to where it goes on, and the points beyond.

    The evaluation at which it was stopped is in neither: without the stop there would be none.
    """
    history, later = History(), {}
    history.edits = whole.edits
    for kind, table in whole.tables.items():
        points = table.points()
        if kind == "evaluations":
            points = points[:, points[0] % trainer.experiment.evaluate_every == 0]
        done = int(np.searchsorted(points[0], trainer.updates_done, side="right"))
        history.tables[kind].extend(points[:, :done])
        later[kind] = points[:, done:]
    return history, later
