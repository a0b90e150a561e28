"""The images that a training sees, update by update."""

import numpy as np

from core.data import augment
from core.data.batches import Batches
from core.data.dataset import Dataset, Split
from core.data.normalise import Normaliser
from core.experiment import Experiment
from core.seeding import Stream, generator
from core.training.shards import Rows


class Feed:
    """Training images as the settings want them: plain, with copies added, or fresh every epoch.

    Everything is a function of the seed and the update number, so a run can start anywhere.
    """

    def __init__(self, experiment: Experiment, dataset: Dataset) -> None:
        self.experiment = experiment
        self.originals = dataset.train
        self.normaliser = Normaliser(dataset.train.images, per=experiment.normalisation)
        self.data = self.originals
        if experiment.augmentation == "offline":
            self.data = augment.offline_copies(
                self.originals,
                experiment.seed,
                experiment.copies,
                experiment.flip_probability,
                experiment.largest_shift,
            )
        elif experiment.augmentation == "fresh":
            self.data = Split(np.empty_like(self.originals.images), self.originals.labels)
        self.batches = Batches(len(self.data), experiment.seed, experiment.batch_size)
        self._epoch = -1

    def rows(self, update: int) -> Rows:
        """Return the indices into `data` that make up the batch of `update`, counted from 0."""
        if self.experiment.augmentation == "fresh":
            epoch, _ = self.batches.position(update)
            if epoch != self._epoch:
                augment.fresh_epoch(
                    self.originals,
                    self.experiment.seed,
                    epoch,
                    self.experiment.flip_probability,
                    self.experiment.largest_shift,
                    self.data.images,
                )
                self._epoch = epoch
        return self.batches.rows(update)

    def sample(self) -> Split:
        """Return the training images that evaluations use, always the same of a seed."""
        count = min(self.experiment.training_sample, len(self.originals))
        rng = generator(self.experiment.seed, Stream.SAMPLE)
        rows = np.sort(rng.choice(len(self.originals), count, replace=False))
        return Split(self.originals.images[rows], self.originals.labels[rows])
