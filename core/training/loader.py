"""The data loader: the images of each update."""

import numpy as np

from core.config.experiment import Experiment
from core.data import augment
from core.data.batches import Batches
from core.data.dataset import Dataset, Split
from core.data.normalise import Normaliser
from core.nn.acceleration import InputLayout
from core.seeding import Stream, generator
from core.training import shared_memory
from core.training.shards import Rows


class DataLoader:
    """Training images: original, with augmented copies, or augmented anew in every epoch.

    All batches are functions of the seed and the update number, so a run can start at any update.

    Args:
        experiment: settings of the run.
        dataset: the images.
        layout: input layout of the images in `data`.
    """

    def __init__(self, experiment: Experiment, dataset: Dataset, layout: InputLayout) -> None:
        self.experiment = experiment
        self.layout = layout
        self.originals = dataset.train
        self.normaliser = Normaliser(dataset.train.images, per=experiment.normalisation)
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
            self.data = as_rows(self.originals, layout)
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


def as_rows(split: Split, layout: InputLayout) -> Split:
    """Return `split` with its images as rows; the images are copied if their order changes."""
    images = split.images.copy() if layout.rearranges else split.images
    return Split(layout.rearrange(images), split.labels)
