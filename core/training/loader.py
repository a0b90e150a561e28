"""The data loader: the images of each update."""

import numpy as np

from core.config.experiment import Experiment
from core.data import augment
from core.data.batches import Batches
from core.data.dataset import Dataset, Images, Split
from core.data.normalise import Normaliser
from core.nn.acceleration import InputLayout
from core.seeding import Stream, generator
from core.threads import share
from core.training import shared_memory
from core.training.shard import Rows

CHUNK = 256
"""Number of images that a thread rearranges at a time."""


class DataLoader:
    """Training images: original, with augmented copies, or augmented anew in every epoch.

    All batches are functions of the seed and the update number, so a run can start at any update.

    Args:
        experiment: settings of the run.
        dataset: the images.
        layout: input layout of the images in `data`.
        threads: maximum number of threads that rearrange the images.
    """

    def __init__(
        self, experiment: Experiment, dataset: Dataset, layout: InputLayout, threads: int = 1
    ) -> None:
        self.experiment = experiment
        self.layout = layout
        self.originals = dataset.train
        self.normaliser = Normaliser.of_training(dataset, experiment.normalisation)
        if experiment.augmentation == "offline":
            data = augment.offline_copies(
                self.originals,
                experiment.seed,
                experiment.copies,
                experiment.flip_probability,
                experiment.largest_shift,
            )
            self.data = Split(layout.rearrange(data.images), data.labels)
        elif experiment.augmentation == "fresh":
            # Rewritten in every epoch, so all worker processes must share it.
            self._fresh = shared_memory.zeros(self.originals.images.shape, np.uint8)
            self.data = Split(self._fresh.reshape(len(self._fresh), -1), self.originals.labels)
        else:
            self.data = as_rows(self.originals, layout, threads)
        self.batches = Batches(len(self.data), experiment.seed, experiment.batch_size)
        self._epoch = -1

    def rows(self, update: int) -> Rows:
        """Return the indices into `data` of the batch of `update`, counted from 0."""
        if self.experiment.augmentation == "fresh":
            epoch, _ = self.batches.position(update)
            if epoch != self._epoch:
                augment.fresh_epoch(
                    self.originals,
                    self.experiment.seed,
                    epoch,
                    self.experiment.flip_probability,
                    self.experiment.largest_shift,
                    self._fresh,
                )
                self.layout.rearrange(self._fresh)
                self._epoch = epoch
        return self.batches.rows(update)

    def sample(self) -> Split:
        """Return the training images used in evaluations, the same for every run with a seed."""
        count = min(self.experiment.training_sample, len(self.originals))
        rng = generator(self.experiment.seed, Stream.SAMPLE)
        rows = np.sort(rng.choice(len(self.originals), count, replace=False))
        return Split(self.originals.images[rows], self.originals.labels[rows])


def as_rows(split: Split, layout: InputLayout, threads: int = 1) -> Split:
    """Return `split` with its images as rows; the images are copied if their order changes."""
    images = split.images.reshape(len(split), -1)
    if not layout.rearranges:
        return Split(images, split.labels)
    rows: Images = np.empty(images.shape, np.uint8)

    def write(start: int) -> None:
        part = slice(start, start + CHUNK)
        layout.write(split.images[part], rows[part])
        rows[part, layout.size :] = images[part, layout.size :]  # what no patch covers

    share(write, range(0, len(split), CHUNK), threads)
    return Split(rows, split.labels)
