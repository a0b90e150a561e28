"""Data augmentation: random horizontal flips and shifts of the training images.

The border that a shift leaves uncovered is filled with repeated edge pixels, so that no black frame
reveals the shift to the network.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
import numpy.typing as npt

from core.data.dataset import Images
from core.seeding import Stream, generator


@dataclass(frozen=True)
class Transforms:
    """The transforms of N images.

    Attributes:
        flip: bool (N,), whether to mirror the image left to right, before the shift.
        dy: int64 (N,), shift down in rows; up if negative.
        dx: int64 (N,), shift right in columns; left if negative.
    """

    flip: npt.NDArray[np.bool_]
    dy: npt.NDArray[np.int64]
    dx: npt.NDArray[np.int64]

    def at(self, rows: npt.NDArray[np.int64]) -> Self:
        """Return the transforms of some of the images."""
        return type(self)(self.flip[rows], self.dy[rows], self.dx[rows])

    def replace(self, others: Self) -> None:
        """Take the values of others, for as many images."""
        for mine, other in zip(vars(self).values(), vars(others).values(), strict=True):
            np.copyto(mine, other)


def draw(
    rng: np.random.Generator, count: int, flip_probability: float, largest_shift: int
) -> Transforms:
    """Sample a transform for each of `count` images.

    Args:
        rng: random generator.
        count: number of images.
        flip_probability: probability of a flip, 0 to 1.
        largest_shift: pixels; both shifts are uniform from -largest_shift to +largest_shift.

    """
    flip = rng.random(count) < flip_probability
    dy, dx = rng.integers(-largest_shift, largest_shift, (2, count), endpoint=True)
    return Transforms(flip, dy, dx)


def apply(images: Images, rows: npt.NDArray[np.int64], transforms: Transforms, out: Images) -> None:
    """Write images[rows[i]], flipped and shifted by transform i, to out[i].

    Args:
        images: uint8 (M, H, W, C), C-contiguous; must not overlap `out`.
        rows: int64 (N,), each from 0 to M - 1.
        transforms: N transforms.
        out: uint8 (N, H, W, C), C-contiguous.

    """
    _, height, width, channels = images.shape
    lines, target = (each.reshape(len(each), height, -1) for each in (images, out))
    reach = int(max(np.abs(transforms.dy).max(), np.abs(transforms.dx).max())) if len(rows) else 0
    down, _ = _windows(height, reach, 1)
    across = _windows(width, reach, channels)
    moved: Images = np.empty(lines.shape[1:], np.uint8)
    values = zip(
        rows.tolist(),
        transforms.flip.tolist(),
        transforms.dy.tolist(),
        transforms.dx.tolist(),
        strict=True,
    )
    # All indices are valid; `clip` is used because the other modes copy through a buffer.
    for place, (row, flip, dy, dx) in enumerate(values):
        if not (flip or dy or dx):
            target[place] = lines[row]
            continue
        first = reach - dy
        lines[row].take(down[first : first + height], axis=0, out=moved, mode="clip")
        first = (reach - dx) * channels
        items = across[flip][first : first + width * channels]
        moved.take(items, axis=1, out=target[place], mode="clip")


def offline_draws(
    count: int, seed: int, copies: int, flip_probability: float, largest_shift: int
) -> tuple[npt.NDArray[np.int64], Transforms]:
    """Return which image each offline copy is of, and how it is transformed.

    The images to copy are sampled without replacement; if there are more copies than images, the
    numbers of copies of any two images differ by at most one. The same arguments give the same
    copies.

    Args:
        count: number of training images.
        seed: seed of the run.
        copies: number of copies.
        flip_probability: probability that a copy is mirrored.
        largest_shift: largest shift of a copy in each direction, in pixels.

    Returns:
        The row of each copy's image, int64 (copies,), and as many transforms.
    """
    rng = generator(seed, Stream.OFFLINE)
    rounds = [rng.permutation(count) for _ in range(-(-copies // count))]
    rows = np.concatenate([np.empty(0, np.int64), *rounds])[:copies]
    return rows, draw(rng, copies, flip_probability, largest_shift)


def fresh_draws(
    count: int, seed: int, epoch: int, flip_probability: float, largest_shift: int
) -> Transforms:
    """Return how each of `count` training images is transformed in one epoch.

    Args:
        count: number of training images.
        seed: seed of the run.
        epoch: epoch from 0. The same seed and epoch give the same transforms.
        flip_probability: probability that an image is mirrored.
        largest_shift: largest shift of an image in each direction, in pixels.
    """
    return draw(generator(seed, Stream.FRESH, epoch), count, flip_probability, largest_shift)


def after_originals(
    count: int, rows: npt.NDArray[np.int64], transforms: Transforms
) -> tuple[npt.NDArray[np.int64], Transforms]:
    """Return rows and transforms with those of `count` originals, as they are, before them."""
    still = np.zeros(count, np.int64)
    return np.concatenate([np.arange(count), rows]), Transforms(
        np.concatenate([still.astype(np.bool_), transforms.flip]),
        np.concatenate([still, transforms.dy]),
        np.concatenate([still, transforms.dx]),
    )


@lru_cache(maxsize=64)
def _windows(size: int, reach: int, items: int) -> tuple[npt.NDArray[np.intp], ...]:
    """Return the indices along one axis from -reach to size + reach - 1, and those mirrored.

    A pixel outside the image is taken from the nearest edge.

    Args:
        size: pixels along the axis.
        reach: largest shift.
        items: number of items of a pixel, which lie side by side.
    """
    places = np.clip(np.arange(-reach, size + reach), 0, size - 1)
    return tuple(
        (items * each[:, None] + np.arange(items)).ravel() for each in (places, size - 1 - places)
    )
