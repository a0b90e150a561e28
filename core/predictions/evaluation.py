"""How well a network does on a set of images, class by class and mistake by mistake."""

import csv
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.data.dataset import Images, Split
from core.predictions.model import CLASSES, Model, softmax

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Mistake:
    """An image that was taken for something else."""

    index: int
    """In its set."""
    image: Images
    """(32, 32, 3), uint8."""
    label: int
    """What it is."""
    predicted: int
    """What the network takes it for."""
    probability: float
    """Of what the network takes it for."""
    of_label: float
    """Probability of what it is."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A network on a set of images."""

    run: str
    """Its id."""
    updates: int
    """After which the network was kept."""
    split: str
    """The set: train, validation or test."""
    images: Images
    labels: Counts
    probabilities: npt.NDArray[np.float64]
    """(N, 10)."""
    predicted: Counts
    """The likeliest class of every image."""
    loss: float
    """Mean plain cross-entropy."""

    @property
    def accuracy(self) -> float:
        """Fraction of images whose likeliest class is right."""
        return float((self.predicted == self.labels).mean()) if len(self.labels) else 0.0

    @property
    def confusion(self) -> Counts:
        """How many images of each class (rows) were taken for each class (columns), (10, 10)."""
        found = np.zeros((len(CLASSES), len(CLASSES)), np.int64)
        np.add.at(found, (self.labels, self.predicted), 1)
        return found

    @property
    def recall(self) -> npt.NDArray[np.float64]:
        """Fraction of the images of each class that were taken for it: its accuracy."""
        return _parts(self.confusion.diagonal(), self.confusion.sum(axis=1))

    @property
    def precision(self) -> npt.NDArray[np.float64]:
        """Fraction of what was taken for each class that is of it."""
        return _parts(self.confusion.diagonal(), self.confusion.sum(axis=0))

    def mistakes(self, count: int) -> list[Mistake]:
        """Return the images that the network was surest of, and wrong; the worst first."""
        wrong = np.flatnonzero(self.predicted != self.labels)
        sure = self.probabilities[wrong, self.predicted[wrong]]
        worst = wrong[np.argsort(-sure, kind="stable")[:count]]
        return [
            Mistake(
                index=int(at),
                image=self.images[at],
                label=int(self.labels[at]),
                predicted=int(self.predicted[at]),
                probability=float(self.probabilities[at, self.predicted[at]]),
                of_label=float(self.probabilities[at, self.labels[at]]),
            )
            for at in worst
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as JSON knows them."""
        return {
            "run": self.run,
            "updates": self.updates,
            "split": self.split,
            "images": len(self.labels),
            "accuracy": self.accuracy,
            "loss": self.loss,
            "classes": {
                name: {"accuracy": float(self.recall[at]), "precision": float(self.precision[at])}
                for at, name in enumerate(CLASSES)
            },
            "confusion": self.confusion.tolist(),
        }

    def as_csv(self) -> str:
        """Return the confusion matrix as CSV: a row for each class, a column for its guesses."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(["", *CLASSES, "accuracy", "precision"])
        for at, name in enumerate(CLASSES):
            row = self.confusion[at].tolist()
            writer.writerow([name, *row, float(self.recall[at]), float(self.precision[at])])
        return text.getvalue()


def evaluate(model: Model, split: Split, name: str) -> Evaluation:
    """Return how well a network does on a set.

    Args:
        model: the network.
        split: the set.
        name: of the set.
    """
    probabilities, predicted, losses = [], [], []
    start = 0
    for logits in model.logits(split.images):
        labels = split.labels[start : start + len(logits)]
        # As a training counts: the largest logit, the first of equal ones.
        predicted.append(logits.argmax(axis=1))
        probabilities.append(softmax(logits))
        losses.append(_losses(logits, labels))
        start += len(logits)
    empty = np.empty((0, len(CLASSES)))
    return Evaluation(
        run=model.kept.run,
        updates=model.kept.state.updates,
        split=name,
        images=split.images,
        labels=split.labels,
        probabilities=np.concatenate([empty, *probabilities]),
        predicted=np.concatenate([np.empty(0, np.int64), *predicted]),
        loss=float(np.concatenate(losses).mean()) if losses else 0.0,
    )


def _losses(logits: Any, labels: Counts) -> npt.NDArray[np.float64]:
    """Return -log p of the right class: log sum exp(z) - z, in double precision."""
    z = logits.astype(np.float64)
    z -= z.max(axis=1, keepdims=True)
    found: npt.NDArray[np.float64] = np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), labels]
    return found


def _parts(some: Counts, all_of_them: Counts) -> npt.NDArray[np.float64]:
    return some / np.maximum(all_of_them, 1)
