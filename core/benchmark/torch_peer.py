"""The same training in PyTorch, as usually written and in faster variants for CPUs.

This is the only file of the benchmark that imports PyTorch, and it does so only when called. Both
sides do the same work: batches have the same rows of the same set, and every update computes the
loss.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.config.experiment import Experiment
from core.data.batches import Batches
from core.data.dataset import Dataset
from core.data.normalise import Normaliser
from core.layers.conv import Conv
from core.layers.flatten import Flatten
from core.layers.linear import Linear
from core.layers.relu import Relu
from core.layers.torch_modules import ModuleBuilder
from core.nn.arrays import Array
from core.optim.adamw import EPSILON
from core.plan import schedule

INSTALL = "`pip install torch` brings it; the rest is measured without it"


@dataclass(frozen=True)
class Variant:
    """One variant of the network in PyTorch."""

    layout: str
    """`plain` (Conv2d on NCHW), `channels_last`, or `patches` (pre-cut, with Linear)."""
    fused: bool
    """Whether the optimiser updates all tensors in one kernel."""

    @property
    def words(self) -> str:
        """The variant as text for the user."""
        layouts = {
            "plain": "Conv2d",
            "channels_last": "Conv2d, channels last",
            "patches": "patches with Linear",
        }
        return layouts[self.layout] + (", fused" if self.fused else "")


AS_WRITTEN = Variant("plain", fused=False)


def missing() -> str | None:
    """Return why PyTorch cannot be measured, or None if it can."""
    try:
        import torch  # noqa: F401
    except ImportError:
        return f"PyTorch is not installed; {INSTALL}"
    except OSError as error:
        return f"PyTorch is installed but cannot be loaded: {error}"
    return None


def version() -> str:
    """Return PyTorch's version."""
    import torch

    return str(torch.__version__)


def variants(experiment: Experiment) -> list[Variant]:
    """Return the variants of PyTorch to try for an architecture."""
    first = experiment.architecture[0]
    layouts = ["plain", "channels_last"]
    # Cut patches have no rows and columns, so no later layer may need them.
    if (
        isinstance(first, Conv)
        and isinstance(first.filter, int)
        and first == Conv(filter=first.filter, filters=first.filters, stride=first.filter)
        and not any(side % first.filter for side in experiment.data.shape[:2])
        and all(isinstance(spec, Relu | Flatten | Linear) for spec in experiment.architecture[1:])
    ):
        layouts.append("patches")
    every = [Variant(layout, fused) for layout in layouts for fused in (False, True)]
    return [variant for variant in every if variant != AS_WRITTEN]


class TorchPeer:
    """A network in PyTorch that is trained on the same images in the same order.

    Args:
        experiment: settings of the run.
        dataset: the images.
        parameters: initial parameters by name, in this project's shapes.
        threads: number of PyTorch's threads.
        variant: variant of the network.
    """

    def __init__(
        self,
        experiment: Experiment,
        dataset: Dataset,
        parameters: dict[str, Array],
        threads: int,
        variant: Variant,
    ) -> None:
        import torch

        self._torch, self._threads, self.variant = torch, threads, variant
        self._schedule, self._updates = schedule(experiment), experiment.total_updates
        self._batches = Batches(len(dataset.train), experiment.seed, experiment.batch_size)
        self._images = torch.from_numpy(_images(experiment, dataset, variant))
        if variant.layout != "patches":
            self._images = self._images.permute(0, 3, 1, 2)
            if variant.layout == "plain":
                self._images = self._images.contiguous()
        self._labels = torch.tensor(dataset.train.labels)
        self._net = _network(torch, experiment, parameters, variant)
        if variant.layout == "channels_last":
            self._net = self._net.to(memory_format=torch.channels_last)
        self._optimiser = _optimiser(torch, experiment, self._net, variant.fused)
        self._clip_norm = experiment.clip_norm
        self._smoothing = experiment.label_smoothing
        self._criterion = torch.nn.CrossEntropyLoss(label_smoothing=experiment.label_smoothing)
        self._loss = float("nan")

    @contextmanager
    def block(self) -> Iterator[None]:
        """Set the number of PyTorch's threads within the context."""
        before = self._torch.get_num_threads()
        self._torch.set_num_threads(self._threads)
        try:
            yield
        finally:
            self._torch.set_num_threads(before)

    def update(self, number: int) -> None:
        """Run one update; the schedule repeats after its end."""
        number %= self._updates
        rate = self._schedule.rate(number)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        rows = self._torch.from_numpy(self._batches.rows(number).copy())
        x, labels = self._images[rows], self._labels[rows]
        self._optimiser.zero_grad()
        loss = self._criterion(self._net(x), labels)
        loss.backward()
        if self._clip_norm:
            self._torch.nn.utils.clip_grad_norm_(self._net.parameters(), self._clip_norm)
        self._optimiser.step()
        self._loss = loss.item()

    def loss(self) -> float:
        """Return the (smoothed) loss of the latest update."""
        return self._loss

    def close(self) -> None:
        """Do nothing, because PyTorch's threads cannot be ended."""


def _images(experiment: Experiment, dataset: Dataset, variant: Variant) -> Array:
    """Return the normalised images, float32, in the layout of the variant."""
    pixels = dataset.train.images
    x = np.empty(pixels.shape, np.float32)
    Normaliser(pixels, per=experiment.normalisation).apply(pixels, x)
    if variant.layout != "patches":
        return x
    first = experiment.architecture[0]
    assert isinstance(first, Conv)
    assert isinstance(first.filter, int)
    size, (height, width, channels) = first.filter, dataset.shape
    down, across = height // size, width // size
    cut = x.reshape(len(x), down, size, across, size, channels).transpose(0, 1, 3, 2, 4, 5)
    return np.ascontiguousarray(cut).reshape(len(x), down * across, size * size * channels)


def _optimiser(torch: Any, experiment: Experiment, net: Any, fused: bool) -> Any:
    """Return the optimiser of `experiment` for the parameters of a module."""
    # Matrices and filters decay; biases and the parameters of normalisations are vectors.
    weights = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim == 1]
    # PyTorch's decay adds lambda w to the gradient; here lambda w^2 is added to the cost.
    decaying: dict[str, Any] = {"params": weights, "weight_decay": 2 * experiment.weight_decay}
    groups = [decaying, {"params": others, "weight_decay": 0.0}]
    if experiment.optimiser == "adamw":
        betas = experiment.beta1, experiment.beta2
        return torch.optim.AdamW(groups, lr=0.1, betas=betas, eps=EPSILON, fused=fused)
    return torch.optim.SGD(
        groups,
        lr=0.1,
        momentum=experiment.momentum,
        nesterov=bool(experiment.momentum) and experiment.nesterov == "on",
        fused=fused,
    )


def _network(
    torch: Any, experiment: Experiment, parameters: dict[str, Array], variant: Variant
) -> Any:
    """Return the network with the given weights, as a module."""
    shape = experiment.data.shape
    specs, builder = experiment.architecture, ModuleBuilder(torch, shape)
    if variant.layout != "patches":
        return builder.build(specs, parameters)
    first, *rest = specs
    assert isinstance(first, Conv)
    weight, bias = parameters["conv1.weight"].reshape(-1, first.filters), "conv1.bias"
    patches = torch.nn.Linear(*weight.shape)
    builder.filled(patches, weight.T, parameters.get(bias))
    builder.shape = first.build(shape, offset=True).output_shape
    # Patches lie in this project's order of values, which a flatten keeps.
    return torch.nn.Sequential(patches, builder.build(rest, parameters, channels_first=False))
