"""Selection of the checkpoint of a run to use for predictions and exports."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import DamagedError, StoreError, reason
from core.runs.checkpoint import Checkpoint, load_checkpoint
from core.runs.folder import SETTINGS, RunFolder
from core.runs.records import AT_WORK, Run, RunState
from core.runs.store import Store
from core.training.timeline import Timeline


@dataclass(frozen=True, eq=False)
class Choice:
    """A usable checkpoint."""

    path: Path
    checkpoint: Checkpoint
    notes: tuple[str, ...] = ()
    """Remarks on the selection for the user, one sentence each."""


def choose(store: Store, run: Run, *, best: bool = False, updates: int | None = None) -> Choice:
    """Return the last usable checkpoint of a run, or another of them.

    Args:
        store: the store of the run.
        run: the record of the run.
        best: use the checkpoint of the best validation accuracy instead. There is only one, so if
            it is damaged there is no fallback.
        updates: use the checkpoint after so many updates instead, without a fallback too.

    Raises:
        StoreError: if there is none; the message suggests what to do.
    """
    folder = RunFolder(store.folder(run))
    if best:
        return _best(store, folder, run)
    if updates is not None:
        return _after(store, folder, run, updates)
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
        faults.append(str(fault))
    raise StoreError(_missing_message(folder, run, damaged=bool(faults)))


def _after(store: Store, folder: RunFolder, run: Run, updates: int) -> Choice:
    there: list[int] = []
    for path, checkpoint in folder.load_checkpoints():
        if isinstance(checkpoint, DamagedError):
            continue
        there.append(checkpoint.state.updates)
        if checkpoint.state.updates == updates:
            if (fault := _fault(store, path, checkpoint, run)) is not None:
                raise StoreError(f"{fault}; take the last one")
            return Choice(path, checkpoint, _extra_updates_note(checkpoint, run))
    if not there:
        raise StoreError(_missing_message(folder, run, damaged=False))
    raise StoreError(
        f"{run.id} has no checkpoint after {updates:,} updates; there are those after "
        f"{' and '.join(f'{number:,}' for number in there)}"
    )


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


def _fault(store: Store, path: Path, checkpoint: Checkpoint, run: Run) -> str | None:
    """Return why an undamaged checkpoint cannot be used; None if it can."""
    if checkpoint.timeline.experiment != run.experiment():
        return f"{path} does not belong to {run.id}"
    # Read after the checkpoint: a training run writes its points before the checkpoint.
    current = store.get(run.number)
    recorded = current.updates
    if current.state not in AT_WORK:
        # A repair may have removed points; resuming with the present edits would restore them.
        recorded = max(recorded, checkpoint.state.updates)
    if not checkpoint.leads_to(recorded, Timeline.of(current.experiment(), store.edits(current))):
        return f"{path} does not belong to the points of {run.id}"
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
