"""A second, simple implementation of training: float64, no shards, no buffers.

One convolution with stride = filter, one hidden layer; whole arrays, the chain rule by hand.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.config.experiment import Experiment
from core.data.batches import Batches
from core.data.dataset import Dataset, Split

Array = npt.NDArray[np.float64]


def normalised(images: Any, train: Split, per: str = "pixel") -> Array:
    axes = 0 if per == "pixel" else (0, 1, 2)
    pixels = train.images.astype(np.float64)
    deviation = pixels.std(axes)
    return (images - pixels.mean(axes)) / np.where(deviation == 0, 1, deviation)


@dataclass
class Pass:
    patches: Array
    conv: Array
    flat: Array
    hidden: Array
    active: Array
    log_p: Array


def forward(weights: dict[str, Array], x: Array) -> Pass:
    filters = weights["conv1.weight"]
    side, count = len(filters), len(x)
    grid = 32 // side
    patches = x.reshape(count, grid, side, grid, side, 3).transpose(0, 1, 3, 2, 4, 5)
    patches = patches.reshape(count, grid * grid, -1)
    conv = patches @ filters.reshape(-1, filters.shape[-1]) + weights["conv1.bias"]
    flat = np.maximum(conv, 0).reshape(count, -1)
    hidden = flat @ weights["linear1.weight"] + weights["linear1.bias"]
    active = np.maximum(hidden, 0)
    logits = active @ weights["linear2.weight"] + weights["linear2.bias"]
    log_p = logits - logits.max(1, keepdims=True)
    log_p -= np.log(np.exp(log_p).sum(1, keepdims=True))
    return Pass(patches, conv, flat, hidden, active, log_p)


def cross_entropy(log_p: Array, labels: Any, smoothing: float = 0.0) -> float:
    target = (1 - smoothing) * np.eye(10)[labels] + smoothing / 10
    return float(-(target * log_p).sum(1).mean())


def penalty(weights: dict[str, Array], weight_decay: float) -> float:
    return weight_decay * sum(
        float((value**2).sum()) for name, value in weights.items() if name.endswith("weight")
    )


def gradients(
    weights: dict[str, Array], x: Array, labels: Any, smoothing: float, weight_decay: float
) -> dict[str, Array]:
    made = forward(weights, x)
    target = (1 - smoothing) * np.eye(10)[labels] + smoothing / 10
    d = (np.exp(made.log_p) - target) / len(x)
    result = {"linear2.weight": made.active.T @ d, "linear2.bias": d.sum(0)}
    d = (d @ weights["linear2.weight"].T) * (made.hidden > 0)
    result |= {"linear1.weight": made.flat.T @ d, "linear1.bias": d.sum(0)}
    d = (d @ weights["linear1.weight"].T).reshape(made.conv.shape) * (made.conv > 0)
    filters = np.einsum("npk,npf->kf", made.patches, d)
    result |= {
        "conv1.weight": filters.reshape(weights["conv1.weight"].shape),
        "conv1.bias": d.sum((0, 1)),
    }
    for name, value in weights.items():
        if name.endswith("weight"):
            result[name] = result[name] + 2 * weight_decay * value
    return result


def triangle(experiment: Experiment, update: int) -> float:
    half = experiment.half_cycle
    height = 1 - abs((update % (2 * half)) / half - 1)
    return experiment.eta_min + height * (experiment.eta_max - experiment.eta_min)


@dataclass
class Trained:
    weights: dict[str, Array]
    losses: list[float]
    costs: list[float]


def train(experiment: Experiment, dataset: Dataset, start: dict[str, Array]) -> Trained:
    """Train from the weights `start`; cycles of one length, no augmentation."""
    weights = {name: value.astype(np.float64) for name, value in start.items()}
    x = normalised(dataset.train.images, dataset.train, experiment.normalisation)
    order = Batches(len(x), experiment.seed, experiment.batch_size)
    smoothing, decay = experiment.label_smoothing, experiment.weight_decay
    losses, costs = [], []
    for update in range(experiment.total_updates):
        rows = order.rows(update)
        batch, labels = x[rows], dataset.train.labels[rows]
        log_p = forward(weights, batch).log_p
        losses.append(cross_entropy(log_p, labels))
        costs.append(cross_entropy(log_p, labels, smoothing) + penalty(weights, decay))
        change = gradients(weights, batch, labels, smoothing, decay)
        for name in weights:
            weights[name] = weights[name] - triangle(experiment, update) * change[name]
    return Trained(weights, losses, costs)


def scores(weights: dict[str, Array], split: Split, train: Split, per: str) -> tuple[float, float]:
    """Return mean cross-entropy and accuracy over a whole split."""
    log_p = forward(weights, normalised(split.images, train, per)).log_p
    return cross_entropy(log_p, split.labels), float((log_p.argmax(1) == split.labels).mean())
