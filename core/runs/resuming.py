"""What a run is resumed from: its newest usable checkpoint, and the points up to there.

Both ways in which a run is trained take it from here: `core.runs.session` in this process,
`core.runs.piecewise` elsewhere.
"""

from dataclasses import dataclass

import numpy as np

from core.data.dataset import Dataset
from core.data.normalise import Normaliser
from core.errors import DamagedError, StoreError, writing_to
from core.runs.checkpoint import Checkpoint
from core.runs.folder import RunFolder, RunLock, is_kept
from core.runs.points import Points, merge
from core.runs.records import Run
from core.runs.store import Store
from core.training.history import History
from core.training.timeline import Timeline


@dataclass(frozen=True)
class Start:
    """The state that a run is resumed from."""

    timeline: Timeline
    """Its settings with all edits."""
    checkpoint: Checkpoint | None
    """None to begin at the first update."""
    evaluated: bool
    """Whether the evaluation that is due in this state, if any, was recorded."""
    history: History
    """Its points up to there."""
    later: dict[str, Points]
    """Its points after that by kind, which are computed again."""
    notes: list[str]
    """Remarks for the user, one sentence each."""

    @property
    def updates(self) -> int:
        """Number of completed updates."""
        return self.checkpoint.state.updates if self.checkpoint else 0

    @property
    def evaluations(self) -> Points:
        """All its recorded evaluations but one that was made at a stop."""
        return merge(self.history.evaluations.points(), self.later["evaluations"])


def acquire(store: Store, run: Run) -> RunLock:
    """Lock a run; create its folder again if it has been deleted.

    Raises:
        StoreError: if the run has been deleted, or another process works on it.
    """
    current, folder = store.existing(run.number), RunFolder(store.folder(run))
    with writing_to(folder.path):
        folder.ensure(current.experiment())
    return RunLock(folder.path)


def start_of(store: Store, run: Run, dataset: Dataset, normaliser: Normaliser) -> Start:
    """Return what a run is resumed from; the caller holds its lock.

    Args:
        store: the store of the run.
        run: the run as it is now.
        dataset: the images that it is to go on with.
        normaliser: the normaliser of their training images.

    Raises:
        StoreError: if the images are not those that the run began with.
    """
    if store.data_hash(run) not in (None, dataset.hash):
        raise other_images(run, dataset)
    timeline = Timeline.of(run.experiment(), store.edits(run))
    recorded, notes = store.history(run), list[str]()
    folder = RunFolder(store.folder(run))
    checkpoint = _newest_usable(
        folder, run, dataset, normaliser, timeline, len(recorded.updates), notes
    )
    done = checkpoint.state.updates if checkpoint else 0
    evaluated = done in recorded.evaluations.read()["update"]
    history, later = _split(recorded, timeline, done)
    return Start(timeline, checkpoint, evaluated, history, later, notes)


def other_images(run: Run, dataset: Dataset) -> StoreError:
    """Return the error for images that are not those that a run began with."""
    return StoreError(
        f"{run.id} began with other images than those of {dataset.source}; "
        "name the right ones with --data"
    )


def _newest_usable(
    folder: RunFolder,
    run: Run,
    dataset: Dataset,
    normaliser: Normaliser,
    timeline: Timeline,
    recorded: int,
    notes: list[str],
) -> Checkpoint | None:
    """Return the newest checkpoint from which the `recorded` updates go on; None if there is none.

    Raises:
        StoreError: if the images are not those that the run began with.
    """
    for path, checkpoint in folder.load_checkpoints():
        if isinstance(checkpoint, DamagedError):
            note = f"{checkpoint}; it is passed over"
        else:
            if not (
                np.array_equal(normaliser.mean, checkpoint.mean)
                and np.array_equal(normaliser.deviation, checkpoint.deviation)
            ):
                raise other_images(run, dataset)
            if checkpoint.leads_to(recorded, timeline):
                return checkpoint
            note = f"{path} does not belong to the points of {run.id}; passed over"
        # Of those that are kept there may be many, after a repair.
        if not (notes and is_kept(path)):
            notes.append(note)
    if run.updates:
        notes.append(f"{run.id} has no checkpoint to go on from, so it begins again")
    return None


def _split(recorded: History, timeline: Timeline, done: int) -> tuple[History, dict[str, Points]]:
    """Split the recorded points after `done` updates.

    The evaluation that was made at the stop is dropped: an uninterrupted run would not have it.
    """
    history, later = History(recorded.health.columns[1:]), dict[str, Points]()
    history.edits = recorded.edits
    for kind, table in recorded.tables.items():
        points = table.points()
        if kind == "evaluations":
            points = points[:, points[0] % timeline.experiment.evaluate_every == 0]
        up_to = int(np.searchsorted(points[0], done, side="right"))
        history.tables[kind].extend(points[:, :up_to])
        later[kind] = points[:, up_to:]
    return history, later
