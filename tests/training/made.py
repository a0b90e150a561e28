"""Helpers of the tests of trainings."""

import numpy as np

from core.data.dataset import Images
from core.training.training_set import TrainingSet


def all_of(data: TrainingSet, shape: tuple[int, int, int]) -> Images:
    """Return all images of a training set (M, H, W, C), in the order of its layout."""
    images = np.zeros((len(data), *shape), np.uint8)
    data.load(np.arange(len(data)), np.empty_like(images), images.reshape(len(images), -1))
    return images
