"""The images that batches are drawn from, as a network takes them."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from core.data import augment
from core.data.augment import Transforms
from core.data.dataset import Images, Labels, Split
from core.nn.acceleration import InputLayout
from core.threads import share

Rows = npt.NDArray[np.int64]

CHUNK = 256
"""Number of images that a thread rearranges at a time."""


class TrainingSet(Protocol):
    """Images and labels to train on; all workers see the same."""

    labels: Labels

    def __len__(self) -> int:
        """Return the number of images."""

    def load(self, rows: Rows, work: Images, out: Images) -> None:
        """Write images in the order of the input layout; values that it does not cover may miss.

        Args:
            rows: indices (n,).
            work: workspace (n, H, W, C), which is overwritten.
            out: (n, H W C).
        """


class StoredImages:
    """Images that are stored in the order of the input layout.

    Args:
        images: (N, H W C).
        labels: (N,).
    """

    def __init__(self, images: Images, labels: Labels) -> None:
        self.images, self.labels = images, labels

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.labels)

    def load(self, rows: Rows, work: Images, out: Images) -> None:
        """Copy images, see `TrainingSet`."""
        # "clip" skips a bounds check that would copy; the rows come from a permutation.
        self.images.take(rows, axis=0, out=out, mode="clip")


class AugmentedImages:
    """Images that are flipped and shifted when a batch takes them.

    So no copy of them needs memory, or time before the first update.

    Args:
        originals: N images as they are stored, with labels.
        origins: index of the original of each of M images.
        transforms: M transforms, in memory that all workers share if they change.
        layout: input layout of the network.
    """

    def __init__(
        self, originals: Split, origins: Rows, transforms: Transforms, layout: InputLayout
    ) -> None:
        self._images, self._origins, self._layout = originals.images, origins, layout
        self.transforms = transforms
        self.labels = originals.labels[origins]

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._origins)

    def load(self, rows: Rows, work: Images, out: Images) -> None:
        """Transform images, see `TrainingSet`."""
        augment.apply(self._images, self._origins[rows], self.transforms.at(rows), work)
        self._layout.write(work, out)


def as_rows(split: Split, layout: InputLayout, threads: int = 1) -> StoredImages:
    """Return `split` with its images as rows; the images are copied if their order changes."""
    images = split.images.reshape(len(split), -1)
    if not layout.rearranges:
        return StoredImages(images, split.labels)
    rows: Images = np.empty(images.shape, np.uint8)

    def write(start: int) -> None:
        part = slice(start, start + CHUNK)
        layout.write(split.images[part], rows[part])
        rows[part, layout.size :] = images[part, layout.size :]  # what no patch covers

    share(write, range(0, len(split), CHUNK), threads)
    return StoredImages(rows, split.labels)
