"""Hypothesis strategies for random networks to check."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from hypothesis import strategies as st

from core.build_layers import layers_of
from core.checks.subject import Material, weighted
from core.config.architecture import (
    AvgPool,
    BatchNorm,
    Conv,
    Conv1d,
    Dropout,
    Flatten,
    GlobalPool,
    LayerSpec,
    Linear,
    Pool,
    Relu,
)
from core.nn.arrays import Shape


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
    layers, _ = layers_of(specs, shape)
    rng = np.random.default_rng(seed)
    return Material(
        specs=specs,
        layers=layers,
        parameters=weighted(layers, seed).parameters,
        x=rng.standard_normal((batch, *shape)) if x is None else x,
        labels=rng.integers(0, 10, batch),
        smoothing=smoothing,
        weight_decay=weight_decay,
        images=f"{batch} images",
        seed=seed,
    )


@st.composite
def geometries(draw: st.DrawFn, lengths: tuple[int, ...], deepest: int) -> dict[str, int]:
    """Generate valid filters, strides and paddings: tilings, overlaps, gaps and remainders."""
    padding = draw(st.integers(0, deepest))
    filter = draw(st.integers(1, min(5, min(lengths) + 2 * padding)))
    stride = draw(st.integers(1, 4) | st.just(filter))
    return {"filter": filter, "stride": stride, "padding": padding}


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
        _, rows = layers_of((*specs, Linear(units=10)), start)
        shape = next(row.output_shape for row in rows if row.number == len(specs))
    specs.append(Linear(units=10))
    return Case(
        tuple(specs),
        start,
        batch=batch,
        seed=draw(st.integers(0, 10_000)),
        smoothing=draw(st.sampled_from((0.0, 0.1, 0.5))),
        weight_decay=draw(st.sampled_from((0.0, 0.003, 0.3))),
    )


@st.composite
def _layers(draw: st.DrawFn, shape: Shape, batch: int) -> list[LayerSpec]:
    kinds = ["relu", "linear", "flatten", "dropout"]
    if len(shape) > 1:
        kinds += ["conv1d", "pool", "avgpool", "globalpool"]
    if len(shape) == 3:
        kinds += ["conv", "conv", "pool"]
    # Normalised over two or three values, outputs hardly depend on them: gradients are rounding.
    if batch * prod(shape[:-1]) >= 8:
        kinds += ["batchnorm", "batchnorm"]
    kind = draw(st.sampled_from(kinds))
    if kind == "batchnorm":
        # Another normalisation behind it, with nothing between, would leave beta no gradient.
        return [BatchNorm(), Relu()]
    if kind == "dropout":
        return [Dropout(probability=draw(st.sampled_from((0.0, 0.2, 0.5))))]
    if kind == "relu":
        return [Relu()]
    if kind == "flatten":
        return [Flatten()]
    if kind == "globalpool":
        return [GlobalPool()]
    if kind == "linear":
        return [Linear(units=draw(st.integers(1, 9)))]
    lengths = shape[:1] if kind == "conv1d" or len(shape) == 2 else shape[:2]
    pools = {"pool": Pool, "avgpool": AvgPool}
    geometry = draw(geometries(lengths, 0 if kind in pools else 2))
    if kind in pools:
        return [pools[kind](filter=geometry["filter"], stride=geometry["stride"])]
    made = Conv if kind == "conv" else Conv1d
    return [made(filters=draw(st.integers(1, 5)), **geometry)]
