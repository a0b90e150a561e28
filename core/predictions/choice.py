"""Which checkpoint of a run is asked."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.runs import checkpoint
from core.runs.checkpoint import Checkpoint
from core.runs.errors import DamagedError, StoreError, reason
from core.runs.folder import SETTINGS, RunFolder
from core.runs.records import AT_WORK, Run, RunState
from core.runs.store import Store
from core.training.timeline import Timeline


@dataclass(frozen=True, eq=False)
class Choice:
    """A checkpoint that can be used."""

    path: Path
    checkpoint: Checkpoint
    notes: tuple[str, ...] = ()
    """What the user should know about how it was found, a sentence each."""


def choose(store: Store, run: Run, *, best: bool = False) -> Choice:
    """Return the last checkpoint of a run that can be used, or that of its best accuracy.

    Args:
        store: where the run is kept.
        run: as the store has it.
        best: take the checkpoint of the best validation accuracy instead. There is one only, so
            nothing stands in for it where it is damaged.

    Raises:
        StoreError: if there is none, with what to do about it.
    """
    folder = RunFolder(store.folder(run))
    if best:
        return _best(store, folder, run)
    notes: list[str] = []
    for path, found in folder.sound():
        fault = found if isinstance(found, DamagedError) else _fault(store, path, found, run)
        if fault is None:
            assert isinstance(found, Checkpoint)
            done = found.state.updates
            if run.state is RunState.FINISHED and done < run.updates and not notes:
                notes.append(
                    f"the weights at the end of {run.id}, after {run.updates:,} updates, are gone; "
                    f"those after {done:,} are used"
                )
            return Choice(path, found, tuple(notes))
        notes.append(f"{fault}; the one before it is used")
    raise StoreError(_none(folder, run, damaged=bool(notes)))


def _best(store: Store, folder: RunFolder, run: Run) -> Choice:
    path = folder.best()
    try:
        found = checkpoint.read(path)
    except FileNotFoundError:
        raise StoreError(
            f"{run.id} has kept no checkpoint of its best validation accuracy; take the last one"
        ) from None
    except OSError as error:
        raise StoreError(f"cannot read {path}: {reason(error)}; take the last one") from None
    except DamagedError as error:
        raise StoreError(f"{error}; take the last one") from None
    fault = _fault(store, path, found, run)
    if fault is not None:
        raise StoreError(f"{fault}; take the last one")
    return Choice(path, found)


def _fault(store: Store, path: Path, found: Checkpoint, run: Run) -> str | None:
    """Return why a checkpoint that is whole is of no use all the same; None where it is."""
    if found.timeline.experiment != run.experiment():
        return f"{path} does not belong to {run.id}"
    # Asked after the checkpoint was read: a run that trains records its points before it.
    now = store.get(run.number)
    if not found.leads_to(now.updates, Timeline.of(now.experiment(), store.edits(now))):
        return f"{path} does not belong to the points of {run.id}"
    numbers = [found.mean, found.deviation, *found.state.tensors.values()]
    if not all(np.isfinite(values).all() for values in numbers) or (found.deviation <= 0).any():
        return f"{path} holds numbers that no network can work with"
    return None


def _none(folder: RunFolder, run: Run, *, damaged: bool) -> str:
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
