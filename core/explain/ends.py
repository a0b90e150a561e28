"""The sums at both ends of a network: the normalised image, the probabilities and the loss."""

from dataclasses import dataclass

import numpy as np

from core.data.normalise import Normaliser
from core.layers.explanation import Exact, Place, Sum, Terms, everywhere, single
from core.nn.arrays import Array
from core.nn.plain.loss import targets


@dataclass(frozen=True, eq=False)
class Ends:
    """What the sums at both ends are made of, for one image."""

    normaliser: Normaliser
    pixels: Array
    """The image as stored."""
    logits: Array
    """(K,)."""
    label: int
    smoothing: float
    scale: float
    """Factor of the loss of the image."""
    of: int | None
    """The class whose logit is differentiated; None for the loss."""

    @property
    def shifted(self) -> Exact:
        """The logits minus the largest, so that no exponential overflows."""
        logits = self.logits.astype(np.float64)
        shifted: Exact = logits - logits.max()
        return shifted

    @property
    def targets(self) -> Exact:
        """The wanted probabilities (K,)."""
        wanted: Exact = targets(np.array([self.label]), len(self.logits), self.smoothing)[0]
        return wanted


def normalised(ends: Ends, at: Place) -> Sum:
    """Return a normalised pixel: (byte - mean) / deviation."""
    mean, deviation = (
        float(np.broadcast_to(table, ends.pixels.shape)[at])
        for table in (ends.normaliser.mean, ends.normaliser.deviation)
    )
    term = single(at, float(ends.pixels[at]), 1 / deviation)
    return Sum(term, -mean / deviation, {"mean": mean, "deviation": deviation})


def softmax(ends: Ends, at: Place) -> Sum:
    """Return a probability: its exponential over the sum of all, which have the factor 0 here."""
    [own], powers = at, np.exp(ends.shifted)
    total = float(powers.sum())
    factor = np.where(np.arange(len(powers)) == own, 1 / total, 0.0)
    facts = {"largest logit": float(ends.logits.max()), "sum of exponentials": total}
    return Sum(Terms.of(everywhere(ends.logits.shape), powers, factor), 0.0, facts)


def loss(ends: Ends) -> Sum:
    """Return the loss: - sum of t log p over the classes.

    It is least, - sum of t log t, where the probabilities are the targets: 0 without smoothing.
    """
    targets = ends.targets
    least = -float(np.sum(targets * np.log(targets, out=np.zeros_like(targets), where=targets > 0)))
    log = ends.shifted - np.log(np.exp(ends.shifted).sum())
    facts = {
        "smoothing": ends.smoothing,
        "without smoothing": -float(log[ends.label]),
        "least possible": least + 0.0,
    }
    return Sum(Terms.of(everywhere(ends.logits.shape), log, -targets), 0.0, facts)


def logit_gradient(ends: Ends, at: Place) -> Sum:
    """Return the gradient of a logit: (p - t) times the share of the image in the batch.

    1 or 0 where a logit is differentiated.
    """
    [own] = at
    if ends.of is not None:
        return Sum(single((ends.of,), float(own == ends.of), 1.0))
    powers = np.exp(ends.shifted)
    p, t = float(powers[own] / powers.sum()), float(ends.targets[own])
    return Sum(
        Terms.of([at, at], [p, t], [ends.scale, -ends.scale]), 0.0, {"probability": p, "target": t}
    )
