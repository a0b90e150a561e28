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
from core.training.training_set import AugmentedImages, Rows, TrainingSet, as_rows


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
        self.originals = dataset.train
        count = len(self.originals)
        limits = experiment.flip_probability, experiment.largest_shift
        self.normaliser = Normaliser.of_training(dataset, experiment.normalisation)
        self.data: TrainingSet
        match experiment.augmentation:
            case "offline":
                drawn = augment.offline_draws(count, experiment.seed, experiment.copies, *limits)
                origins, transforms = augment.after_originals(count, *drawn)
                self.data = AugmentedImages(self.originals, origins, transforms, layout)
            case "fresh":
                # Drawn anew in every epoch, so all worker processes must share them.
                self._drawn = augment.Transforms(
                    shared_memory.zeros((count,), np.bool_),
                    shared_memory.zeros((count,), np.int64),
                    shared_memory.zeros((count,), np.int64),
                )
                every = np.arange(count)
                self.data = AugmentedImages(self.originals, every, self._drawn, layout)
            case _:
                self.data = as_rows(self.originals, layout, threads)
        self.batches = Batches(len(self.data), experiment.seed, experiment.batch_size)
        self._epoch = -1

    def rows(self, update: int) -> Rows:
        """Return the indices into `data` of the batch of `update`, counted from 0."""
        if self.experiment.augmentation == "fresh":
            epoch, _ = self.batches.position(update)
            if epoch != self._epoch:
                drawn = augment.fresh_draws(
                    len(self.originals),
                    self.experiment.seed,
                    epoch,
                    self.experiment.flip_probability,
                    self.experiment.largest_shift,
                )
                self._drawn.replace(drawn)
                self._epoch = epoch
        return self.batches.rows(update)

    def sample(self) -> Split:
        """Return the training images used in evaluations, the same for every run with a seed."""
        count = min(self.experiment.training_sample, len(self.originals))
        rng = generator(self.experiment.seed, Stream.SAMPLE)
        rows = np.sort(rng.choice(len(self.originals), count, replace=False))
        return Split(self.originals.images[rows], self.originals.labels[rows])
