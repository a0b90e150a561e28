"""Tests that the check detects every one of these faults in backward passes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.checks import gradients, subject
from core.checks.report import Report, Verdict
from core.checks.settings import CheckSettings
from core.config.experiment import Experiment
from core.data.dataset import Dataset
from core.nn.arrays import Array
from core.nn.avgpool import AveragePool2d
from core.nn.batchnorm import BatchNorm
from core.nn.conv import Conv2d
from core.nn.conv1d import Conv1d
from core.nn.dropout import Dropout
from core.nn.flatten import Flatten
from core.nn.gelu import GELU
from core.nn.globalpool import GlobalAveragePool
from core.nn.kernels.groups import GroupedConv2d
from core.nn.kernels.im2col import Patches
from core.nn.kernels.patchify import Patchify
from core.nn.kernels.tiling import TiledConv2d
from core.nn.layernorm import LayerNorm
from core.nn.leakyrelu import LeakyReLU
from core.nn.linear import Linear
from core.nn.loss import SoftmaxCrossEntropy
from core.nn.pool import MaxPool2d
from core.nn.relu import ReLU
from core.nn.residual import Residual

Patch = pytest.MonkeyPatch

IMAGES: list[dict[str, Any]] = [
    {"kind": "pool", "filter": 2, "stride": 2},
    {"kind": "conv", "filter": 3, "filters": 7, "stride": 1, "padding": 1},
    {"kind": "relu"},
    {"kind": "pool", "filter": 3, "stride": 2},
    {"kind": "conv", "filter": 3, "filters": 5, "stride": 1, "padding": 1},
    {"kind": "relu"},
    {"kind": "flatten"},
    {"kind": "linear", "units": 12},
    {"kind": "relu"},
    {"kind": "linear", "units": 12},
    {"kind": "linear", "units": 10},
]
PATCHES: list[dict[str, Any]] = [
    {"kind": "conv", "filter": 4, "filters": 4, "stride": 4},
    {"kind": "relu"},
    {"kind": "conv", "filter": 2, "filters": 6, "stride": 2},
    {"kind": "linear", "units": 10},
]
ROWS: list[dict[str, Any]] = [
    {"kind": "conv1d", "filter": 3, "filters": 6, "stride": 2, "padding": 1},
    {"kind": "relu"},
    {"kind": "conv1d", "filter": 3, "filters": 6, "stride": 1, "padding": 1},
    {"kind": "linear", "units": 10},
]
NORMS: list[dict[str, Any]] = [
    {"kind": "conv", "filter": 3, "filters": 4, "stride": 1, "padding": 1},
    {"kind": "batchnorm"},
    {"kind": "relu"},
    {"kind": "avgpool", "filter": 3, "stride": 2},
    {"kind": "dropout", "probability": 0.3},
    {"kind": "conv", "filter": 3, "filters": 5, "stride": 2, "padding": 1},
    {"kind": "batchnorm"},
    {"kind": "relu"},
    {"kind": "globalpool"},
    {"kind": "linear", "units": 10},
]
BRANCHES: list[dict[str, Any]] = [
    {"kind": "conv", "filter": 4, "filters": 4, "stride": 4},
    {"kind": "layernorm"},
    {"kind": "leakyrelu", "slope": 0.2},
    {"kind": "pool", "filter": 3, "stride": 2, "padding": 1},
    {
        "kind": "residual",
        "layers": [
            {"kind": "conv", "filter": 3, "filters": 6, "stride": 2, "padding": 1},
            {"kind": "batchnorm"},
            {"kind": "gelu"},
            {"kind": "conv", "filters": 6, "padding": 2, "dilation": 2},
        ],
    },
    {
        "kind": "residual",
        "layers": [
            {"kind": "layernorm"},
            {"kind": "residual", "layers": [{"kind": "gelu"}]},
            {"kind": "conv", "filters": 6, "padding": 1, "groups": 3},
        ],
    },
    {"kind": "linear", "units": 10},
]
REFERENCES = [
    ("torch", "float32"),
    ("torch", "float64"),
    ("central", "float64"),
    ("complex", "float64"),
]


def check(
    architecture: list[dict[str, Any]], reference: tuple[str, str], dataset: Dataset
) -> Report:
    if reference[0] == "torch":
        pytest.importorskip("torch", reason="PyTorch is not installed; it is the reference here")
    experiment = Experiment.of(
        {
            "architecture": architecture,
            "label_smoothing": 0.1,
            "weight_decay": 0.01,
            "normalisation": "channel",
        }
    )
    settings = CheckSettings.of(
        {
            "reference": reference[0],
            "dtype": reference[1],
            "batch_size": 4,
            "images": "random",  # in a few windows of random pixels, two values tie for the maximum
            "entries": 24,
        }
    )
    return gradients.run(experiment, settings, load=lambda *_: dataset)


def after(kind: type, change: Callable[[Any, Any], Any]) -> Callable[[Patch], None]:
    """Return a function that patches a layer's backward pass to apply `change` to its results."""

    def apply(patch: Patch) -> None:
        right = kind.backward  # type: ignore[attr-defined]

        def wrong(layer: Any, dy: Array) -> Any:
            dx = right(layer, dy)
            changed = change(layer, dx)
            return dx if changed is None else changed

        patch.setattr(kind, "backward", wrong)

    return apply


def transposed_factor(layer: Linear, dx: Array) -> Array | None:
    square = layer.weight.shape[0] == layer.weight.shape[1]
    return dx @ np.linalg.inv(layer.weight.T) @ layer.weight if square else None


def dropped_row(layer: Any, dx: Array) -> None:
    layer.dbias -= layer.dbias / len(layer.x)


def swapped_filters(layer: Any, dx: Array) -> None:
    layer.dweight[:] = layer.dweight[::-1].copy()


def swapped_axes(layer: Any, dx: Array) -> None:
    layer.dweight[:] = layer.dweight.swapaxes(0, 1).copy()


def to_every_tie(layer: MaxPool2d, dy: Array) -> Array:
    dx = np.zeros_like(layer.dx)
    for values, target in zip(layer._slices(layer.x), layer._slices(dx), strict=True):
        np.add(target, dy * (values == layer.y), out=target)
    return dx


def pool_to_every_tie(patch: Patch) -> None:
    right = MaxPool2d.forward

    def forward(layer: Any, x: Array, mode: Any) -> Array:
        layer.x = x
        return right(layer, x, mode)

    patch.setattr(MaxPool2d, "forward", forward)
    patch.setattr(MaxPool2d, "backward", to_every_tie)


def pool_stride_off_by_one(patch: Patch) -> None:
    right = MaxPool2d.backward

    def wrong(layer: Any, dy: Array) -> Any:
        stride = layer.stride
        layer.stride = (stride[0] - layer.overlapping, stride[1])
        try:
            return right(layer, dy)
        finally:
            layer.stride = stride

    patch.setattr(MaxPool2d, "backward", wrong)


def conv_stride_off_by_one(patch: Patch) -> None:
    right = Patches.add_up

    def wrong(patches: Patches, *arguments: Any) -> None:
        down, across = patches.stride
        right(replace(patches, stride=(down - 1 or 1, across - 1 or 1)), *arguments)

    patch.setattr(Patches, "add_up", wrong)


def tile_left_out(name: str) -> Callable[[Patch], None]:
    """Return a fault that leaves out a tile of the layer's attribute `name`."""

    def apply(patch: Patch) -> None:
        right = TiledConv2d._parts

        def wrong(layer: Any, wide: Array, filters: Array) -> Any:
            parts = right(layer, wide, filters)
            return parts[1:] if wide is getattr(layer, name, None) else parts

        patch.setattr(TiledConv2d, "_parts", wrong)

    return apply


def filters_not_turned(patch: Patch) -> None:
    right = Conv2d._by_convolution

    def wrong(layer: Any, dy: Array, back: Any) -> None:
        weight = layer.weight
        layer.weight = np.ascontiguousarray(weight[::-1, ::-1])
        try:
            right(layer, dy, back)
        finally:
            layer.weight = weight

    patch.setattr(Conv2d, "_by_convolution", wrong)


def padding_off_by_one(layer: Conv2d, dx: Array) -> Array | None:
    return np.roll(dx, 1, axis=1) if any(layer.padding) else None


def mean_of_the_neighbour(layer: Any, dx: Array) -> Array:
    """Subtract the mean gradient of another channel."""
    mean = dx.mean(axis=(0, 1, 2)) + layer.scale * layer.dbeta / (len(dx) * layer.places)
    return dx + mean - np.roll(mean, 1)


def variance_held_fixed(layer: Any, dx: Array) -> Array:
    count = len(dx) * layer.places
    unit = layer.centred * layer.inverse
    return dx + layer.scale * unit * layer.dgamma / count


def undivided_gamma(layer: Any, dx: Array) -> None:
    layer.dgamma /= layer.inverse


def uncentred(layer: Any, dx: Array) -> None:
    """Sum dy x instead of dy (x - m)."""
    layer.dgamma += layer.batch_mean * layer.inverse * layer.dbeta


def half_a_gelu(patch: Patch) -> None:
    """Leave out the part of the product rule in which the gate moves."""
    patch.setattr(GELU, "backward", lambda layer, dy: dy * (1 + layer.t) / 2)


def position_held_fixed(patch: Patch) -> None:
    """Take mean and deviation of a position as constants."""

    def wrong(layer: Any, dy: Array) -> Array:
        right(layer, dy)
        inverse = layer.inverse.reshape(*layer.x_shape, 1)
        return dy * layer.gamma * inverse

    right, forward = LayerNorm.backward, LayerNorm.forward

    def remembered(layer: Any, x: Array, mode: Any) -> Array:
        layer.x_shape = x.shape[:-1]
        return forward(layer, x, mode)

    patch.setattr(LayerNorm, "forward", remembered)
    patch.setattr(LayerNorm, "backward", wrong)


def gamma_of_the_neighbour(layer: Any, dx: Array) -> None:
    layer.dgamma[:] = np.roll(layer.dgamma, 1)


def short_way_left_out(patch: Patch) -> None:
    right = Residual.backward

    def wrong(layer: Any, dy: Array) -> Any:
        dx = right(layer, dy)
        return dx - (dy if layer.shortcut is None else layer.shortcut.dx)

    patch.setattr(Residual, "backward", wrong)


def branch_left_out(patch: Patch) -> None:
    right = Residual.backward

    def wrong(layer: Any, dy: Array) -> Any:
        right(layer, dy)
        return dy.copy() if layer.shortcut is None else layer.shortcut.dx

    patch.setattr(Residual, "backward", wrong)


def mask_drawn_anew(patch: Patch) -> None:
    right = Dropout.backward

    def wrong(layer: Any, dy: Array) -> Any:
        mask = layer.mask
        layer.mask = np.roll(mask, 1, axis=-1)
        try:
            return right(layer, dy)
        finally:
            layer.mask = mask

    patch.setattr(Dropout, "backward", wrong)


def smoothing_left_out(patch: Patch) -> None:
    right = SoftmaxCrossEntropy.backward

    def wrong(loss: Any, scale: float) -> Array:
        loss._smoothing = 0.0
        return right(loss, scale)

    patch.setattr(SoftmaxCrossEntropy, "backward", wrong)


def loss_scaled(patch: Patch) -> None:
    right = SoftmaxCrossEntropy.backward
    patch.setattr(SoftmaxCrossEntropy, "backward", lambda loss, scale: right(loss, scale * 1.01))


def missing_two(patch: Patch) -> None:
    patch.setattr(subject, "cost_gradient", lambda w, g, decay, out: np.add(g, decay * w, out=out))


def penalised_biases(patch: Patch) -> None:
    right = subject.Subject.gradients

    def wrong(self: Any, images: Any = None) -> dict[str, Array]:
        found = right(self, images)
        for name in found:
            if name.endswith("bias"):
                found[name] += 0.02 * self.tensor(name)
        return found

    patch.setattr(subject.Subject, "gradients", wrong)


FAULTS: dict[str, tuple[list[dict[str, Any]], Callable[[Patch], None]]] = {
    "linear: a transposed factor": (IMAGES, after(Linear, transposed_factor)),
    "linear: an image left out of the bias sum": (IMAGES, after(Linear, dropped_row)),
    "linear: dW in another order": (IMAGES, after(Linear, swapped_filters)),
    "conv: an image left out of the bias sum": (IMAGES, after(Conv2d, dropped_row)),
    "conv: filters flipped": (IMAGES, after(Conv2d, swapped_filters)),
    "conv: filters transposed": (IMAGES, after(Conv2d, swapped_axes)),
    "tiled conv: filters flipped": (IMAGES, after(TiledConv2d, swapped_filters)),
    "tiled conv: a tile left out of dW": (NORMS, tile_left_out("dwide")),
    "tiled conv: a tile left out of dx": (IMAGES, tile_left_out("wide_turned")),
    "tiled conv: a tile left out of dW by convolution": (IMAGES, tile_left_out("dwide_turned")),
    "conv: padding off by one": (IMAGES, after(Conv2d, padding_off_by_one)),
    "conv: dx by filters that are not turned": (IMAGES, filters_not_turned),
    "patchify: filters transposed": (PATCHES, after(Patchify, swapped_axes)),
    "patchify: dx of the neighbouring patch": (
        PATCHES,
        after(Patchify, lambda layer, dx: np.roll(dx, 1, axis=1)),
    ),
    "conv1d: filters flipped": (ROWS, after(Conv1d, swapped_filters)),
    "conv1d: dx a step late": (ROWS, after(Conv1d, lambda layer, dx: np.roll(dx, 1, axis=1))),
    "pool: gradient to every tie": (IMAGES, pool_to_every_tie),
    "pool: stride off by one": (IMAGES, pool_stride_off_by_one),
    "conv1d: stride off by one": (ROWS, conv_stride_off_by_one),
    "relu: lets everything through": (
        IMAGES,
        after(ReLU, lambda layer, dx: dx + 1e-4 * (layer.y == 0)),
    ),
    "flatten: another order": (
        IMAGES,
        after(Flatten, lambda layer, dx: np.ascontiguousarray(dx.swapaxes(1, 2))),
    ),
    "batchnorm: variance held fixed": (NORMS, after(BatchNorm, variance_held_fixed)),
    "batchnorm: mean of another channel": (NORMS, after(BatchNorm, mean_of_the_neighbour)),
    "batchnorm: dgamma not divided": (NORMS, after(BatchNorm, undivided_gamma)),
    "batchnorm: dgamma not centred": (NORMS, after(BatchNorm, uncentred)),
    "dropout: another mask on the way back": (NORMS, mask_drawn_anew),
    "avgpool: another share of the window": (
        NORMS,
        after(AveragePool2d, lambda layer, dx: dx * 1.01),
    ),
    "globalpool: divided twice": (
        NORMS,
        after(GlobalAveragePool, lambda layer, dx: dx / layer.places),
    ),
    "leakyrelu: nothing from below 0": (
        BRANCHES,
        after(LeakyReLU, lambda layer, dx: dx * (layer.x.real > 0)),
    ),
    "gelu: the gate held fixed": (BRANCHES, half_a_gelu),
    "layernorm: mean and deviation held fixed": (BRANCHES, position_held_fixed),
    "layernorm: dgamma of another channel": (BRANCHES, after(LayerNorm, gamma_of_the_neighbour)),
    "residual: the short way left out": (BRANCHES, short_way_left_out),
    "residual: the branch left out": (BRANCHES, branch_left_out),
    "groups: dx of another group": (
        BRANCHES,
        after(GroupedConv2d, lambda layer, dx: np.roll(dx, layer.share, axis=-1)),
    ),
    "dilation: dx a pixel off": (
        BRANCHES,
        after(
            Conv2d, lambda layer, dx: np.roll(dx, 1, axis=1) if layer.dilation != (1, 1) else None
        ),
    ),
    "pool: padding off by one": (
        BRANCHES,
        after(MaxPool2d, lambda layer, dx: np.roll(dx, 1, axis=1) if any(layer.padding) else None),
    ),
    "loss: smoothing left out": (PATCHES, smoothing_left_out),
    "loss: another scale": (PATCHES, loss_scaled),
    "L2: the 2 is missing": (PATCHES, missing_two),
    "L2: biases decay too": (PATCHES, penalised_biases),
}


@pytest.mark.parametrize(
    "architecture",
    [IMAGES, PATCHES, ROWS, NORMS, BRANCHES],
    ids=["images", "patches", "rows", "norms", "branches"],
)
@pytest.mark.parametrize("reference", REFERENCES, ids="-".join)
def test_without_a_fault_all_pass(
    architecture: list[dict[str, Any]], reference: tuple[str, str], small: Dataset
) -> None:
    report = check(architecture, reference, small)
    assert report.passed
    assert report.count(Verdict.PASS) == report.tensors == len(report.rows)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("reference", REFERENCES, ids="-".join)
def test_every_fault_is_caught(
    fault: str, reference: tuple[str, str], small: Dataset, monkeypatch: Patch
) -> None:
    architecture, apply = FAULTS[fault]
    if "tie" in fault and reference[0] == "central":
        pytest.skip("a tie is a kink, and central differences do not look there")
    apply(monkeypatch)
    report = check(architecture, reference, small)
    assert not report.passed
    assert report.count(Verdict.FAIL)
