"""What the health record of a run holds, and after which updates.

A row belongs to one update and has, for every parameter tensor, the norms of the weights before the
update, of the gradient and of the update, and the ratio of update to weights; and for every layer,
parts of a residual layer included, what its outputs on the probe images are like.
"""

from collections.abc import Sequence

from core.build_layers import layers_of
from core.config.experiment import Experiment
from core.nn import chain
from core.nn.layer import Layer, Parameter

INTERVALS = {"off": 0, "sparse": 100, "dense": 10}
"""Updates from one row to the next, by the setting `health`; 0 for no rows."""

TENSOR_QUANTITIES = ("weight", "gradient", "update", "ratio")
"""Numbers of a parameter tensor: three norms, and the norm of the update by that of the weights."""

OUTPUT_QUANTITIES = ("mean", "deviation", "silent")
"""Numbers of a layer: mean and deviation of its outputs, and the share of its units that never
fire, which only layers that rectify have."""

BINS = 10
"""Bins of a histogram of outputs, of equal width from `lowest` to `highest`."""

HISTOGRAM = ("lowest", "highest", *(f"bin{number}" for number in range(1, BINS + 1)))
"""Numbers of a histogram: its ends, and the share of the outputs in each bin."""


def is_due(update: int, setting: str) -> bool:
    """Return whether an update, counted from 1, has a row.

    Beside every N-th update those are the 1st, 2nd, 4th, 8th and so on before the first of them:
    much of what goes wrong does so at the start.

    Args:
        update: number of the update.
        setting: `off`, `sparse` or `dense`.
    """
    every = INTERVALS[setting]
    if not every:
        return False
    return update % every == 0 or (update < every and update & (update - 1) == 0)


def parameter_names(layers: Sequence[Layer]) -> list[str]:
    """Return the names of the parameter tensors, such as `conv1.weight`."""
    return [name for name, _, tensor in chain.named(layers) if isinstance(tensor, Parameter)]


def columns(layers: Sequence[Layer]) -> tuple[str, ...]:
    """Return the names of the columns after the number of the update, such as `relu1/silent`."""
    tensors = [column(name, q) for name in parameter_names(layers) for q in TENSOR_QUANTITIES]
    outputs = [
        column(name, q)
        for name, layer in chain.every_layer(layers)
        for q in layer_quantities(layer)
    ]
    return (*tensors, *outputs)


def layer_quantities(layer: Layer) -> tuple[str, ...]:
    """Return the quantities that are recorded of a layer, in order."""
    mean, deviation, silent = OUTPUT_QUANTITIES
    return (mean, deviation, *([silent] if layer.rectifies else []), *HISTOGRAM)


def columns_of(experiment: Experiment) -> tuple[str, ...]:
    """Return the names of the columns of a run with these settings; none if it records nothing.

    Raises:
        SettingError: if the architecture is impossible.
    """
    return columns(layers_of(experiment)[0]) if INTERVALS[experiment.health] else ()


def column(owner: str, quantity: str) -> str:
    """Return the name of a column, of a tensor or layer and a quantity."""
    return f"{owner}/{quantity}"


def owners(names: Sequence[str], quantity: str) -> list[str]:
    """Return the tensors or layers that a quantity is recorded of, in the order of the network."""
    ending = column("", quantity)
    return [name.removesuffix(ending) for name in names if name.endswith(ending)]
