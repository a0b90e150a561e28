"""One step of learning on one image alone, tried on a copy of the network."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf, sqrt

import numpy as np

from core.data.dataset import Images
from core.explain.run import run
from core.explain.subject import Subject
from core.nn.arrays import Array
from core.optim.optimiser import Optimiser
from core.plan import optimiser_rule


@dataclass(frozen=True, eq=False)
class Trial:
    """What a step would make of a network."""

    subject: Subject
    """The network after the step; the one before is unchanged."""
    rate: float
    """The learning rate of the step."""


def learn(subject: Subject, image: Images, label: int) -> Trial:
    """Return the network after one step on one image alone.

    The step is one of the training's own optimiser, with its largest rate and without a past:
    velocity and means begin at 0. The image passes as in evaluation, so that no mask hides what it
    teaches, and running statistics stay.

    Args:
        subject: the network of a training.
        image: uint8 (H, W, C), or whatever shape the images of its data set have.
        label: its class.

    Raises:
        ExplainError: if the image or the class does not fit the network.
        MemoryError: if the buffers do not fit.
    """
    gradients = run(subject, image, label).weights
    network = subject.network(1)
    for name in network.names:
        np.copyto(network.tensors()[name][1], gradients[name][1])
    assert subject.timeline is not None
    settings = subject.timeline.at(subject.next_update)
    rule = optimiser_rule(settings)
    optimiser = Optimiser(rule, network.parameters, network.decay_size, 1)
    optimiser.update(
        [network.gradients], settings.eta_max, settings.weight_decay, 0, settings.clip_norm
    )
    after = {name: value.copy() for name, (value, _) in network.tensors().items()}
    return Trial(replace(subject, tensors=after), settings.eta_max)


def moved(before: Mapping[str, Array], after: Mapping[str, Array]) -> dict[str, float]:
    """Return by name of a layer how far its parameters have moved.

    That is the norm of the change divided by the norm before, over all of its parameters; infinite
    if these were 0.
    """
    squares: dict[str, tuple[float, float]] = {}
    for tensor in before:
        layer = tensor.rpartition(".")[0]
        change, size = squares.get(layer, (0.0, 0.0))
        difference = after[tensor] - before[tensor]
        squares[layer] = change + _square(difference), size + _square(before[tensor])
    return {
        layer: sqrt(change / size) if size else (inf if change else 0.0)
        for layer, (change, size) in squares.items()
    }


def _square(values: Array) -> float:
    return float(np.sum(np.square(values, dtype=np.float64)))
