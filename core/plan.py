"""The plan of an experiment: layers, schedule, costs and memory.

A `Plan` contains shapes, parameters, multiply-adds and memory without allocating anything, so it is
cheap enough to be recomputed at every key press.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import numpy.typing as npt

from core.build_layers import LayerRow, layers_of
from core.config.experiment import Experiment
from core.nn import chain
from core.nn.acceleration import Prepared, divided, prepare, shared_bytes
from core.nn.layer import Layer
from core.nn.network import Network
from core.optim.adamw import AdamW
from core.optim.falling import Cosine, Step
from core.optim.optimiser import CHUNK, Rule
from core.optim.schedule import Constant, Cycles, Cyclical, OneCycle, Schedule
from core.optim.sgd import SGD
from core.settings import SettingError
from core.system import blas_kernel

POINT_BYTES = 48
"""Bytes of one update in the curves: five recorded numbers and one smoothed."""

KEPT_WAITING = 2
"""Largest number of checkpoints to be kept that wait to be written."""

PROBE_IMAGES = 64
"""Training images that the outputs of layers are recorded of."""

PROBE_BYTES = 16_000_000
"""Size of the buffers for these images beyond which fewer of them pass at a time."""

PROBE_BATCHES = (64, 32, 16, 8, 4)
"""How many of them may pass at a time. A network with large buffers has them for any batch, so one
of fewer images would save little."""

WORKER_BYTES = 25_000_000
"""Private memory of a process worker beside its buffers, measured: the pages that the worker or its
parent has written to since the fork."""


@dataclass(frozen=True)
class Plan:
    """Layers, schedule and costs of an experiment, without any allocation."""

    layers: tuple[Layer, ...]
    prepared: Prepared
    """The same layers in the form in which they are computed."""
    rows: tuple[LayerRow, ...]
    schedule: Schedule
    updates: int
    updates_per_epoch: int
    network_bytes: int
    """Parameters, gradients and buffers of all shards, including batches and losses."""
    data_bytes: int
    """Images of all sets, including augmented ones, their labels, the copies used in evaluations,
    and the order of an epoch."""
    kept_bytes: int
    """Points of the curves, the weights of the best and the last checkpoint, and of those that are
    kept, while they wait to be written, and those of a checkpoint that is being written."""
    health_bytes: int
    """The network that records the outputs of layers, its images, and two flat vectors; 0 if
    nothing is recorded."""
    shards: int
    """Number of parts of a batch, each of which a worker can process."""

    @property
    def parameters(self) -> int:
        """Number of trained values."""
        return sum(row.parameters for row in self.rows)

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds of one forward pass of one image."""
        return sum(row.multiply_adds for row in self.rows)

    def memory(self, threads: int) -> int:
        """Return the bytes that a training needs in addition to the idle program.

        Args:
            threads: maximum number of workers; all but the first are process workers.
        """
        workers = max(1, min(threads, self.shards)) - 1
        own = self.network_bytes + self.data_bytes + self.kept_bytes + self.health_bytes
        return own + workers * WORKER_BYTES

    @property
    def operations(self) -> int:
        """Floating-point operations of the matrix products of one update, for one image.

        Two per multiply-add; for the forward pass, the weight gradient, and the input gradient if
        it is needed.
        """
        copies = chain.working_copies(self.layers, input_gradient=False)
        return sum(
            2 * layer.multiply_adds() * (2 + layer.needs_input_gradient)
            for layer in chain.leaves(copies)
        )

    @property
    def epochs(self) -> float:
        """Passes over the training set, including augmented copies."""
        return self.updates / self.updates_per_epoch


def plan(
    experiment: Experiment, dataset: str | None = None, training_images: int | None = None
) -> Plan:
    """Return the plan of `experiment`.

    Args:
        experiment: settings of the run.
        dataset: the data set that it uses, if its own is `auto`.
        training_images: number of images in the training set, if it has been loaded.

    Raises:
        SettingError: if the architecture is impossible (the message gives layer number and shapes),
            or if the data set is too small for the settings.
    """
    if dataset is not None:
        experiment = experiment.model_copy(update={"dataset": dataset})
    layers, rows = layers_of(experiment)
    prepared, data = prepare(layers, blas_kernel()), experiment.data
    training = training_images
    if training is None:
        training = data.training - experiment.validation_size
    offline = experiment.copies if experiment.augmentation == "offline" else 0
    if experiment.batch_size > training:
        raise SettingError(
            "validation_size",
            f"it leaves {training:,} training images, too few for a batch of "
            f"{experiment.batch_size}",
        )
    _check_statistics(layers, rows, experiment)
    images = data.training + data.test
    labels, transforms = images, 0
    if experiment.augmentation != "none":
        # Label, original and shifts of each image that is trained on, and whether it is mirrored.
        transforms = (training + offline) * (4 * np.dtype(np.int64).itemsize + 1)
    elif prepared.layout.rearranges:
        images += training  # cut into patches, beside the originals
    sample = min(experiment.training_sample, training)
    return Plan(
        layers=layers,
        prepared=prepared,
        rows=rows,
        schedule=schedule(experiment),
        updates=experiment.total_updates,
        updates_per_epoch=(training + offline) // experiment.batch_size,
        network_bytes=_network_bytes(prepared, experiment),
        data_bytes=(images + sample) * prod(data.shape)
        + transforms
        + (labels + sample + training + offline) * np.dtype(np.int64).itemsize,
        kept_bytes=_kept_bytes(layers, experiment),
        health_bytes=_health_bytes(layers, experiment),
        shards=experiment.shards,
    )


def schedule(experiment: Experiment) -> Cycles:
    """Return the learning-rate schedule of `experiment`, regardless of `max_updates`."""
    cyclical = Cyclical(
        eta_min=experiment.eta_min,
        eta_max=experiment.eta_max,
        half_cycle=experiment.half_cycle,
        cycles=experiment.cycles,
        growth=experiment.growth,
        decay=experiment.decay,
    )
    lowest, highest, lengths = experiment.eta_min, experiment.eta_max, cyclical.lengths
    match experiment.schedule:
        case "constant":
            return Constant(highest, lengths)
        case "step":
            return Step(highest, lengths, lowest, experiment.decay)
        case "one-cycle":
            return OneCycle(lowest, highest, sum(lengths), experiment.warmup)
        case "cosine":
            return Cosine(lowest, highest, sum(lengths), experiment.warmup)
    return cyclical


def optimiser_rule(experiment: Experiment) -> Rule:
    """Return how the optimiser of `experiment` updates the parameters."""
    if experiment.optimiser == "adamw":
        return AdamW(experiment.beta1, experiment.beta2)
    return SGD(experiment.momentum, experiment.nesterov == "on")


def shard_sizes(experiment: Experiment) -> list[int]:
    """Return the number of images in each shard; they differ by one at most."""
    return [
        len(part) for part in np.array_split(np.arange(experiment.batch_size), experiment.shards)
    ]


def probe_batch(layers: Sequence[Layer], dtype: npt.DTypeLike) -> int:
    """Return how many of the probe images pass through the layers at a time."""
    sizes = (n for n in PROBE_BATCHES if Network.buffer_bytes(layers, n, dtype) <= PROBE_BYTES)
    return next(sizes, PROBE_BATCHES[-1])


def _check_statistics(
    layers: tuple[Layer, ...], rows: tuple[LayerRow, ...], experiment: Experiment
) -> None:
    """Reject batch normalisation over a single value per channel."""
    smallest, most = min(shard_sizes(experiment)), experiment.batch_size // 2
    instead = "raise batch_size"
    if most:
        allowed = "1 shard" if most == 1 else f"{most} shards"
        instead = f"a batch of {experiment.batch_size} allows {allowed}, or {instead}"
    for layer, row in zip(layers, rows, strict=True):
        if smallest < layer.smallest_batch():
            raise SettingError(
                "shards",
                f"layer {row.number} ({row.title}) would normalise over a single value of each "
                f"channel, as a shard has 1 image; {instead}",
            )


def _network_bytes(prepared: Prepared, experiment: Experiment) -> int:
    itemsize, index = np.dtype(experiment.dtype).itemsize, np.dtype(np.intp).itemsize
    count, statistics = _counts(prepared.layers)
    # Per image: pixels, row index and label, network input, and buffers of the loss.
    inputs = prod(prepared.layout.shape)
    # The workspace for augmented images is as large as the pixels.
    pixels, classes = prod(experiment.data.shape), len(experiment.data.classes)
    image = 2 * pixels + inputs * itemsize + (3 * classes + 1) * itemsize + 4 * index
    shards = sum(
        Network.buffer_bytes(prepared.layers, size, experiment.dtype) + image * size
        for size in shard_sizes(experiment)
    )
    # Parameters, statistics, state of the optimiser; gradients and statistics of every shard.
    kept = count * len(optimiser_rule(experiment).state)
    vectors = (count + statistics) * (1 + experiment.shards) + kept
    step = 2 * min(CHUNK, count) * experiment.shards
    at = divided(prepared.layers) if experiment.shards > 1 else None
    if at is not None:
        shards += shared_bytes(
            prepared.layers[at], experiment.batch_size, experiment.shards, experiment.dtype
        )
    # Plus the shared job: five numbers, and two for every shard.
    return (vectors + step) * itemsize + shards + 8 * (5 + 2 * experiment.shards)


def _health_bytes(layers: tuple[Layer, ...], experiment: Experiment) -> int:
    if experiment.health == "off":
        return 0
    batch, itemsize = probe_batch(layers, experiment.dtype), np.dtype(experiment.dtype).itemsize
    count, _ = _counts(layers)
    numbers = 2 * count + PROBE_IMAGES * prod(experiment.data.shape)
    return Network.buffer_bytes(layers, batch, experiment.dtype) + numbers * itemsize


def _kept_bytes(layers: tuple[Layer, ...], experiment: Experiment) -> int:
    count, statistics = _counts(layers)
    numbers = statistics + count * (1 + len(optimiser_rule(experiment).state))
    checkpoint = numbers * np.dtype(experiment.dtype).itemsize
    waiting = min(experiment.kept_checkpoints, KEPT_WAITING)
    return (3 + waiting) * checkpoint + POINT_BYTES * experiment.total_updates


def _counts(layers: tuple[Layer, ...]) -> tuple[int, int]:
    """Return the number of parameters and of running statistics."""
    statistics = sum(each.size for layer in layers for each in layer.statistics())
    return Network.parameter_count(layers), statistics
