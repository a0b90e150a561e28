"""The loss: cross-entropy of the softmax."""

from typing import Any

import numpy as np

from core.nn.arrays import Array


def softmax(logits: Array) -> Array:
    """Return the probabilities (N, K); the largest logit is taken off, or exp would overflow."""
    powers = np.exp(logits - logits.real.max(axis=1, keepdims=True))
    p: Array = powers / powers.sum(axis=1, keepdims=True)
    return p


def targets(labels: Array, classes: int, smoothing: float) -> Array:
    """Return the wanted probabilities: 1 for the label, of which a share is spread over all."""
    wanted: Array = (1 - smoothing) * np.eye(classes)[labels] + smoothing / classes
    return wanted


def cross_entropy(logits: Array, labels: Array, smoothing: float = 0.0) -> Any:
    """Return -sum of t log p over images and classes."""
    wanted = targets(labels, logits.shape[1], smoothing)
    return -(wanted * np.log(softmax(logits))).sum()


def cross_entropy_backward(logits: Array, labels: Array, smoothing: float = 0.0) -> Array:
    """Return p - t: what is given too much probability is pushed down, and the other way round."""
    return softmax(logits) - targets(labels, logits.shape[1], smoothing)
