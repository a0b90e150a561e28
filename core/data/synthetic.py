"""A built-in data set of ten classes of coloured shapes, for machines without CIFAR-10.

Every image has 32x32 pixels and shows one shape with a random position, size, rotation, colours and
noise. A shape may be lighter or darker than its background, so that no single pixel separates the
classes: a linear model is far worse than a network that detects edges first. Each `load` computes
the same images again.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from core.data.dataset import DataError, Dataset, Images, Split
from core.seeding import Stream, generator

TRAINING = 11_000
"""Number of images for training and validation together."""
TEST = 2_000
IMAGE_SHAPE = (32, 32, 3)
"""Height, width and channels of an image."""

SEED = 10
BLOCK = 250
"""Number of images painted at a time, so that their distances stay in cache."""

LARGEST_OFFSET = 5.0
"""Maximum offset of a shape from the centre of the image in each direction, in pixels."""
RADIUS = (6.5, 13.0)
"""Smallest and largest radius of a shape, in pixels."""
LARGEST_TURN = np.pi / 6
"""Maximum rotation of a shape in either direction, in radians."""
CONTRAST = (40.0, 140.0)
"""Smallest and largest difference in brightness of shape and background, of 255."""
MIDDLE = (75.0, 120.0)
"""Lowest and highest mean brightness of shape and background, of 255."""
TINT = 40.0
"""Maximum deviation of each colour from the brightness, of 255."""
NOISE_BITS = 6
"""Noise of 0 to 2**6 - 1 is added to every value of a pixel."""

Field = npt.NDArray[Any]
"""A float32 for every pixel of n images, (n, 32, 32)."""


def _disc(u: Field, v: Field) -> Field:
    return np.hypot(u, v) - np.float32(0.85)


def _ring(u: Field, v: Field) -> Field:
    return np.abs(np.hypot(u, v) - np.float32(0.72)) - np.float32(0.2)


def _square(u: Field, v: Field) -> Field:
    return np.maximum(np.abs(u), np.abs(v)) - np.float32(0.78)


def _triangle(u: Field, v: Field) -> Field:
    sides = np.abs(u) * np.float32(0.87) - v * np.float32(0.5)
    return np.maximum(sides - np.float32(0.45), v - np.float32(0.6))


def _cross(u: Field, v: Field) -> Field:
    a, b = np.abs(u), np.abs(v)
    return np.maximum(np.maximum(a, b) - np.float32(0.9), np.minimum(a, b) - np.float32(0.25))


def _star(u: Field, v: Field) -> Field:
    # A star's outline is a straight line in each half of its five sectors: fold all onto one.
    turn = np.arctan2(u, -v) * np.float32(5 / (2 * np.pi))
    angle = np.abs(turn - np.rint(turn)) * np.float32(2 * np.pi / 5)
    line = np.cos(angle) * np.float32(0.45) + np.sin(angle) * np.float32(0.89)
    return np.hypot(u, v) * line - np.float32(0.43)


def _crescent(u: Field, v: Field) -> Field:
    bite = np.hypot(u - np.float32(0.45), v) - np.float32(0.65)
    return np.maximum(np.hypot(u, v) - np.float32(0.9), -bite)


def _bar(u: Field, v: Field) -> Field:
    return np.maximum(np.abs(u) - np.float32(0.3), np.abs(v) - np.float32(0.95))


def _stripes(u: Field, v: Field) -> Field:
    across = v * np.float32(1.8)
    lines: Field = np.abs(across - np.rint(across)) - np.float32(0.25)
    return np.maximum(lines * np.float32(0.55), np.maximum(np.abs(u), np.abs(v)) - np.float32(0.85))


def _checkers(u: Field, v: Field) -> Field:
    squares: Field = np.cos(u * np.float32(5.54)) * np.cos(v * np.float32(5.54))
    return np.maximum(
        squares * np.float32(-0.18), np.maximum(np.abs(u), np.abs(v)) - np.float32(0.85)
    )


SHAPES: dict[str, Callable[[Field, Field], Field]] = {
    "bar": _bar,
    "checkers": _checkers,
    "crescent": _crescent,
    "cross": _cross,
    "disc": _disc,
    "ring": _ring,
    "square": _square,
    "star": _star,
    "stripes": _stripes,
    "triangle": _triangle,
}
"""Each shape as a signed distance of a point from its outline, negative inside. The shape fills the
circle of radius 1 around (0, 0), with u to the right and v down."""


def load(validation_size: int = 1000) -> Dataset:
    """Return the built-in data set.

    Args:
        validation_size: number of images at the end of the 11,000 training images that form the
            validation set.

    Raises:
        DataError: if that leaves no training images.

    """
    cut = TRAINING - validation_size
    if not 0 < cut <= TRAINING:
        raise DataError(
            f"a validation set of {validation_size:,} does not fit the built-in set of"
            f" {TRAINING:,} training images; choose 0 to {TRAINING - 1:,}"
        )
    train, test = _draw(TRAINING, 0), _draw(TEST, 1)
    return Dataset(
        name="synthetic",
        source="built in",
        classes=tuple(SHAPES),
        train=Split(train.images[:cut], train.labels[:cut]),
        validation=Split(train.images[cut:], train.labels[cut:]),
        test=test,
    )


def _draw(count: int, part: int) -> Split:
    """Return `count` images, equally many of each class; each `part` has different images."""
    rng = generator(SEED, Stream.SYNTHETIC, part)
    order = rng.permutation(count)
    images = np.empty((count, 32, 32, 3), np.uint8)
    labels = np.empty(count, np.int64)
    for label, shape in enumerate(SHAPES.values()):
        rows = order[label :: len(SHAPES)]
        labels[rows] = label
        for start in range(0, len(rows), BLOCK):
            block = rows[start : start + BLOCK]
            images[block] = _paint(rng, len(block), shape)
    return Split(images, labels)


def _paint(rng: np.random.Generator, count: int, shape: Callable[[Field, Field], Field]) -> Images:
    """Return `count` images of one shape, uint8 (count, 32, 32, 3)."""

    def uniform(low: float, high: float) -> Field:
        return rng.uniform(low, high, (count, 1, 1)).astype(np.float32)

    radius = uniform(*RADIUS)
    turn = uniform(-LARGEST_TURN, LARGEST_TURN)
    axis = np.arange(32, dtype=np.float32) - np.float32(15.5)
    y = axis[:, None] - uniform(-LARGEST_OFFSET, LARGEST_OFFSET)
    x = axis[None, :] - uniform(-LARGEST_OFFSET, LARGEST_OFFSET)
    cos, sin = np.cos(turn) / radius, np.sin(turn) / radius
    distance = shape(x * cos + y * sin, y * cos - x * sin)
    # Fraction of a pixel that the shape covers, with its outline taken as straight there.
    cover = np.clip(np.float32(0.5) - distance * radius, 0, 1)

    half = uniform(*CONTRAST) / 2 * rng.choice(np.array([-1, 1], np.float32), (count, 1, 1))
    middle = uniform(*MIDDLE)
    noise = rng.integers(0, 256, (3, count, 32, 32), np.uint8) >> (8 - NOISE_BITS)
    images = np.empty((count, 32, 32, 3), np.uint8)
    for channel in range(3):
        ground = middle - half + uniform(-TINT, TINT)
        figure = middle + half + uniform(-TINT, TINT)
        values = cover * (figure - ground)
        values += ground
        values += noise[channel]
        images[..., channel] = np.clip(values, 0, 255, out=values)
    return images
