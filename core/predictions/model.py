"""A network that was trained, ready to be asked."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from core.build_layers import IMAGE_SHAPE, layers_of
from core.config.architecture import CLASSES
from core.config.experiment import Experiment
from core.data import synthetic
from core.data.dataset import Images, Split
from core.data.layout import CLASSES as CIFAR10
from core.data.normalise import Normaliser
from core.nn.acceleration import prepare
from core.nn.arrays import Array
from core.nn.network import Network
from core.plan import shard_sizes
from core.runs.checkpoint import Checkpoint
from core.training.shards import Shard

Progress = Callable[[int, int], None]
"""Told how many images of how many are done. What it raises ends the work."""


class Answers(NamedTuple):
    """What a network says of labelled images."""

    probabilities: Array
    """Of every class, (N, 10), in the number format of the network."""
    loss: float
    """Plain cross-entropy, summed over the images."""


class Model:
    """The network of a checkpoint, with the normalisation that it was trained with.

    Images go through one shard of the size that a training evaluates in: matrix products of other
    sizes may round differently, and what is said here is what the training said, to the bit. The
    buffers are of that size too, however many images there are.

    A model belongs to one thread at a time.

    Args:
        checkpoint: the network; its tensors are copied.

    Attributes:
        checkpoint: the same.
        classes: names of the ten classes, in the order of the probabilities.
        slice: images that are worked on at a time.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        experiment = self.experiment
        self.classes = class_names(experiment.dataset)
        self.slice = max(shard_sizes(experiment))
        layers, _ = layers_of(experiment.architecture)
        self._shard = Shard(
            prepare(layers),
            self.slice,
            experiment.dtype,
            np.zeros(Network.parameter_count(layers), experiment.dtype),
            Network.first_statistics(layers, experiment.dtype),
            Normaliser.of(checkpoint.mean, checkpoint.deviation, IMAGE_SHAPE),
        )
        for name, (value, _) in self._shard.network.tensors().items():
            np.copyto(value, checkpoint.state.tensors[name])

    @property
    def experiment(self) -> Experiment:
        """The settings that the run began with; none that shapes a network can change later."""
        return self.checkpoint.timeline.experiment

    def probabilities(self, images: Images, progress: Progress = lambda *_: None) -> Array:
        """Return the probability of every class for each image.

        Args:
            images: uint8 (N, 32, 32, 3).
            progress: told after every slice.

        Returns:
            (N, 10), in the number format of the network.

        Raises:
            ValueError: if these are no such images.
        """
        nothing = np.zeros(len(images), np.int64)
        return self.answers(Split(images, nothing), progress).probabilities

    def answers(self, split: Split, progress: Progress = lambda *_: None) -> Answers:
        """Return what the network says of labelled images.

        Args:
            split: images uint8 (N, 32, 32, 3) and their labels.
            progress: told after every slice.

        Raises:
            ValueError: if these are no such images.
        """
        images, labels = split.images, split.labels
        if images.dtype != np.uint8 or images.shape[1:] != IMAGE_SHAPE:
            raise ValueError(f"{images.dtype} of shape {images.shape} are no images of uint8")
        found = np.empty((len(images), CLASSES), self.experiment.dtype)
        loss = 0.0
        with (
            threadpool_limits(1, user_api="blas"),
            np.errstate(over="ignore", invalid="ignore"),
        ):
            for start in range(0, len(images), self.slice):
                part = slice(start, start + self.slice)
                loss += self._shard.evaluate(images[part], labels[part])[0]
                found[part] = self._shard.loss.probabilities
                progress(min(part.stop, len(images)), len(images))
        return Answers(found, loss)


def class_names(dataset: str) -> tuple[str, ...]:
    """Return the names of the classes of a data set, `cifar10` or `synthetic`."""
    return tuple(synthetic.SHAPES) if dataset == "synthetic" else CIFAR10
