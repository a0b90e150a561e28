"""A short training on a few images, which a network and its learning must be able to memorise."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isfinite

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from core.config.experiment import Experiment
from core.data.dataset import Split
from core.data.normalise import Normaliser
from core.nn.acceleration import Prepared
from core.nn.init import initialise
from core.optim.optimiser import Rule
from core.seeding import Stream, generator
from core.training.shards import ShardedNetwork
from core.training.training_set import as_rows

UPDATES = 300
"""Largest number of updates; the presets need 10 to 40."""
LOOK_EVERY = 10
"""Number of updates between two measurements of the loss."""
LEARNED = 0.1
"""Loss at which the images count as learned: a mean probability of 90 % for the right class."""


@dataclass(frozen=True)
class Attempt:
    """How far a short training came."""

    updates: int
    loss: float
    """Mean cross-entropy of the images in evaluation; infinite if the training diverged."""

    @property
    def learned(self) -> bool:
        """Whether the loss is as low as it has to be."""
        return self.loss <= LEARNED


def balanced(
    labels: npt.NDArray[np.int64], count: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Return the rows of `count` random images, as many of each class as there can be."""
    order = rng.permutation(len(labels))
    by_class = np.argsort(labels[order], kind="stable")
    shuffled = labels[order][by_class]
    rank = np.empty(len(labels), np.int64)
    rank[by_class] = np.arange(len(labels)) - np.searchsorted(shuffled, shuffled)
    return order[np.argsort(rank, kind="stable")[:count]]


def learn(
    experiment: Experiment,
    prepared: Prepared,
    images: Split,
    normaliser: Normaliser,
    rule: Rule,
    rate: float,
    updates: int = UPDATES,
    *,
    listen: Callable[[Attempt], None] = lambda attempt: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Attempt | None:
    """Train on `images` alone, in one batch, until they are learned; return how far it came.

    Nothing that works against memorising takes part: no weight decay, no label smoothing, no
    augmentation. The loss is measured in evaluation, where dropout leaves everything as it is.

    Args:
        experiment: number format, seed and the limit on the gradient.
        prepared: the network.
        images: the whole training set.
        normaliser: that of the data set which the images are from.
        rule: the rule of the optimiser.
        rate: the learning rate, which stays as it is.
        updates: number of updates after which it ends, if the images are not learned before.
        listen: callback with the state after every few updates.
        cancelled: returns whether to stop; called before every update.

    Returns:
        The last state; None if it was cancelled.
    """
    count = len(images)
    engine = ShardedNetwork(
        prepared, [count], experiment.dtype, normaliser, 1, rule, experiment.seed
    )
    initialise(engine.network, generator(experiment.seed, Stream.INITIALISATION))
    data, rows = as_rows(images, prepared.layout), np.arange(count)
    engine.register_datasets(images, training=data)
    attempt = Attempt(0, inf)
    with threadpool_limits(1, user_api="blas"), np.errstate(over="ignore", invalid="ignore"):
        while attempt.updates < updates and not attempt.learned:
            for update in range(attempt.updates, min(attempt.updates + LOOK_EVERY, updates)):
                if cancelled():
                    return None
                loss = engine.forward_backward(data, rows, 0.0, update).plain
                if not isfinite(loss):
                    return Attempt(update + 1, inf)
                engine.optimiser_step(rate, 0.0, update, experiment.clip_norm)
            loss = engine.evaluate(images).loss
            attempt = Attempt(update + 1, loss if isfinite(loss) else inf)
            listen(attempt)
            if attempt.loss == inf:
                break
    return attempt
