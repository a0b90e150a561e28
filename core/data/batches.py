"""Composition of mini-batches: the training images in a new random order in every epoch."""

import numpy as np
import numpy.typing as npt

from core.data.dataset import DataError
from core.seeding import Stream, generator


class Batches:
    """The rows of every mini-batch of a run, as a pure function of the seed and the update.

    The order of an epoch is a permutation of all images; the images after the last full batch are
    left out, different ones in every epoch.

    Args:
        count: number of images, including the offline copies.
        seed: seed of the run.
        batch_size: number of images in one update.

    Raises:
        DataError: if there are fewer images than one batch.

    """

    def __init__(self, count: int, seed: int, batch_size: int) -> None:
        if not 1 <= batch_size <= count:
            raise DataError(
                f"a batch of {batch_size:,} images cannot be filled from {count:,} training images;"
                f" choose a batch size from 1 to {count:,}"
            )
        self.count = count
        self.seed = seed
        self.batch_size = batch_size
        self.updates_per_epoch = count // batch_size
        self._epoch = -1
        self._order: npt.NDArray[np.int64] = np.empty(0, np.int64)

    def position(self, update: int) -> tuple[int, int]:
        """Return (epoch, batch within the epoch) of an update; all three count from 0."""
        return divmod(update, self.updates_per_epoch)

    def rows(self, update: int) -> npt.NDArray[np.int64]:
        """Return the image indices (batch_size,) of an update counted from 0, as a read-only array.

        Updates in ascending order are cheap; every change of the epoch samples its order again.
        """
        epoch, batch = self.position(update)
        if epoch != self._epoch:
            self._order = generator(self.seed, Stream.ORDER, epoch).permutation(self.count)
            self._order.flags.writeable = False
            self._epoch = epoch
        start = batch * self.batch_size
        return self._order[start : start + self.batch_size]
