"""The subject of a check: a network with weights, a batch, the cost, and its own gradient."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.build_layers import layers_of
from core.checks import kinks
from core.checks.settings import CheckSettings
from core.config.experiment import Experiment
from core.data.dataset import Dataset, Split
from core.data.normalise import Normaliser
from core.layers.spec import LayerSpec
from core.nn import chain
from core.nn.arrays import Array
from core.nn.dropout import Dropout
from core.nn.init import initialise
from core.nn.layer import Layer, Mode
from core.nn.loss import SoftmaxCrossEntropy
from core.nn.network import Network
from core.optim.penalty import cost_gradient
from core.seeding import Stream, generator

BIASES, BATCH, DROPPED = 0, 1, 5
"""Counters in the check's stream of random numbers; `core.checks.probes` uses 2 to 4."""

BIAS_DEVIATION = 0.1
"""Standard deviation of the random numbers added to biases, and to gamma and beta of batch
normalisation: with their initial values, a missing bias would not be detected."""

CANDIDATES = 20
"""Number of candidates per image if images far from kinks are requested."""

INPUT = "input"
"""Name of the images among the tensors."""


@dataclass(frozen=True)
class Material:
    """The inputs of a check in double precision; each side rounds them to its own format.

    The batch is one shard: batch normalisation uses the statistics of all images, as in training.
    """

    specs: tuple[LayerSpec, ...]
    """The architecture, for references that build it themselves."""
    layers: tuple[Layer, ...]
    """The same architecture as layers of this project, not allocated."""
    parameters: Array
    """Flat parameter vector, float64."""
    x: Array
    """Normalised images, float64 (N, H, W, C)."""
    labels: npt.NDArray[np.int64]
    """(N,)."""
    smoothing: float
    weight_decay: float
    images: str
    """Description of the images."""
    seed: int = 0
    """Seed of the dropout masks, which are sampled once and stay fixed."""


def draw(experiment: Experiment, check: CheckSettings, dataset: Dataset) -> Material:
    """Return random weights and a random batch for `experiment`, from the seed of `check`.

    Raises:
        SettingError: if the architecture is impossible.
    """
    layers, _ = layers_of(experiment.model_copy(update={"dataset": dataset.name}))
    network = weighted(layers, check.seed)
    normaliser = Normaliser.of_training(dataset, experiment.normalisation)
    batch, words = _batch(check, dataset, network, normaliser)
    return Material(
        specs=experiment.architecture,
        layers=layers,
        parameters=network.parameters,
        x=_normalised(normaliser, batch),
        labels=batch.labels,
        smoothing=experiment.label_smoothing,
        weight_decay=experiment.weight_decay,
        images=words,
        seed=check.seed,
    )


def weighted(layers: Sequence[Layer], seed: int) -> Network:
    """Return a float64 network for one image with the weights of a check.

    Weights have the initial values of a training (He et al.); normally distributed numbers are
    added to all other parameters.
    """
    network = Network(layers, 1, np.float64)
    initialise(network, generator(seed, Stream.INITIALISATION))
    biases = network.parameters[network.decay_size :]
    rng = generator(seed, Stream.CHECK, BIASES)
    biases += BIAS_DEVIATION * rng.standard_normal(biases.size)
    return network


def drop(network: Network, seed: int) -> None:
    """Sample the fixed dropout masks of a check."""
    network.sample(lambda layer: generator(seed, Stream.CHECK, DROPPED, layer))


def _batch(
    check: CheckSettings, dataset: Dataset, network: Network, normaliser: Normaliser
) -> tuple[Split, str]:
    train = dataset.train
    rng, count = generator(check.seed, Stream.CHECK, BATCH), min(check.batch_size, len(train))
    images = f"{count} images" if count > 1 else "1 image"
    if check.images == "random":
        shape = (count, *train.images.shape[1:])
        pixels = rng.integers(0, 256, shape, dtype=np.uint8)
        labels = rng.integers(0, len(dataset.classes), count)
        return Split(pixels, labels), f"{images} of random pixels"
    if check.images == "data":
        return _part(train, rng.choice(len(train), count, replace=False)), images
    together = 1 if all(layer.batch_independent for layer in network.layers) else count
    best, distance = _clear(rng, train, network, normaliser, together, count, check.seed)
    return _part(train, best), f"{images} at least {distance:.0e} from a kink"


def _clear(
    rng: np.random.Generator,
    train: Split,
    network: Network,
    normaliser: Normaliser,
    together: int,
    count: int,
    seed: int,
) -> tuple[npt.NDArray[np.int64], float]:
    """Return the rows of `count` images far from every kink, and their smallest distance.

    Images whose activations depend on the rest of the batch, as with batch normalisation, are
    evaluated and selected in whole batches: `together`, the size of one pass, is 1 or `count`.
    """
    rows = rng.choice(len(train), min(CANDIDATES * count, len(train)), replace=False)
    groups = rows[: len(rows) // together * together].reshape(-1, together)
    network = Network(network.layers, together, np.float64, network.parameters)
    drop(network, seed)
    clearance = np.array(
        [
            kinks.clearance(network, _normalised(normaliser, _part(train, group))).min()
            for group in groups
        ]
    )
    best = np.argsort(-clearance, kind="stable")[: count // together]
    return groups[best].reshape(-1), float(clearance[best].min())


def _part(train: Split, rows: npt.NDArray[np.int64]) -> Split:
    return Split(train.images[rows], train.labels[rows])


def _normalised(normaliser: Normaliser, batch: Split) -> Array:
    x = np.empty(batch.images.shape, np.float64)
    normaliser.apply(batch.images, x)
    return x


class Subject:
    """The hand-written network on its batch, in one number format.

    Args:
        material: weights, images and cost.
        dtype: float32, float64, or complex128 for the complex step.
    """

    def __init__(self, material: Material, dtype: npt.DTypeLike) -> None:
        self.material = material
        batch = len(material.labels)
        parameters = material.parameters.astype(dtype)
        self.network = Network(material.layers, batch, dtype, parameters, input_gradient=True)
        drop(self.network, material.seed)
        self.loss = SoftmaxCrossEntropy(self.network.output_shape[0], batch, dtype)
        self.x = material.x.astype(dtype)
        decaying = parameters[: self.network.decay_size]
        self.decays = {
            name
            for name, (parameter, _) in self.network.tensors().items()
            if np.shares_memory(parameter, decaying)
        }
        """Names of the tensors to which weight decay applies."""
        names = iter(self.network.names)
        self._layers = {
            next(names): index
            for index, layer in enumerate(self.network.layers)
            for _ in layer.parameters()
        }
        self._layers[INPUT] = 0

    @property
    def names(self) -> list[str]:
        """Names of the tensors of a report: the images, and the parameters in layer order."""
        return [INPUT, *self.network.names]

    def tensor(self, name: str) -> Array:
        """Return the tensor itself, not a copy."""
        return self.x if name == INPUT else self.network.tensors()[name][0]

    def layer_of(self, name: str) -> int:
        """Return the index of the layer that uses a tensor, from 0."""
        return self._layers[name]

    def gradients(self, images: Sequence[int] | None = None) -> dict[str, Array]:
        """Return the gradient of the cost for every tensor, by the hand-written backward passes.

        Args:
            images: indices of the images in the batch to use; None uses all.
        """
        rows = np.arange(len(self.x)) if images is None else np.asarray(images)
        network, labels = self.network, self.material.labels[rows]
        network.resize(len(rows))
        logits = network.forward(self.x[rows], Mode.TRAINING)
        self.loss.forward(logits, labels, self.material.smoothing)
        dx = network.backward(self.loss.backward(1.0 / len(rows)))
        assert dx is not None
        decaying = slice(network.decay_size)
        weights, flat = network.parameters[decaying], network.gradients[decaying]
        flat[:] = cost_gradient(weights, flat, self.material.weight_decay, np.empty_like(flat))
        gradients = {INPUT: dx.copy()}
        tensors = network.tensors()
        for name in network.names:
            gradients[name] = tensors[name][1].copy()
        return gradients

    def masks(self) -> list[Array]:
        """Return the current masks of the dropout layers."""
        layers = chain.leaves(self.network.layers)
        return [layer.mask.copy() for layer in layers if isinstance(layer, Dropout)]

    def decisions(self) -> list[Array | None]:
        """Return the decisions of each layer in the latest forward pass."""
        return [layer.decisions() for layer in self.network.layers]
