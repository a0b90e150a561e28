"""Evaluation of a network on a set of images: metrics per class, confusion matrix, mistakes."""

import json
from dataclasses import dataclass
from functools import cached_property
from math import isfinite, nan
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core import paths
from core.data import source
from core.data.dataset import DataError, Dataset, Images, Labels, Split
from core.data.normalise import Normaliser
from core.nn.arrays import Array
from core.predictions.model import Model, Progress
from core.runs.records import Run
from core.settings import SettingError
from core.text_out import Cell, as_csv

SPLITS = ("train", "validation", "test")
"""Sets of images that a network can be evaluated on."""

MISTAKES = 20
"""Number of mistakes that are listed in an evaluation."""

Counts = npt.NDArray[np.int64]
Fractions = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Mistake:
    """A misclassified image."""

    index: int
    """Index in its set, from 0."""
    label: int
    """The true class."""
    predicted: int
    """The predicted class."""
    probability: float
    """Probability of the predicted class."""
    label_probability: float
    """Probability of the true class."""
    image: Images
    """uint8 (H, W, C)."""


class Confusion(NamedTuple):
    """A pair of a true class and a wrong prediction."""

    label: int
    predicted: int
    images: int
    """Number of images."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The predictions of a network for a set of labelled images, and metrics computed from them."""

    run: str
    """Id of the run that trained the network."""
    updates: int
    """Number of updates after which the network was saved."""
    dataset: str
    """Its name, such as `cifar10`."""
    source: str
    """A description of where the images came from, for the user."""
    split: str
    """One of `SPLITS`."""
    classes: tuple[str, ...]
    images: Images
    """uint8 (N, H, W, C)."""
    labels: Labels
    """(N,)."""
    probabilities: Array
    """Probabilities of the K classes, (N, K)."""
    loss: float
    """Mean plain cross-entropy."""

    @cached_property
    def predicted(self) -> Labels:
        """The most probable class of every image, (N,); the first of equal ones, as in training."""
        likeliest: Labels = self.probabilities.argmax(axis=1).astype(np.int64)
        return likeliest

    @cached_property
    def accuracy(self) -> float:
        """Fraction of the images that are classified correctly."""
        correct = int(np.count_nonzero(self.predicted == self.labels))
        return correct / len(self.labels) if len(self.labels) else nan

    @cached_property
    def confusion(self) -> Counts:
        """Number of images of each class (row) predicted as each class (column), (K, K)."""
        size = len(self.classes)
        cells = self.labels * size + self.predicted
        return np.bincount(cells, minlength=size * size).reshape(size, size)

    @cached_property
    def class_accuracy(self) -> Fractions:
        """Recall: fraction of the images of each class predicted as that class; NaN without any."""
        return _fraction(self.confusion.diagonal(), self.confusion.sum(axis=1))

    @cached_property
    def precision(self) -> Fractions:
        """Fraction of the images predicted as each class that belong to it; NaN without any."""
        return _fraction(self.confusion.diagonal(), self.confusion.sum(axis=0))

    def mistakes(self, count: int = MISTAKES) -> list[Mistake]:
        """Return the mistakes with the highest predicted probability, in descending order."""
        wrong = np.flatnonzero(self.predicted != self.labels)
        highest = self.probabilities[wrong, self.predicted[wrong]]
        order = np.argsort(-highest, kind="stable")[:count]
        return [self._mistake(int(index)) for index in wrong[order]]

    def confusions(self, count: int) -> list[Confusion]:
        """Return the most frequent confusions of two classes, in descending order."""
        table = self.confusion.copy()
        np.fill_diagonal(table, 0)
        order = np.argsort(-table, axis=None, kind="stable")[:count]
        pairs = [divmod(int(cell), len(self.classes)) for cell in order]
        return [Confusion(*pair, int(table[pair])) for pair in pairs if table[pair]]

    def as_dict(self) -> dict[str, Any]:
        """Return the evaluation as JSON values; numbers that are not finite become None."""
        return {
            "run": self.run,
            "updates": self.updates,
            "dataset": self.dataset,
            "source": self.source,
            "split": self.split,
            "images": len(self.labels),
            "accuracy": _finite(self.accuracy),
            "loss": _finite(self.loss),
            "classes": [
                {
                    "class": name,
                    "images": int(self.confusion[label].sum()),
                    "accuracy": _finite(self.class_accuracy[label]),
                    "precision": _finite(self.precision[label]),
                }
                for label, name in enumerate(self.classes)
            ],
            "confusion": self.confusion.tolist(),
            "mistakes": [
                {
                    "index": each.index,
                    "class": self.classes[each.label],
                    "predicted": self.classes[each.predicted],
                    "probability": _finite(each.probability),
                    "class_probability": _finite(each.label_probability),
                }
                for each in self.mistakes()
            ],
        }

    def as_csv(self) -> str:
        """Return a row for each class, with its metrics and its row of the confusion matrix."""
        taken = [f"taken_for_{name}" for name in self.classes]
        rows: list[list[Cell]] = [["class", "images", "accuracy", "precision", *taken]]
        for label, name in enumerate(self.classes):
            row = self.confusion[label].tolist()
            scores = (_finite(self.class_accuracy[label]), _finite(self.precision[label]))
            rows.append([name, sum(row), *scores, *row])
        return as_csv(rows)

    def _mistake(self, index: int) -> Mistake:
        label, predicted = int(self.labels[index]), int(self.predicted[index])
        return Mistake(
            index=index,
            label=label,
            predicted=predicted,
            probability=float(self.probabilities[index, predicted]),
            label_probability=float(self.probabilities[index, label]),
            image=self.images[index].copy(),  # a view would keep all images in memory
        )


def evaluate(
    model: Model, dataset: Dataset, split: str = "test", progress: Progress = lambda *_: None
) -> Evaluation:
    """Evaluate a network on one of the sets of a data set.

    Args:
        model: the network.
        dataset: the data set.
        split: one of `SPLITS`.
        progress: called after every slice; an exception that it raises ends the evaluation.

    Raises:
        DataError: if the images have another shape than those that it has learned, or there are
            more or fewer classes.
        SettingError: if there is no such set.
    """
    if (dataset.shape, len(dataset.classes)) != (model.shape, len(model.classes)):
        raise DataError(
            f"{model.checkpoint.run} has learned images of {_form(model)}, and those of "
            f"{dataset.source} have {_form(dataset)}"
        )
    images = split_of(dataset, split)
    predictions = model.predict(images, progress)
    return Evaluation(
        run=model.checkpoint.run,
        updates=model.checkpoint.state.updates,
        dataset=dataset.name,
        source=dataset.source,
        split=split,
        classes=dataset.classes,
        images=images.images,
        labels=images.labels,
        probabilities=predictions.probabilities,
        loss=predictions.loss / len(images) if len(images) else nan,
    )


def export(evaluation: Evaluation, folder: Path) -> list[Path]:
    """Write evaluation.json and evaluation.csv.

    Args:
        evaluation: the evaluation to write.
        folder: output folder; created if it is missing.

    Returns:
        The two files.

    Raises:
        OSError: if they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "evaluation.json": json.dumps(evaluation.as_dict(), indent=2) + "\n",
        "evaluation.csv": evaluation.as_csv(),
    }
    for file, text in texts.items():
        (folder / file).write_text(text, encoding="utf-8", newline="")
    return [folder / file for file in texts]


def split_of(dataset: Dataset, name: str) -> Split:
    """Return a set of a data set by its name.

    Raises:
        SettingError: if there is no such set.
    """
    check_split(name)
    split: Split = getattr(dataset, name)
    return split


def check_split(name: str) -> None:
    """Check that there is a set with this name.

    Raises:
        SettingError: if there is none.
    """
    if name not in SPLITS:
        raise SettingError("split", f"there is no set {name!r}; choose {', '.join(SPLITS)}")


def images_of(run: Run, data: Path | None = None) -> Dataset:
    """Return the data set of a run, split as it was for the training.

    Args:
        run: the record of the run.
        data: path of CIFAR-10; by default the path that the run used.

    Raises:
        DamagedError: if the settings of the run are invalid.
        DataError: if the data cannot be read.
    """
    experiment = run.experiment()
    named = paths.from_text(run.data) if run.data is not None else None
    return source.load(experiment.dataset, data or named, experiment.validation_size)


def knows(model: Model, dataset: Dataset) -> bool:
    """Return whether a network was trained with the images of a data set, in about a second.

    For a checkpoint of an earlier version, mean and deviation of the training images are compared.
    """
    saved = model.checkpoint
    if saved.data_hash is not None:
        return saved.data_hash == dataset.hash
    own = Normaliser.of_training(dataset, model.experiment.normalisation)
    return np.array_equal(own.mean, saved.mean) and np.array_equal(own.deviation, saved.deviation)


def _form(of: Model | Dataset) -> str:
    size = " x ".join(map(str, of.shape))
    return f"{size} in {len(of.classes)} classes"


def _fraction(counts: Counts, totals: Counts) -> Fractions:
    fractions: Fractions = np.full(len(counts), nan)
    np.divide(counts, totals, out=fractions, where=totals > 0)
    return fractions


def _finite(value: float) -> float | None:
    return float(value) if isfinite(value) else None
