"""The two published file layouts of CIFAR-10, and the arrays that their files fill."""

from dataclasses import dataclass

import numpy as np

from core.data.dataset import Array, DataError, Images, Labels

CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)

IMAGE_SHAPE = (32, 32, 3)
"""Height, width and channels of an image."""

PIXELS = 3 * 32 * 32
"""Bytes of one image in a file: the red, green and blue plane, each 32 rows of 32."""


@dataclass(frozen=True)
class Layout:
    """The files of one published version of CIFAR-10.

    Attributes:
        kind: `binary` or `python`.
        folder: name of the folder with the files.
        archive: file name of the archive with that folder.
        train: names of the training files, in order.
        test: name of the test file.
        images: number of images in each file.
        smallest: minimum size of a file in bytes.
        largest: maximum size of a file in bytes.
    """

    kind: str
    folder: str
    archive: str
    train: tuple[str, ...]
    test: str
    images: int
    smallest: int
    largest: int

    @property
    def files(self) -> tuple[str, ...]:
        """Names of all files, the test file last."""
        return (*self.train, self.test)

    def check_size(self, size: int, where: str) -> None:
        """Check the size of a file in bytes.

        Raises:
            DataError: if the size is invalid; the message gives the valid ones.

        """
        if self.smallest <= size <= self.largest:
            return
        expected = f"{self.smallest:,}"
        if self.largest > self.smallest:
            expected += f" to {self.largest:,}"
        raise DataError(f"{where} has {size:,} bytes instead of {expected}; {FETCH_AGAIN}")


FETCH_AGAIN = "`convsole data fetch` gets CIFAR-10 anew"


def binary_layout(images: int = 10_000) -> Layout:
    """Return the layout of the binary version: per image one label byte, then the pixels."""
    size = images * (1 + PIXELS)
    return Layout(
        kind="binary",
        folder="cifar-10-batches-bin",
        archive="cifar-10-binary.tar.gz",
        train=tuple(f"data_batch_{number}.bin" for number in range(1, 6)),
        test="test_batch.bin",
        images=images,
        smallest=size,
        largest=size,
    )


def python_layout(images: int = 10_000) -> Layout:
    """Return the layout of the python version: pickled dictionaries with labels and pixels."""
    return Layout(
        kind="python",
        folder="cifar-10-batches-py",
        archive="cifar-10-python.tar.gz",
        train=tuple(f"data_batch_{number}" for number in range(1, 6)),
        test="test_batch",
        images=images,
        smallest=images * PIXELS,
        # Labels and file names take about 32 bytes per image in the official files. Pixels take two
        # bytes each as numbers in a list, and so do half of them as text, which is how Python 3
        # writes bytes to pickles for Python 2.
        largest=images * (2 * PIXELS + 256) + 10_000,
    )


LAYOUTS = (binary_layout(), python_layout())
"""In order of preference: the binary version loads faster."""


class Collector:
    """Arrays of all images, filled file by file in any order.

    Args:
        layout: the layout of the files.

    Attributes:
        images: uint8 (N + M, 32, 32, 3), in the order of the files, of which the test file is the
            last; undefined until `take` fills it.
        labels: int64 (N + M,).
        training: number of training images, N.

    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.missing = set(layout.files)
        self.training = layout.images * len(layout.train)
        count = layout.images * len(layout.files)
        self.images: Images = np.empty((count, *IMAGE_SHAPE), np.uint8)
        self.labels: Labels = np.empty(count, np.int64)

    def take(self, name: str, labels: Array, planes: Array, where: str) -> None:
        """Store the contents of one file.

        Args:
            name: one of the layout's files.
            labels: integers (n,).
            planes: uint8 (n, 3072), each image plane by plane.
            where: description of the file for error messages.

        Raises:
            DataError: if the file was already stored, or a label is not from 0 to 9.

        """
        if name not in self.missing:
            raise DataError(f"{where} is there twice; once would be right")
        if labels.min() < 0 or labels.max() >= len(CLASSES):
            wrong = labels[(labels < 0) | (labels >= len(CLASSES))][0]
            raise DataError(f"{where} has the label {wrong}; labels are 0 to 9; {FETCH_AGAIN}")
        start = self.layout.files.index(name) * self.layout.images
        part = slice(start, start + self.layout.images)
        images, target = self.images[part], self.labels[part]
        target[:] = labels
        colours = planes.reshape(-1, 3, 32, 32)
        # Plane by plane, which is three times as fast as one transposed copy.
        for channel in range(3):
            images[..., channel] = colours[:, channel]
        self.missing.discard(name)
