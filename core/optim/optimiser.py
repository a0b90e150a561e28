"""Updates of a flat vector of parameters by any rule."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import sqrt
from typing import Any, Protocol

import numpy as np

from core.optim.penalty import Array, l2_penalty

CHUNK = 32_768
"""Number of entries processed at a time: five float32 vectors of this length fit in an L2 cache, so
each is read from memory only once."""

CLIP_EPSILON = 1e-6
"""Added to the norm that a gradient is divided by, as in PyTorch's `clip_grad_norm_`."""


class Rule(Protocol):
    """A rule for updating weights, such as `SGD`, entry by entry."""

    @property
    def state(self) -> tuple[str, ...]:
        """Names of the vectors, as long as the parameters, that the rule keeps between updates.

        They start at 0.
        """

    def step(
        self,
        weights: Array,
        gradients: Array,
        state: Sequence[Array],
        decays: int,
        rate: float,
        weight_decay: float,
        update: int,
        work: Array,
    ) -> None:
        """Update weights and state in place, allocating nothing.

        Args:
            weights: vector of n weights.
            gradients: vector dL/dw (n), which must not change; it may be the first row of `work`.
            state: vectors (n), in the order of `Rule.state`.
            decays: number of leading entries that decay.
            rate: learning rate.
            weight_decay: lambda.
            update: index of the update, from 0.
            work: workspace (2, n). The first row may be overwritten only after the last use of
                `gradients`.
        """


class Optimiser:
    """A flat vector of parameters with the rule that updates it and its state.

    The vector is divided into blocks of equal size with one call of `step` each, so that several
    threads can share an update.

    Args:
        rule: the rule.
        parameters: flat vector that is updated in place.
        decay_size: number of leading entries that decay.
        blocks: number of blocks.
        state: flat vectors by the names in `rule.state`, shared and not copied; None allocates
            them.

    Attributes:
        state: these vectors.
        blocks: slices of the parameters.
    """

    def __init__(
        self,
        rule: Rule,
        parameters: Array,
        decay_size: int,
        blocks: int = 1,
        state: Mapping[str, Array] | None = None,
    ) -> None:
        self.rule, self.parameters, self.decay_size = rule, parameters, decay_size
        if state is None:
            state = {name: np.zeros_like(parameters) for name in rule.state}
        self.state = {name: state[name] for name in rule.state}
        self._vectors = tuple(self.state.values())
        bounds = [parameters.size * number // blocks for number in range(blocks + 1)]
        self.blocks = [slice(start, end) for start, end in pairwise(bounds)]

    def work(self) -> Array:
        """Return workspace for one call at a time; threads that run concurrently need one each."""
        return np.empty((2, min(CHUNK, len(self.parameters))), self.parameters.dtype)

    def update(
        self,
        gradients: Sequence[Array],
        rate: float,
        weight_decay: float,
        update: int = 0,
        clip_norm: float = 0.0,
    ) -> Any:
        """Update the whole vector.

        Args:
            gradients: flat vectors that sum to dL/dw, added in this order.
            rate: learning rate.
            weight_decay: lambda.
            update: index of the update, from 0.
            clip_norm: as in `clip_scale`.

        Returns:
            The L2 term of the weights before the step, in double precision.
        """
        work, scale = self.work(), 1.0
        if clip_norm:
            parts = [self.squared_norm(block, gradients, work) for block in self.blocks]
            scale = clip_scale(sum(parts), clip_norm)
        return sum(
            self.step(block, gradients, rate, weight_decay, work, update, scale)
            for block in self.blocks
        )

    def step(
        self,
        block: slice,
        gradients: Sequence[Array],
        rate: float,
        weight_decay: float,
        work: Array,
        update: int = 0,
        scale: float = 1.0,
    ) -> Any:
        """Update one block of `blocks`, with the gradient times `scale`.

        The other arguments and the result are as in `update`. Allocates nothing.
        """
        penalty: Any = 0.0
        for start in range(block.start, block.stop, CHUNK):
            chunk = slice(start, min(start + CHUNK, block.stop))
            w, part = self.parameters[chunk], work[:, : chunk.stop - start]
            g = _total(gradients, chunk, part[0])
            if scale != 1.0:
                g = np.multiply(g, scale, out=part[0])
            decays = min(max(0, self.decay_size - start), len(w)) if weight_decay else 0
            if decays:
                penalty += l2_penalty(w, decays, weight_decay)
            state = [vector[chunk] for vector in self._vectors]
            self.rule.step(w, g, state, decays, rate, weight_decay, update, part)
        return penalty

    def squared_norm(self, block: slice, gradients: Sequence[Array], work: Array) -> float:
        """Return the sum of squares of the gradient in one block of `blocks`.

        Allocates nothing.
        """
        total = 0.0
        for start in range(block.start, block.stop, CHUNK):
            chunk = slice(start, min(start + CHUNK, block.stop))
            g = _total(gradients, chunk, work[0, : chunk.stop - start])
            total += float(np.dot(g, g))
        return total


def clip_scale(squared_norm: float, clip_norm: float) -> float:
    """Return the factor on a gradient that limits its norm to `clip_norm`, 1 at most.

    Pascanu et al. 2013, "On the difficulty of training recurrent neural networks". The limit is on
    the gradient of the loss over all parameters, before any decay.

    Args:
        squared_norm: squared norm of the gradient.
        clip_norm: the limit, greater than 0.
    """
    return min(1.0, clip_norm / (sqrt(squared_norm) + CLIP_EPSILON))


def _total(gradients: Sequence[Array], chunk: slice, out: Array) -> Array:
    """Return the sum of one chunk of the gradients: the only one, or the sum in `out`."""
    total = gradients[0][chunk]
    for part in gradients[1:]:
        total = np.add(total, part[chunk], out=out)
    return total
