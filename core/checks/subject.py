"""What is checked: one network with its weights, a batch, the cost, and its gradient by hand."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.build import layers_of
from core.checks import kinks
from core.checks.settings import CheckSettings
from core.config.architecture import LayerSpec
from core.config.experiment import Experiment
from core.data.dataset import Dataset, Split
from core.data.normalise import Normaliser
from core.nn.arrays import Array
from core.nn.dropout import Dropout
from core.nn.init import initialise
from core.nn.layer import Layer, Mode
from core.nn.loss import SoftmaxCrossEntropy
from core.nn.network import Network
from core.optim.sgd import cost_gradient
from core.seeding import Stream, generator

BIASES, BATCH, DROPPED = 0, 1, 5
"""Counters of the check's stream of random numbers; entries and directions have theirs below."""

BIAS_DEVIATION = 0.1
"""Biases are drawn, though training starts them at zero: one that is forgotten must show. So are
the gamma and beta of batch normalisation, around what they start at."""

CANDIDATES = 20
"""Images looked at for each that is taken, where they are to be far from a kink."""

INPUT = "input"
"""The name of the images among the tensors."""


@dataclass(frozen=True)
class Material:
    """Everything that a check needs, in double precision; each side rounds it to its own format.

    The batch is one shard: batch normalisation, in training mode, takes the statistics of all.
    """

    specs: tuple[LayerSpec, ...]
    """The architecture as it was written down, for references that read it themselves."""
    layers: tuple[Layer, ...]
    """The same as layers of this project, not allocated."""
    parameters: Array
    """Flat, float64."""
    x: Array
    """Normalised images, float64 (N, 32, 32, 3)."""
    labels: npt.NDArray[np.int64]
    """(N,)."""
    smoothing: float
    weight_decay: float
    images: str
    """Where the images came from, in words."""
    seed: int = 0
    """What dropout drops follows from it; the masks are drawn once and hold throughout."""


def draw(experiment: Experiment, check: CheckSettings, dataset: Dataset) -> Material:
    """Return weights and a batch for `experiment`, by the seed of `check`.

    Raises:
        SettingError: if the architecture is impossible.
    """
    layers, _ = layers_of(experiment.architecture)
    network = weighted(layers, check.seed)
    normaliser = Normaliser(dataset.train.images, per=experiment.normalisation)
    batch, words = _batch(check, dataset.train, network, normaliser)
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

    Weights are those that training starts from (He et al.), all else has normal numbers added.
    """
    network = Network(layers, 1, np.float64)
    initialise(network, generator(seed, Stream.INITIALISATION))
    biases = network.parameters[network.decay_size :]
    rng = generator(seed, Stream.CHECK, BIASES)
    biases += BIAS_DEVIATION * rng.standard_normal(biases.size)
    return network


def drop(network: Network, seed: int) -> None:
    """Draw the masks of dropout that a check holds fixed."""
    network.sample(lambda layer: generator(seed, Stream.CHECK, DROPPED, layer))


def _batch(
    check: CheckSettings, train: Split, network: Network, normaliser: Normaliser
) -> tuple[Split, str]:
    rng, count = generator(check.seed, Stream.CHECK, BATCH), min(check.batch_size, len(train))
    images = f"{count} images" if count > 1 else "1 image"
    if check.images == "random":
        shape = (count, *train.images.shape[1:])
        pixels = rng.integers(0, 256, shape, dtype=np.uint8)
        return Split(pixels, rng.integers(0, 10, count)), f"{images} of random pixels"
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
    """Return rows of `count` images that keep far from every kink, and how far.

    Images whose activations depend on the others of their batch, as with batch normalisation, are
    looked at, and taken, in whole batches: `together`, those of one pass, is 1 or `count`.
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
        """Names of the tensors that decay."""

    @property
    def names(self) -> list[str]:
        """The tensors of a report: the images, and all parameters in the order of the layers."""
        return [INPUT, *self.network.names]

    def tensor(self, name: str) -> Array:
        """Return the tensor itself; changing it changes the network."""
        return self.x if name == INPUT else self.network.tensors()[name][0]

    def layer_of(self, name: str) -> int:
        """Return the place of the layer that a tensor enters, from 0."""
        if name == INPUT:
            return 0
        names = iter(self.network.names)
        places = {
            next(names): place
            for place, layer in enumerate(self.network.layers)
            for _ in layer.parameters()
        }
        return places[name]

    def gradients(self, images: Sequence[int] | None = None) -> dict[str, Array]:
        """Return the gradient of the cost by every tensor, from the hand-written backward passes.

        Args:
            images: places in the batch of those that count; None takes all.
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
        found = {INPUT: dx.copy()}
        tensors = network.tensors()
        for name in network.names:
            found[name] = tensors[name][1].copy()
        return found

    def masks(self) -> list[Array]:
        """Return what the latest pass multiplied by, for each layer of dropout."""
        layers = self.network.layers
        return [layer.mask.copy() for layer in layers if isinstance(layer, Dropout)]

    def decisions(self) -> list[Array | None]:
        """Return, for each layer, which branches the latest forward pass took."""
        return [layer.decisions() for layer in self.network.layers]
