"""Data augmentation: random horizontal flips and shifts of the training images.

The border that a shift leaves uncovered is filled with repeated edge pixels, so that no black frame
reveals the shift to the network.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data.dataset import Images, Split
from core.seeding import Stream, generator

BLOCK = 64
"""Number of images transformed at a time, so that their indices and pixels stay in cache."""


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
    height, width, channels = images.shape[1:]
    # With pixels as items of as many bytes as channels, the whole transform is one gather.
    item = f"V{channels}"
    pixels, target = images.reshape(-1).view(item), out.reshape(-1).view(item)
    for start in range(0, len(rows), BLOCK):
        block = slice(start, start + BLOCK)
        # A pixel outside the image is taken from the nearest edge.
        y = np.clip(np.arange(height) - transforms.dy[block, None], 0, height - 1)
        x = np.clip(np.arange(width) - transforms.dx[block, None], 0, width - 1)
        x = np.where(transforms.flip[block, None], width - 1 - x, x)
        first = rows[block, None] * (height * width)
        source = ((first + y * width)[:, :, None] + x[:, None, :]).ravel()
        begin = start * height * width
        # All indices are valid; `clip` is used because the other modes copy through a buffer.
        pixels.take(source, out=target[begin : begin + len(source)], mode="clip")


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


def offline_copies(
    train: Split, seed: int, copies: int, flip_probability: float, largest_shift: int
) -> Split:
    """Return the training images followed by transformed copies of some of them, in one array.

    Args:
        train: N images.
        seed: as for `offline_draws`, which decides what the copies are; so are the others.
        copies: number of images to add.
        flip_probability: probability that a copy is mirrored.
        largest_shift: largest shift of a copy in each direction, in pixels.

    Returns:
        N + copies images: the originals in order, then the copies.

    """
    count = len(train)
    rows, transforms = offline_draws(count, seed, copies, flip_probability, largest_shift)
    images = np.empty((count + copies, *train.images.shape[1:]), np.uint8)
    images[:count] = train.images
    apply(train.images, rows, transforms, images[count:])
    return Split(images, np.concatenate([train.labels, train.labels[rows]]))


def fresh_epoch(
    train: Split,
    seed: int,
    epoch: int,
    flip_probability: float,
    largest_shift: int,
    out: Images,
) -> None:
    """Write every training image, transformed for one epoch, to the same row of `out`.

    Args:
        train: N images.
        seed: as for `fresh_draws`, which decides the transforms; so are the next three.
        epoch: epoch from 0.
        flip_probability: probability that an image is mirrored.
        largest_shift: largest shift of an image in each direction, in pixels.
        out: uint8 (N, H, W, C), C-contiguous; must not overlap `train`.

    """
    transforms = fresh_draws(len(train), seed, epoch, flip_probability, largest_shift)
    apply(train.images, np.arange(len(train)), transforms, out)
