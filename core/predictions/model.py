"""A network that was trained, ready to be asked."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from core.build import IMAGE_SHAPE, layers_of, shard_sizes
from core.data.dataset import Images
from core.data.normalise import Normaliser
from core.experiment import Experiment
from core.nn.layer import Array, Mode
from core.nn.network import Network
from core.runs import checkpoint
from core.runs.checkpoint import Checkpoint
from core.runs.errors import DamagedError, StoreError, reason
from core.runs.folder import RunFolder
from core.runs.records import Run
from core.runs.store import Store
from core.training.arrangement import Arrangement

CLASSES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
"""Of CIFAR-10, in the order of the labels."""


class Model:
    """The network of a checkpoint, with the normalisation that it was trained with.

    It works through images in slices of the size that a training evaluates in, so that it says, to
    the bit, what the training was told.

    Args:
        kept: the checkpoint.
    """

    def __init__(self, kept: Checkpoint) -> None:
        self.kept = kept
        experiment = self.experiment
        layers, _ = layers_of(experiment.architecture)
        self._arrangement = Arrangement(layers)
        self.slice = max(shard_sizes(experiment))
        """Images that are worked on at a time."""
        self.network = Network(self._arrangement.layers, self.slice, experiment.dtype)
        for name, (value, _) in self.network.tensors().items():
            np.copyto(value, kept.state.tensors[name])
        plain = Normaliser.of(kept.mean, kept.deviation, IMAGE_SHAPE)
        self._normaliser = self._arrangement.normaliser(plain)
        self._pixels = np.empty((self.slice, int(np.prod(IMAGE_SHAPE))), np.uint8)
        self._x = np.empty((self.slice, self._arrangement.used), experiment.dtype)

    @property
    def experiment(self) -> Experiment:
        """The settings that hold at the checkpoint."""
        timeline, updates = self.kept.timeline, self.kept.state.updates
        return timeline.at(min(updates, max(0, timeline.updates - 1)))

    def logits(self, images: Images) -> Iterator[Array]:
        """Yield the logits (n, 10) of images (N, 32, 32, 3), uint8, slice by slice.

        What is yielded is overwritten by the next slice.
        """
        used = self._arrangement.used
        with threadpool_limits(1, user_api="blas"):
            for start in range(0, len(images), self.slice):
                part = images[start : start + self.slice]
                count = len(part)
                self._arrangement.write(part, self._pixels[:count])
                self.network.resize(count)
                x = self._x[:count]
                self._normaliser.apply(self._pixels[:count, :used], x)
                shaped = x.reshape(count, *self._arrangement.shape)
                yield self.network.forward(shaped, Mode.EVALUATION)

    def probabilities(self, images: Images) -> npt.NDArray[np.float64]:
        """Return the probability of every class, (N, 10), for images (N, 32, 32, 3), uint8."""
        found = [softmax(part) for part in self.logits(images)]
        return np.concatenate(found) if found else np.empty((0, len(CLASSES)))


def softmax(logits: Array) -> npt.NDArray[np.float64]:
    """Return exp(z) / sum exp(z) for each row, in double precision, whatever the size of z."""
    z = logits.astype(np.float64)
    z -= z.max(axis=1, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(axis=1, keepdims=True)
    return z


def load(store: Store, run: Run, *, best: bool = False) -> tuple[Model, list[str]]:
    """Return the network of a run, and what the user should know about where it comes from.

    Args:
        store: of the run.
        run: which one.
        best: the network of the best validation accuracy instead of the last.

    Raises:
        StoreError: if there is no checkpoint that can be used.
    """
    folder = RunFolder(store.folder(run))
    notes: list[str] = []
    paths = [folder.best()] if best else folder.numbered()
    for path in paths:
        try:
            return Model(_read(path)), notes
        except FileNotFoundError:
            continue
        except DamagedError as error:
            notes.append(f"{error}; the one before it is used")
    if notes:
        raise StoreError(notes[0].removesuffix("; the one before it is used"))
    what = "of its best validation accuracy yet" if best else "yet"
    raise StoreError(f"{run.id} has no weights {what}; `convsole resume {run.id}` goes on with it")


def _read(path: Path) -> Checkpoint:
    try:
        return checkpoint.read(path)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DamagedError(f"cannot read {path}: {reason(error)}") from None
