"""The augmented copies of one training image, for people to look at."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from core.config.experiment import Experiment
from core.data import augment
from core.data.augment import Transforms
from core.data.dataset import Images, Split


@dataclass(frozen=True, eq=False)
class AugmentedCopy:
    """One image as a training sees it.

    Attributes:
        number: of a fresh copy, the epoch, from 0; of an offline copy, its place among all of
            them, from 0: row N + number of the images that are trained on.
        flip: whether it is mirrored left to right, before the shift.
        dy: shift down in rows; up if negative.
        dx: shift right in columns; left if negative.
        image: uint8 (H, W, C).
    """

    number: int
    flip: bool
    dy: int
    dx: int
    image: Images


class Copies:
    """The copies of one image that a training with these settings makes.

    They come from the functions that `DataLoader` calls, with the same seed, so they are those of
    the training to the pixel.

    Args:
        experiment: settings of the training; with augmentation `none` there are no copies.
        train: the training images.
        row: index of the image among them.
    """

    def __init__(self, experiment: Experiment, train: Split, row: int) -> None:
        self._experiment, self._train, self._row = experiment, train, row
        self._numbers = np.empty(0, np.int64)
        self._offline: Transforms | None = None
        if experiment.augmentation == "offline":
            rows, self._offline = augment.offline_draws(
                len(train), experiment.seed, experiment.copies, *self._limits
            )
            self._numbers = np.flatnonzero(rows == row)
        elif experiment.augmentation == "fresh":
            per_epoch = max(1, len(train) // experiment.batch_size)
            self._numbers = np.arange(ceil(experiment.total_updates / per_epoch))

    @property
    def _limits(self) -> tuple[float, int]:
        return self._experiment.flip_probability, self._experiment.largest_shift

    def __len__(self) -> int:
        """Return the number of copies: the epochs of the training, or the offline copies."""
        return len(self._numbers)

    def take(self, first: int, count: int) -> list[AugmentedCopy]:
        """Return up to `count` copies from the one at place `first` on."""
        return [self._copy(int(number)) for number in self._numbers[first : first + count]]

    def _copy(self, number: int) -> AugmentedCopy:
        drawn, at = self._offline, number
        if drawn is None:
            seed = self._experiment.seed
            drawn = augment.fresh_draws(len(self._train), seed, number, *self._limits)
            at = self._row
        only = slice(at, at + 1)
        one = Transforms(drawn.flip[only], drawn.dy[only], drawn.dx[only])
        image = np.empty((1, *self._train.images.shape[1:]), np.uint8)
        augment.apply(self._train.images, np.array([self._row]), one, image)
        return AugmentedCopy(number, bool(one.flip[0]), int(one.dy[0]), int(one.dx[0]), image[0])
