"""The network whose values are explained."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import numpy as np

from core.build_layers import layers_for
from core.config.experiment import Experiment
from core.data.dataset import Dataset, Shape
from core.data.normalise import Normaliser
from core.layers.sequence import Built, build_sequence
from core.layers.spec import LayerSpec
from core.nn.arrays import Array
from core.nn.init import initialise
from core.nn.layer import Layer
from core.nn.network import Network
from core.runs.checkpoint import Checkpoint
from core.seeding import Stream, generator
from core.training.timeline import Timeline


@dataclass(frozen=True, eq=False)
class Subject:
    """A network between two updates."""

    specs: tuple[LayerSpec, ...]
    """Its architecture."""
    shape: Shape
    """Shape of one image."""
    classes: tuple[str, ...]
    """Names of the classes, in the order of the probabilities."""
    dtype: str
    normaliser: Normaliser
    tensors: Mapping[str, Array]
    """Parameters and running statistics by name."""
    smoothing: float = 0.0
    """Label smoothing of the training."""
    seed: int = 0
    """Seed of dropout."""
    updates: int = 0
    """Number of completed updates."""
    optimiser: Mapping[str, Array] = field(default_factory=dict)
    """Vectors of the optimiser by name; none before the first update."""
    timeline: Timeline | None = None
    """Settings of its training with all edits; None for a network without one."""

    @classmethod
    def fresh(cls, experiment: Experiment, dataset: Dataset) -> Self:
        """Return the network with which a training of `experiment` begins.

        Raises:
            SettingError: if the architecture is impossible.
        """
        experiment = experiment.changed(dataset=dataset.name)
        data = experiment.data
        layers, _ = layers_for(experiment.architecture, data.shape, len(data.classes))
        network = Network(layers, 1, experiment.dtype)
        initialise(network, generator(experiment.seed, Stream.INITIALISATION))
        tensors = {name: value for name, (value, _) in network.tensors().items()}
        normaliser = Normaliser.of_training(dataset, experiment.normalisation)
        return cls._trained(Timeline.of(experiment, ()), normaliser, tensors)

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> Self:
        """Return the network of a checkpoint."""
        state, shape = checkpoint.state, checkpoint.timeline.experiment.data.shape
        normaliser = Normaliser.of(checkpoint.mean, checkpoint.deviation, shape)
        return cls._trained(
            checkpoint.timeline, normaliser, state.tensors, state.updates, state.optimiser
        )

    @classmethod
    def _trained(
        cls,
        timeline: Timeline,
        normaliser: Normaliser,
        tensors: Mapping[str, Array],
        updates: int = 0,
        optimiser: Mapping[str, Array] | None = None,
    ) -> Self:
        experiment = timeline.at(updates)
        return cls(
            specs=experiment.architecture,
            shape=experiment.data.shape,
            classes=tuple(experiment.data.classes),
            dtype=experiment.dtype,
            normaliser=normaliser,
            tensors=tensors,
            smoothing=experiment.label_smoothing,
            seed=experiment.seed,
            updates=updates,
            optimiser=optimiser or {},
            timeline=timeline,
        )

    @property
    def next_update(self) -> int:
        """Number of the update that comes next, counted from 0.

        When the training is over it is the last one, which one can look at as if it were made once
        more.
        """
        if self.timeline is None:
            return self.updates
        return min(self.updates, self.timeline.updates - 1)

    @property
    def is_over(self) -> bool:
        """Whether the training has made all its updates."""
        return self.timeline is not None and self.updates >= self.timeline.updates

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The layers in the order in which they are written, not allocated."""
        return layers_for(self.specs, self.shape, len(self.classes))[0]

    def described(self) -> list[Built]:
        """Return the layers with their descriptions, in the same order."""
        return build_sequence(self.specs, self.shape)

    def network(self, batch: int) -> Network:
        """Return the network with buffers for `batch` images, and with the gradient of its input.

        Raises:
            MemoryError: if the buffers do not fit.
        """
        network = Network(self.layers, batch, self.dtype, input_gradient=True)
        for name, (value, _) in network.tensors().items():
            np.copyto(value, self.tensors[name])
        return network

    def mask_generator(self, shard: int, layer: int) -> np.random.Generator:
        """Return the generator of a dropout layer in the next update, see `ShardedNetwork`."""
        return generator(self.seed, Stream.DROPOUT, self.updates, layer, shard)
