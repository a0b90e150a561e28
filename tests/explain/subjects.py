"""Networks to explain."""

from typing import Any

import numpy as np

from core.build_layers import layers_for
from core.checks.subject import weighted
from core.data.dataset import Images, Split
from core.data.normalise import Normaliser
from core.explain import Subject
from core.layers.spec import LayerSpec
from core.nn.arrays import Shape


def subject(
    specs: tuple[LayerSpec, ...],
    shape: Shape = (9, 7, 2),
    dtype: str = "float64",
    seed: int = 0,
    smoothing: float = 0.1,
) -> Subject:
    """Return a network with random weights, biases and running statistics, of ten classes."""
    layers, _ = layers_for(specs, shape, 10)
    rng = np.random.default_rng(seed)
    tensors: dict[str, Any] = {}
    for name, (value, _) in weighted(layers, seed).tensors().items():
        tensors[name] = value.astype(dtype)
        if name.endswith((".mean", ".variance")):
            tensors[name] = np.abs(rng.normal(1.0, 0.3, value.shape)).astype(dtype)
    mean, deviation = np.full(shape, 120.0), rng.uniform(40, 70, shape)
    return Subject(
        specs=specs,
        shape=shape,
        classes=tuple("abcdefghij"),
        dtype=dtype,
        normaliser=Normaliser.of(mean, deviation, shape),
        tensors=tensors,
        smoothing=smoothing,
        seed=seed,
    )


def images(shape: Shape, count: int, seed: int = 0) -> Split:
    """Return random images of ten classes."""
    rng = np.random.default_rng(seed)
    pixels: Images = rng.integers(0, 256, (count, *shape), np.uint8)
    return Split(pixels, rng.integers(0, 10, count))
