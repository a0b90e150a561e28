"""How well a network does on a set of images, class by class and mistake by mistake."""

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
from core.data.dataset import Dataset, Images, Labels, Split
from core.data.normalise import Normaliser
from core.nn.arrays import Array
from core.predictions.model import Model, Progress
from core.runs.records import Run
from core.settings import SettingError
from core.text_out import Cell, as_csv

SPLITS = ("train", "validation", "test")
"""Sets of images that a network can be evaluated on."""

MISTAKES = 20
"""Mistakes that an evaluation is told with."""

Counts = npt.NDArray[np.int64]
Fractions = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Mistake:
    """An image that was taken for something else."""

    index: int
    """In its set, counted from 0."""
    label: int
    """What it is."""
    predicted: int
    """What it was taken for."""
    probability: float
    """Of what it was taken for."""
    label_probability: float
    """Of what it is."""
    image: Images
    """uint8 (32, 32, 3)."""


class Confusion(NamedTuple):
    """A class that was taken for another."""

    label: int
    predicted: int
    images: int
    """How many."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a network said of a set of labelled images."""

    run: str
    """Id of the run that the network is of."""
    updates: int
    """After how many of its updates the network was kept."""
    dataset: str
    """`cifar10` or `synthetic`."""
    source: str
    """Where the images came from, for a person."""
    split: str
    """Which of `SPLITS`."""
    classes: tuple[str, ...]
    images: Images
    """uint8 (N, 32, 32, 3)."""
    labels: Labels
    """(N,)."""
    probabilities: Array
    """Of every class, (N, 10)."""
    loss: float
    """Mean plain cross-entropy."""

    @cached_property
    def predicted(self) -> Labels:
        """The likeliest class of every image, (N,); of equal ones the first, as in a training."""
        likeliest: Labels = self.probabilities.argmax(axis=1).astype(np.int64)
        return likeliest

    @cached_property
    def accuracy(self) -> float:
        """Fraction of the images whose likeliest class is right."""
        right = int(np.count_nonzero(self.predicted == self.labels))
        return right / len(self.labels) if len(self.labels) else nan

    @cached_property
    def confusion(self) -> Counts:
        """How many images of each class (row) were taken for each class (column), (10, 10)."""
        size = len(self.classes)
        places = self.labels * size + self.predicted
        return np.bincount(places, minlength=size * size).reshape(size, size)

    @cached_property
    def class_accuracy(self) -> Fractions:
        """Fraction of the images of each class that were taken for it; NaN where there is none."""
        return _fraction(self.confusion.diagonal(), self.confusion.sum(axis=1))

    @cached_property
    def precision(self) -> Fractions:
        """Fraction of what was taken for each class that is of it; NaN where nothing was."""
        return _fraction(self.confusion.diagonal(), self.confusion.sum(axis=0))

    def mistakes(self, count: int = MISTAKES) -> list[Mistake]:
        """Return the mistakes that the network was surest of, the worst first."""
        wrong = np.flatnonzero(self.predicted != self.labels)
        sure = self.probabilities[wrong, self.predicted[wrong]]
        return [self._mistake(int(at)) for at in wrong[np.argsort(-sure, kind="stable")[:count]]]

    def confusions(self, count: int) -> list[Confusion]:
        """Return which classes were taken for which others, the most frequent first."""
        table = self.confusion.copy()
        np.fill_diagonal(table, 0)
        order = np.argsort(-table, axis=None, kind="stable")[:count]
        pairs = [divmod(int(place), len(self.classes)) for place in order]
        return [Confusion(*pair, int(table[pair])) for pair in pairs if table[pair]]

    def as_dict(self) -> dict[str, Any]:
        """Return the evaluation as JSON knows it: what is not finite, it does not know."""
        return {
            "run": self.run,
            "updates": self.updates,
            "dataset": self.dataset,
            "source": self.source,
            "split": self.split,
            "images": len(self.labels),
            "accuracy": _known(self.accuracy),
            "loss": _known(self.loss),
            "classes": [
                {
                    "class": name,
                    "images": int(self.confusion[at].sum()),
                    "accuracy": _known(self.class_accuracy[at]),
                    "precision": _known(self.precision[at]),
                }
                for at, name in enumerate(self.classes)
            ],
            "confusion": self.confusion.tolist(),
            "mistakes": [
                {
                    "index": each.index,
                    "class": self.classes[each.label],
                    "predicted": self.classes[each.predicted],
                    "probability": _known(each.probability),
                    "class_probability": _known(each.label_probability),
                }
                for each in self.mistakes()
            ],
        }

    def as_csv(self) -> str:
        """Return a line for each class: how well it did, and what its images were taken for."""
        taken = [f"taken_for_{name}" for name in self.classes]
        rows: list[list[Cell]] = [["class", "images", "accuracy", "precision", *taken]]
        for at, name in enumerate(self.classes):
            row = self.confusion[at].tolist()
            scores = (_known(self.class_accuracy[at]), _known(self.precision[at]))
            rows.append([name, sum(row), *scores, *row])
        return as_csv(rows)

    def _mistake(self, at: int) -> Mistake:
        label, predicted = int(self.labels[at]), int(self.predicted[at])
        return Mistake(
            index=at,
            label=label,
            predicted=predicted,
            probability=float(self.probabilities[at, predicted]),
            label_probability=float(self.probabilities[at, label]),
            image=self.images[at].copy(),  # whoever keeps one does not keep all
        )


def evaluate(
    model: Model, dataset: Dataset, split: str = "test", progress: Progress = lambda *_: None
) -> Evaluation:
    """Return what a network says of one of the sets of a data set.

    Args:
        model: the network.
        dataset: the images.
        split: which of `SPLITS`.
        progress: told after every slice; what it raises ends the evaluation.

    Raises:
        SettingError: if there is no such set.
    """
    images = split_of(dataset, split)
    found = model.answers(images, progress)
    return Evaluation(
        run=model.checkpoint.run,
        updates=model.checkpoint.state.updates,
        dataset=dataset.name,
        source=dataset.source,
        split=split,
        classes=dataset.classes,
        images=images.images,
        labels=images.labels,
        probabilities=found.probabilities,
        loss=found.loss / len(images) if len(images) else nan,
    )


def export(evaluation: Evaluation, folder: Path) -> list[Path]:
    """Write evaluation.json and evaluation.csv.

    Args:
        evaluation: what is written.
        folder: where to; made where it is missing.

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
    found: Split = getattr(dataset, name)
    return found


def check_split(name: str) -> None:
    """See to it that there is a set of this name.

    Raises:
        SettingError: if not.
    """
    if name not in SPLITS:
        raise SettingError("split", f"there is no set {name!r}; choose {', '.join(SPLITS)}")


def images_of(run: Run, data: Path | None = None) -> Dataset:
    """Return the data set of a run, cut into sets as it was for the training.

    Args:
        run: as the store has it.
        data: where CIFAR-10 is now; where the run found it by default.

    Raises:
        DamagedError: if the settings of the run cannot be had.
        DataError: if the data cannot be read.
    """
    experiment = run.experiment()
    named = paths.named(run.data) if run.data is not None else None
    return source.load(experiment.dataset, data or named, experiment.validation_size)


def knows(model: Model, dataset: Dataset) -> bool:
    """Tell whether the training images of a data set are those that a network was trained with.

    Told by their mean and deviation, which takes about a second.
    """
    mine = Normaliser(dataset.train.images, per=model.experiment.normalisation)
    kept = model.checkpoint
    return np.array_equal(mine.mean, kept.mean) and np.array_equal(mine.deviation, kept.deviation)


def _fraction(some: Counts, whole: Counts) -> Fractions:
    shares: Fractions = np.full(len(some), nan)
    np.divide(some, whole, out=shares, where=whole > 0)
    return shares


def _known(value: float) -> float | None:
    return float(value) if isfinite(value) else None
