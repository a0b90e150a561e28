"""A trained network, ready for inference."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from core.build_layers import layers_of
from core.config.experiment import Experiment
from core.data.dataset import Images, Split
from core.data.normalise import Normaliser
from core.nn.acceleration import prepare
from core.nn.arrays import Array
from core.nn.network import Network
from core.plan import shard_sizes
from core.runs.checkpoint import Checkpoint
from core.system import blas_kernel
from core.training.shard import Shard

Progress = Callable[[int, int], None]
"""Called with the number of images done and in total; an exception that it raises ends the work."""


class Predictions(NamedTuple):
    """The predictions of a network for labelled images."""

    probabilities: Array
    """Probabilities of the K classes, (N, K), in the dtype of the network."""
    loss: float
    """Plain cross-entropy, summed over the images."""


class Model:
    """The network of a checkpoint, with the normalisation that it was trained with.

    Images are processed in slices of the shard size of the training. Matrix products of other sizes
    may round differently; with this size, predictions are bitwise identical to those of the
    training. The size of the buffers does not depend on the number of images.

    A model can be used by one thread at a time.

    Args:
        checkpoint: the network; its tensors are copied.

    Attributes:
        checkpoint: the checkpoint.
        classes: names of the classes, in the order of the probabilities.
        shape: height, width and channels of an image.
        slice: number of images processed at a time.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        experiment = self.experiment
        self.classes, self.shape = experiment.data.classes, experiment.data.shape
        self.slice = max(shard_sizes(experiment))
        layers, _ = layers_of(experiment)
        self._shard = Shard(
            prepare(layers, blas_kernel()),
            self.slice,
            experiment.dtype,
            np.zeros(Network.parameter_count(layers), experiment.dtype),
            Network.first_statistics(layers, experiment.dtype),
            Normaliser.of(checkpoint.mean, checkpoint.deviation, self.shape),
        )
        for name, (value, _) in self._shard.network.tensors().items():
            np.copyto(value, checkpoint.state.tensors[name])

    @property
    def experiment(self) -> Experiment:
        """The settings that the run began with; edits cannot change those that define a network."""
        return self.checkpoint.timeline.experiment

    def probabilities(self, images: Images, progress: Progress = lambda *_: None) -> Array:
        """Return the probability of every class for each image.

        Args:
            images: uint8 (N, *shape).
            progress: called after every slice.

        Returns:
            (N, K) for K classes, in the dtype of the network.

        Raises:
            ValueError: if the dtype or shape of the images is wrong.
        """
        dummy_labels = np.zeros(len(images), np.int64)
        return self.predict(Split(images, dummy_labels), progress).probabilities

    def predict(self, split: Split, progress: Progress = lambda *_: None) -> Predictions:
        """Return the class probabilities and the loss for labelled images.

        Args:
            split: images uint8 (N, *shape) and their labels.
            progress: called after every slice.

        Raises:
            ValueError: if the dtype or shape of the images is wrong.
        """
        images, labels = split.images, split.labels
        if images.dtype != np.uint8 or images.shape[1:] != self.shape:
            raise ValueError(f"{images.dtype} of shape {images.shape} are no images of uint8")
        probabilities = np.empty((len(images), len(self.classes)), self.experiment.dtype)
        loss = 0.0
        with (
            threadpool_limits(1, user_api="blas"),
            np.errstate(over="ignore", invalid="ignore"),
        ):
            for start in range(0, len(images), self.slice):
                part = slice(start, start + self.slice)
                loss += self._shard.evaluate(images[part], labels[part])[0]
                probabilities[part] = self._shard.loss.probabilities
                progress(min(part.stop, len(images)), len(images))
        return Predictions(probabilities, loss)
