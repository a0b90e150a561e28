"""Selection of the checkpoint of a run to use for predictions and exports."""

from bisect import bisect
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from core.errors import DamagedError, StoreError, reason
from core.runs.checkpoint import Checkpoint, Heading, leads_to, load_checkpoint, read_heading
from core.runs.folder import SETTINGS, RunFolder, is_kept, updates_in_name
from core.runs.records import AT_WORK, Run, RunState
from core.runs.store import Store
from core.training.timeline import Timeline

MAX_LISTED = 6
"""Largest number of checkpoints whose numbers of updates a sentence lists."""


@dataclass(frozen=True, eq=False)
class Choice:
    """A usable checkpoint."""

    path: Path
    checkpoint: Checkpoint
    notes: tuple[str, ...] = ()
    """Remarks on the selection for the user, one sentence each."""


@dataclass(frozen=True)
class SavedCheckpoint:
    """A checkpoint on the disk, of which only the heading has been read; see `load_saved`."""

    updates: int
    """Number of completed updates."""
    paths: tuple[Path, ...]
    """The files that it is in."""
    kept: bool
    """Whether it is one of those that `kept_checkpoints` keeps."""
    best: bool
    """Whether it is that of the best validation accuracy."""


def choose(store: Store, run: Run, *, best: bool = False, updates: int | None = None) -> Choice:
    """Return the last usable checkpoint of a run, or another of them.

    Args:
        store: the store of the run.
        run: the record of the run.
        best: use the checkpoint of the best validation accuracy instead. There is only one, so if
            it is damaged there is no fallback.
        updates: use a checkpoint after so many updates instead, without a fallback too; see
            `saved_checkpoints`.

    Raises:
        StoreError: if there is none; the message suggests what to do.
    """
    folder = RunFolder(store.folder(run))
    if best:
        return _best(store, folder, run)
    if updates is not None:
        return _after(store, run, updates)
    faults: list[str] = []
    for path, checkpoint in folder.load_checkpoints():
        fault = (
            checkpoint
            if isinstance(checkpoint, DamagedError)
            else _fault(store, path, checkpoint, run)
        )
        if fault is None:
            assert isinstance(checkpoint, Checkpoint)
            return Choice(path, checkpoint, _notes(checkpoint, run, faults))
        if not (faults and is_kept(path)):  # of which there may be many
            faults.append(str(fault))
    raise StoreError(_missing_message(folder, run, damaged=bool(faults)))


def saved_checkpoints(store: Store, run: Run) -> list[SavedCheckpoint]:
    """Return the checkpoints that `choose` finds by their number of updates, in ascending order.

    Only their headings are read, so it takes about a millisecond each, whatever their size; damage
    behind the heading is noticed by `load_saved`. While a run trains, one that is neither kept nor
    the best may be gone by then.

    Raises:
        StoreError: if the record of the run cannot be read.
    """
    folder = RunFolder(store.folder(run))
    headings: dict[Path, Heading] = {}
    for path in (*folder.to_resume(), folder.best()):
        with suppress(OSError, DamagedError):
            headings[path] = read_heading(path)
    place = _Place.of(store, run)
    paths: dict[int, list[Path]] = {}
    for path, heading in headings.items():
        if place.fault(path, heading.timeline, heading.updates) is None:
            paths.setdefault(heading.updates, []).append(path)
    return [
        SavedCheckpoint(
            updates,
            tuple(paths[updates]),
            kept=any(map(is_kept, paths[updates])),
            best=folder.best() in paths[updates],
        )
        for updates in sorted(paths)
    ]


def load_saved(store: Store, run: Run, saved: SavedCheckpoint) -> Choice:
    """Load one of the checkpoints that `saved_checkpoints` has returned.

    Raises:
        StoreError: if no file that it is in can be used any more.
    """
    fault: str | None = None
    for path in saved.paths:
        try:
            checkpoint = load_checkpoint(path)
        except DamagedError as error:
            fault = str(error)
        except OSError as error:
            fault = f"cannot read {path}: {reason(error)}"
        else:
            fault = _fault(store, path, checkpoint, run)
            if fault is None:
                return Choice(path, checkpoint, _extra_updates_note(checkpoint, run))
    raise StoreError(f"{fault}; take another")


def _after(store: Store, run: Run, updates: int) -> Choice:
    saved, folder = saved_checkpoints(store, run), RunFolder(store.folder(run))
    for each in saved:
        if each.updates == updates:
            return load_saved(store, run, each)
    for path in folder.to_resume():
        if updates_in_name(path) == updates:
            try:
                read_heading(path)
            except (OSError, DamagedError) as error:
                raise StoreError(f"{error}; take another") from None
    if not saved:
        raise StoreError(_missing_message(folder, run, damaged=False))
    there = _numbers_text([each.updates for each in saved], updates)
    raise StoreError(f"{run.id} has no checkpoint after {updates:,} updates; there {there}")


def _numbers_text(numbers: list[int], wanted: int) -> str:
    """Return which numbers of updates there are, or, of many, how many and those near `wanted`."""
    near = numbers
    if len(numbers) > MAX_LISTED:
        at = bisect(numbers, wanted)
        near = numbers[max(0, at - 1) : at + 1]
    *others, last = (f"{number:,}" for number in near)
    text = f"{', '.join(others)} and {last}" if others else last
    if near is numbers:
        return f"are those after {text}"
    return f"are {len(numbers)}, from {numbers[0]:,} to {numbers[-1]:,}, the nearest after {text}"


def _best(store: Store, folder: RunFolder, run: Run) -> Choice:
    path = folder.best()
    try:
        checkpoint = load_checkpoint(path)
    except FileNotFoundError:
        raise StoreError(
            f"{run.id} has kept no checkpoint of its best validation accuracy; take the last one"
        ) from None
    except OSError as error:
        raise StoreError(f"cannot read {path}: {reason(error)}; take the last one") from None
    except DamagedError as error:
        raise StoreError(f"{error}; take the last one") from None
    fault = _fault(store, path, checkpoint, run)
    if fault is not None:
        raise StoreError(f"{fault}; take the last one")
    return Choice(path, checkpoint, _extra_updates_note(checkpoint, run))


def _notes(checkpoint: Checkpoint, run: Run, faults: list[str]) -> tuple[str, ...]:
    """Return why this checkpoint is used and not one of those that were rejected."""
    done = checkpoint.state.updates
    if faults:
        *passed, last = faults
        used = f"{last}; the one after {done:,} updates is used"
        rejected = (f"{fault}; it is passed over" for fault in passed)
        return (*rejected, used, *_extra_updates_note(checkpoint, run))
    if run.state is RunState.FINISHED and done < run.updates:
        return (
            f"the weights at the end of {run.id}, after {run.updates:,} updates, are gone; "
            f"those after {done:,} are used",
        )
    return _extra_updates_note(checkpoint, run)


def _extra_updates_note(checkpoint: Checkpoint, run: Run) -> tuple[str, ...]:
    """Return a note if the weights have more updates than the recorded points, after a repair."""
    done = checkpoint.state.updates
    if done <= run.updates or run.state in AT_WORK:
        return ()
    recorded = f"on record are the points of {run.updates:,}"
    return (f"the weights are those after {done:,} updates; {recorded}",)


@dataclass(frozen=True)
class _Place:
    """A run and its settings at present, which a checkpoint must belong to."""

    run: Run
    timeline: Timeline

    @classmethod
    def of(cls, store: Store, run: Run) -> Self:
        current = store.get(run.number)
        return cls(current, Timeline.of(current.experiment(), store.edits(current)))

    def fault(self, path: Path, timeline: Timeline, done: int) -> str | None:
        """Return why a checkpoint after `done` updates is of another run; None if it is of this."""
        run, recorded = self.run, self.run.updates
        if timeline.experiment != self.timeline.experiment:
            return f"{path} does not belong to {run.id}"
        if run.state not in AT_WORK:
            # A repair may have removed points; resuming with the present edits would restore them.
            recorded = max(recorded, done)
        if not leads_to(timeline, done, recorded, self.timeline):
            return f"{path} does not belong to the points of {run.id}"
        return None


def _fault(store: Store, path: Path, checkpoint: Checkpoint, run: Run) -> str | None:
    """Return why an undamaged checkpoint cannot be used; None if it can."""
    # Read after the checkpoint: a training run writes its points before the checkpoint.
    place = _Place.of(store, run)
    fault = place.fault(path, checkpoint.timeline, checkpoint.state.updates)
    if fault is not None:
        return fault
    numbers = [checkpoint.mean, checkpoint.deviation, *checkpoint.state.tensors.values()]
    if (
        not all(np.isfinite(values).all() for values in numbers)
        or (checkpoint.deviation <= 0).any()
    ):
        return f"{path} holds numbers that no network can work with"
    return None


def _missing_message(folder: RunFolder, run: Run, *, damaged: bool) -> str:
    what = "no checkpoint that can be used" if damaged else "no checkpoint yet"
    if run.state in AT_WORK:
        return f"{run.id} has {what}; try again when it has trained for some seconds"
    if run.state is RunState.FAILED:
        return f"{run.id} has {what}, for it failed: {run.reason}"
    if run.state is RunState.FINISHED:
        settings = folder.path / SETTINGS
        again = f"`convsole train {settings}` trains it again"
        if not settings.exists():
            again = "its folder is gone; t in the Runs pane takes its settings for another"
    else:
        again = f"`convsole resume {run.id}` " + (
            "goes on with it" if run.updates else "computes them again"
        )
    return f"{run.id} has {what.removesuffix(' yet')}; {again}"
