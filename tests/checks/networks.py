"""Hypothesis strategies for random networks to check."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from hypothesis import strategies as st

from core.build_layers import layers_for
from core.checks.subject import Material, weighted
from core.layers import registry
from core.layers.gelu import Gelu
from core.layers.linear import Linear
from core.layers.relu import Relu
from core.layers.sequence import build_sequence
from core.layers.spec import LayerSpec
from core.nn.arrays import Shape
from core.nn.layer import ShapeError
from tests.layers.table import layers, spec_of


def material(
    specs: tuple[LayerSpec, ...],
    shape: Shape = (9, 7, 2),
    batch: int = 3,
    seed: int = 0,
    smoothing: float = 0.1,
    weight_decay: float = 0.01,
    x: Any = None,
) -> Material:
    """Return a network of `specs` on normally distributed inputs, with all terms of the cost."""
    made, _ = layers_for(specs, shape, 10)
    rng = np.random.default_rng(seed)
    return Material(
        specs=specs,
        layers=made,
        parameters=weighted(made, seed).parameters,
        x=rng.standard_normal((batch, *shape)) if x is None else x,
        labels=rng.integers(0, 10, batch),
        smoothing=smoothing,
        weight_decay=weight_decay,
        images=f"{batch} images",
        seed=seed,
    )


@dataclass(frozen=True)
class Case:
    """Parts of a random network; small, so that a failure is readable."""

    specs: tuple[LayerSpec, ...]
    shape: Shape
    batch: int
    seed: int
    smoothing: float
    weight_decay: float

    def material(self) -> Material:
        return material(
            self.specs, self.shape, self.batch, self.seed, self.smoothing, self.weight_decay
        )


@st.composite
def networks(draw: st.DrawFn) -> Case:
    """Generate two to six layers of all kinds, on images of odd sizes, including batches of 1."""
    shape: Shape = (draw(st.integers(3, 11)), draw(st.integers(3, 11)), draw(st.integers(1, 3)))
    start, specs, batch = shape, list[LayerSpec](), draw(st.integers(1, 4))
    for _ in range(draw(st.integers(1, 5))):
        specs += draw(_layers(shape, batch))
        _, rows = layers_for((*specs, Linear(units=10)), start, 10)
        shape = next((row.output_shape for row in rows if row.number == len(specs)), shape)
    specs.append(Linear(units=10))
    return Case(
        tuple(specs),
        start,
        batch=batch,
        seed=draw(st.integers(0, 10_000)),
        smoothing=draw(st.sampled_from((0.0, 0.1, 0.5))),
        weight_decay=draw(st.sampled_from((0.0, 0.003, 0.3))),
    )


BY_HAND = {
    "relu", "leakyrelu", "gelu", "linear", "flatten", "dropout", "conv1d", "pool", "avgpool",
    "globalpool", "conv", "batchnorm", "layernorm", "residual",
}  # fmt: skip
"""Kinds whose settings are drawn below; those of any other are drawn from their ranges."""


@st.composite
def _layers(draw: st.DrawFn, shape: Shape, batch: int, depth: int = 2) -> list[LayerSpec]:
    kinds = ["relu", "leakyrelu", "gelu", "linear", "flatten", "dropout"]
    kinds += [kind for kind in registry.kinds() if kind not in BY_HAND]
    if len(shape) > 1:
        kinds += ["conv1d", "pool", "avgpool", "globalpool"]
    if len(shape) == 3:
        kinds += ["conv", "conv", "conv", "pool"]
    # Normalised over two or three values, outputs hardly depend on them: gradients are rounding.
    if batch * prod(shape[:-1]) >= 8:
        kinds += ["batchnorm", "batchnorm"]
    if shape[-1] > 3:
        kinds.append("layernorm")
    if depth:
        kinds += ["residual", "residual"]
    kind = draw(st.sampled_from(kinds))
    if kind not in BY_HAND:
        spec = draw(layers(shape, lambda each: each == kind))
        return [] if spec is None else [spec]
    if kind == "residual":
        return [draw(_residuals(shape, batch, depth))]
    if kind in ("batchnorm", "layernorm"):
        # Another normalisation behind it, with nothing between, would leave beta no gradient.
        return [spec_of({"kind": kind}), draw(st.sampled_from((Relu(), Gelu())))]
    if kind in ("conv", "conv1d", "pool", "avgpool"):
        return [draw(_windows(kind, shape))]
    values: dict[str, Any] = {}
    if kind == "dropout":
        values["probability"] = draw(st.sampled_from((0.0, 0.2, 0.5)))
    elif kind == "leakyrelu":
        values["slope"] = draw(st.sampled_from((0.0, 0.01, 0.3)))
    elif kind == "linear":
        values["units"] = draw(st.integers(1, 9))
    return [spec_of({"kind": kind, **values})]


@st.composite
def _windows(draw: st.DrawFn, kind: str, shape: Shape) -> LayerSpec:
    """Generate a convolution or a pooling: tilings, overlaps, gaps, remainders and padding."""
    one_way = kind == "conv1d" or len(shape) == 2
    sides = shape[:1] if one_way else shape[:2]
    form: dict[str, list[int]] = {"filter": [], "stride": [], "padding": [], "dilation": []}
    for side in sides:
        if kind in ("pool", "avgpool"):
            filter = draw(st.integers(1, min(4, side)))
            padding, dilation = draw(st.integers(0, filter // 2)), 1
        else:
            padding = draw(st.integers(0, 2))
            filter = draw(st.integers(1, min(5, side + 2 * padding)))
            widest = max(1, (side + 2 * padding - 1) // max(1, filter - 1))
            dilation = draw(st.integers(1, min(3, widest))) if kind == "conv" else 1
        stride = draw(st.integers(1, 4) | st.just(filter))
        for name, value in zip(form, (filter, stride, padding, dilation), strict=True):
            form[name].append(value)
    values: dict[str, Any] = {n: v[0] if one_way else v for n, v in form.items()}
    if kind != "conv":
        del values["dilation"]
    if kind == "conv":
        groups = draw(st.sampled_from([g for g in (1, 1, 2, 3) if shape[-1] % g == 0]))
        values |= {"groups": groups, "filters": groups * draw(st.integers(1, 5))}
    elif kind == "conv1d":
        values["filters"] = draw(st.integers(1, 5))
    return spec_of({"kind": kind, **values})


@st.composite
def _residuals(draw: st.DrawFn, shape: Shape, batch: int, depth: int) -> LayerSpec:
    """Generate a residual layer, with others in it, whose branch is short enough to fit."""
    inner: list[LayerSpec] = []
    now = shape
    for _ in range(draw(st.integers(1, 3))):
        more = draw(_layers(now, batch, depth - 1))
        if not more:
            continue
        longer = [*inner, *more]
        try:
            built = build_sequence(longer, shape)
            spec_of({"kind": "residual", "layers": longer}).build(shape, True)
        except ShapeError:
            continue
        inner, now = longer, built[-1].layer.output_shape
    return spec_of({"kind": "residual", "layers": inner or [Relu()]})
