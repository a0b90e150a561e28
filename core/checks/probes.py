"""Numerical derivatives from evaluations of the network itself, without a second implementation.

Central differences use (C(w + h) - C(w - h)) / 2h in real arithmetic; their error is a sixth of
h^2 times the third derivative, plus the rounding error divided by h. The complex step uses
Im C(w + ih) / h, which has no subtraction, so h can be so small that only rounding errors remain
(Squire and Trapp 1998, "Using complex variables to estimate derivatives of real functions").

Entry by entry, that is too slow for a tensor with a million entries. So a sample of entries is
probed, and the whole tensor by v^T J u: J is the Jacobian of the logits with respect to the tensor,
u a random direction in the tensor, v a random weighting of the logits. Forward, J u is one
derivative along u; backward, J^T v is one pass; both give the same number if and only if they
belong to the same J (unless the difference happens to be orthogonal to u).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.checks import kinks
from core.checks.settings import CENTRAL_STEP, COMPLEX_STEP, CheckSettings
from core.checks.subject import INPUT, Material, Subject
from core.nn.arrays import Array
from core.nn.layer import Mode
from core.nn.loss import SoftmaxCrossEntropy
from core.optim.penalty import l2_penalty
from core.seeding import Stream, generator

ENTRIES, DIRECTIONS, WEIGHTINGS = 2, 3, 4
"""Counters in the check's stream of random numbers."""

ATTEMPTS = 20
"""Maximum number of attempts per probe, for tensors where most probes cross kinks."""


@dataclass(frozen=True)
class Probed:
    """The results of the probes of one tensor."""

    places: Array
    """Flat indices (n,) of the probed entries."""
    values: Array
    """Derivative of the cost with respect to each of them, (n,) float64."""
    forward: Array
    """v^T (J u) for each direction, by evaluating the network; (d,)."""
    backward: Array
    """(J^T v)^T u for each direction, by the hand-written backward passes; (d,)."""
    redrawn: int
    """Number of probes that crossed a kink."""


class Prober:
    """Probes the tensors of one network.

    Args:
        material: weights, images and cost.
        check: the reference, and the numbers of entries and directions.
        ours: the network in float64 whose backward passes are checked.
    """

    def __init__(self, material: Material, check: CheckSettings, ours: Subject) -> None:
        self.check, self.material, self.ours = check, material, ours
        self.complex = check.reference == "complex"
        dtype = np.complex128 if self.complex else np.float64
        self.moved = Subject(material, dtype)
        self._loss = SoftmaxCrossEntropy(self.moved.network.output_shape[0], 1, dtype)
        # The input of each layer, so that a probe need not run the layers before its tensor.
        self._inputs = [self.moved.x]
        for layer in self.moved.network.layers:
            self._inputs.append(layer.forward(self._inputs[-1], Mode.TRAINING).copy())
        ours.network.resize(len(ours.x))
        ours.network.forward(ours.x, Mode.TRAINING)

    def steps(self, name: str) -> int:
        """Return the number of probes of a tensor if none is redrawn."""
        return min(self.check.entries, self.moved.tensor(name).size) + self.check.directions

    def probe(self, name: str, on_probe: Callable[[], None] = lambda: None) -> Probed:
        """Probe one tensor.

        Args:
            name: name of the tensor.
            on_probe: callback after every successful probe; may raise to cancel.
        """
        number, size = self.ours.names.index(name), self.moved.tensor(name).size
        wanted = min(self.check.entries, size)
        rng = generator(self.check.seed, Stream.CHECK, ENTRIES, number)
        places: list[int] = []
        values: list[float] = []
        redrawn = 0
        for place in rng.permutation(rng.choice(size, min(size, wanted * ATTEMPTS), False)):
            if len(places) == wanted:
                break
            change = self._derivative(name, int(place), 1.0, self._costs(name, int(place)))
            if change is None:
                redrawn += 1
                continue
            places.append(int(place))
            values.append(float(change.sum()))
            on_probe()
        forward, backward, crossed = self._directions(name, number, on_probe)
        return Probed(
            np.array(places, np.int64),
            np.array(values),
            np.array(forward),
            np.array(backward),
            redrawn + crossed,
        )

    def _costs(self, name: str, place: int) -> Callable[[Array], Array]:
        """Return a function of the logits with the terms of the cost, except for constants.

        The terms are not summed: most of them do not change, and in a difference of sums the
        rounding error of all would dominate the few that do.
        """
        flat, decays = self.moved.tensor(name).reshape(-1), name in self.moved.decays
        labels, material = self.material.labels, self.material
        weight_decay = material.weight_decay if decays else 0.0

        def measure(logits: Array) -> Array:
            terms = []
            for i in range(len(labels)):
                self._loss.forward(logits[i : i + 1], labels[i : i + 1], material.smoothing)
                terms.append(self._loss.sums().smoothed)
            means = np.array(terms) / len(labels)
            penalty = l2_penalty(flat[place : place + 1], 1, weight_decay)
            return np.append(means, penalty)

        return measure

    def _directions(
        self, name: str, number: int, on_probe: Callable[[], None]
    ) -> tuple[list[float], list[float], int]:
        """Return v^T (J u) and (J^T v)^T u for each direction, and the number of redrawn ones."""
        forward: list[float] = []
        backward: list[float] = []
        redrawn = 0
        for direction in range(self.check.directions):
            weights = generator(self.check.seed, Stream.CHECK, WEIGHTINGS, direction)
            v = weights.standard_normal((len(self.ours.x), *self.ours.network.output_shape))
            rng = generator(self.check.seed, Stream.CHECK, DIRECTIONS, number, direction)
            for _ in range(ATTEMPTS):
                u = rng.standard_normal(self.moved.tensor(name).size)
                u /= np.linalg.norm(u)
                change = self._derivative(name, slice(None), u, np.copy)
                if change is None:
                    redrawn += 1
                    continue
                dx = self.ours.network.backward(v)
                gradient = dx if name == INPUT else self.ours.network.tensors()[name][1]
                assert gradient is not None
                forward.append(float(np.sum(change * v)))
                backward.append(float(gradient.reshape(-1) @ u))
                on_probe()
                break
        return forward, backward, redrawn

    def _derivative(
        self, name: str, where: Any, u: Any, measure: Callable[[Array], Array]
    ) -> Array | None:
        """Return the derivative of `measure(logits)` as the entries `where` move along u.

        Returns:
            None if the two points of a central difference are not on the same side of all kinks.
            The complex step crosses none, because the real parts do not change.
        """
        flat = self.moved.tensor(name).reshape(-1)
        before = np.copy(flat[where])
        try:
            if self.complex:
                flat[where] = before + 1j * COMPLEX_STEP * u
                return measure(self._logits(name)).imag / COMPLEX_STEP
            flat[where] = ahead = before + CENTRAL_STEP * u
            above = measure(self._logits(name))
            sides = [None if taken is None else taken.copy() for taken in self.moved.decisions()]
            flat[where] = behind = before - CENTRAL_STEP * u
            below = measure(self._logits(name))
            if not kinks.same(sides, self.moved.decisions()):
                return None
            # The actual step of a single entry, which includes rounding.
            step = ahead - behind if np.ndim(u) == 0 else 2.0 * CENTRAL_STEP
            return (above - below) / step
        finally:
            flat[where] = before

    def _logits(self, name: str) -> Array:
        layer = self.moved.layer_of(name)
        x = self._inputs[layer]
        for each in self.moved.network.layers[layer:]:
            x = each.forward(x, Mode.TRAINING)
        return x
