"""What the next update makes of every weight, and of what."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from math import sqrt
from typing import Any

import numpy as np

from core.data.dataset import Split
from core.errors import ExplainError
from core.explain.explained import number
from core.explain.subject import Subject
from core.layers.explanation import Place
from core.nn.arrays import Array
from core.nn.layer import Mode
from core.nn.loss import SoftmaxCrossEntropy
from core.optim.adamw import EPSILON, AdamW
from core.optim.optimiser import Optimiser, clip_scale
from core.optim.sgd import SGD
from core.plan import optimiser_rule


@dataclass(frozen=True)
class Step:
    """One update of one weight."""

    tensor: str
    at: Place
    before: float
    after: float
    """As the engine computes it."""
    rate: float
    gradient: float
    """The gradient of the mean loss over the batch."""
    clip: float
    """Factor that limits the norm of the whole gradient, 1 where it need not."""
    decay: float
    """2 lambda w, 0 where the parameter does not decay."""
    state: Mapping[str, tuple[float, float]]
    """What the optimiser keeps of it, before and after the update: the velocity, or mean and
    square of the gradients."""
    parts: Mapping[str, float]
    """What the step, after minus before, is the sum of, in double precision."""

    @property
    def exact(self) -> float:
        """The weight after the update, computed in double precision."""
        return self.before + sum(self.parts.values())

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "layer": self.tensor,
            "at": list(self.at),
            "before": number(self.before),
            "after": number(self.after),
            "exact": number(self.exact),
            "rate": self.rate,
            "gradient": number(self.gradient),
            "clip": number(self.clip),
            "decay": number(self.decay),
            "state": {name: [number(k) for k in pair] for name, pair in self.state.items()},
            "parts": {name: number(part) for name, part in self.parts.items()},
        }


class Update:
    """The next update of a training.

    Args:
        subject: the network of the training.
        batch: the images of the update, the shards one after the other.
        sizes: number of images in each shard.

    Raises:
        ExplainError: if the subject has no training.
        MemoryError: if the buffers do not fit.
    """

    def __init__(self, subject: Subject, batch: Split, sizes: list[int]) -> None:
        timeline = subject.timeline
        if timeline is None:
            raise ExplainError("this network has no training, and so no next update")
        self._settings = timeline.at(subject.next_update)
        self._subject = subject
        self.rate = timeline.schedule.rate(subject.next_update)
        network = subject.network(max(sizes))
        self._names = {name: network.tensors()[name] for name in network.names}
        gradients = _gradients(subject, batch, sizes)
        rule = optimiser_rule(self._settings)
        state = {name: subject.optimiser[name].copy() for name in rule.state if subject.optimiser}
        optimiser = Optimiser(
            rule, network.parameters.copy(), network.decay_size, len(sizes), state or None
        )
        self._state_before = {name: vector.copy() for name, vector in optimiser.state.items()}
        self._state, self._rule = optimiser.state, rule
        self._before, self._after = network.parameters, optimiser.parameters
        self._decay_size = network.decay_size
        self._gradient = np.sum(gradients, axis=0)
        clip = self._settings.clip_norm
        squared = float(np.dot(self._gradient, self._gradient))
        self.clip = clip_scale(squared, clip) if clip else 1.0
        optimiser.update(gradients, self.rate, self._settings.weight_decay, subject.updates, clip)

    def explain(self, tensor: str, index: Place) -> Step:
        """Return what the update makes of one entry of a parameter.

        Raises:
            ExplainError: if there is none.
        """
        if tensor not in self._names:
            raise ExplainError(
                f"there is no parameter {tensor!r}; there are {', '.join(self._names)}"
            )
        view = self._names[tensor][0]
        at = self._offset(view) + int(np.ravel_multi_index(index, view.shape))
        before, settings = float(self._before[at]), self._settings
        gradient = float(self._gradient[at])
        decays = 2 * settings.weight_decay if at < self._decay_size else 0.0
        state = {
            name: (float(self._state_before[name][at]), float(vector[at]))
            for name, vector in self._state.items()
        }
        earlier = {name: pair[0] for name, pair in state.items()}
        return Step(
            tensor=tensor,
            at=index,
            before=before,
            after=float(self._after[at]),
            rate=self.rate,
            gradient=gradient,
            clip=self.clip,
            decay=decays * before,
            state=state,
            parts=self._parts(gradient * self.clip, decays * before, earlier),
        )

    def _offset(self, view: Array) -> int:
        """Return where a parameter begins in the flat vector."""
        start: int = self._before.__array_interface__["data"][0]
        own: int = view.__array_interface__["data"][0]
        return (own - start) // self._before.itemsize

    def _parts(
        self, gradient: float, decay: float, earlier: Mapping[str, float]
    ) -> Mapping[str, float]:
        """Return what the step is the sum of, see `SGD` and `AdamW`."""
        rate, rule = self.rate, self._rule
        if isinstance(rule, SGD):
            velocity = rule.momentum * earlier.get("velocity", 0.0)
            now, past = 1.0, 1.0
            if rule.nesterov:  # the step is G + mu v, with v = mu v' + G
                now, past = 1.0 + rule.momentum, rule.momentum
            parts = {"gradient": -rate * now * gradient, "decay": -rate * now * decay}
            return parts | ({"velocity": -rate * past * velocity} if rule.momentum else {})
        assert isinstance(rule, AdamW)
        number = self._subject.updates + 1
        mean = rule.beta1 * earlier["mean"] + (1 - rule.beta1) * gradient
        square = rule.beta2 * earlier["square"] + (1 - rule.beta2) * gradient**2
        size = sqrt(square / (1 - rule.beta2**number)) + EPSILON
        scale = -rate / (1 - rule.beta1**number) / size
        return {
            "gradient": scale * (1 - rule.beta1) * gradient,
            "earlier gradients": scale * (mean - (1 - rule.beta1) * gradient),
            "decay": -rate * decay,
        }


def _gradients(subject: Subject, batch: Split, sizes: list[int]) -> list[Array]:
    """Return the flat gradient of each shard; they sum to that of the mean loss of the batch."""
    gradients, start = [], 0
    for shard, size in enumerate(sizes):
        part = slice(start, start + size)
        network = subject.network(size)
        network.sample(partial(subject.mask_generator, shard))
        x = np.empty((size, *subject.shape), network.dtype)
        subject.normaliser.apply(batch.images[part], x)
        loss = SoftmaxCrossEntropy(len(subject.classes), size, network.dtype)
        loss.forward(network.forward(x, Mode.TRAINING), batch.labels[part], subject.smoothing)
        network.backward(loss.backward(1.0 / len(batch)))
        gradients.append(network.gradients)
        start += size
    return gradients
