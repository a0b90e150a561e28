"""The reference gradient: the same network, cost and batch in PyTorch, with autograd.

The network is built directly from the architecture with PyTorch's functions, which each kind of
layer names in `core.layers`, and shares no code with the layers under test. PyTorch is imported
only when this is called.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.checks.report import CheckError
from core.checks.subject import INPUT
from core.layers.spec import LayerSpec
from core.layers.torch_reference import ReferencePass
from core.nn.arrays import Array

MISSING = (
    "PyTorch is not installed, so there is nothing to hold the gradients against; "
    "`pip install torch` brings it, and the references central and complex work without it"
)


@dataclass(frozen=True)
class TorchPass:
    """The results of PyTorch as NumPy arrays in this project's shapes."""

    gradients: dict[str, Array]
    """Gradients by tensor; the one of the images has the name `input`."""
    decisions: list[Array | None]
    """Decisions of each layer, including implied flattens, as in `Layer.decisions`."""
    cost: float


def load() -> Any:
    """Import PyTorch and return its module.

    Raises:
        CheckError: if it is not installed or cannot be loaded.
    """
    try:
        import torch
    except ImportError:
        raise CheckError(MISSING) from None
    except OSError as error:
        raise CheckError(f"PyTorch is installed but cannot be loaded: {error}") from None
    return torch


def differentiate(
    specs: tuple[LayerSpec, ...],
    parameters: dict[str, Array],
    decays: set[str],
    x: Array,
    labels: Array,
    smoothing: float,
    weight_decay: float,
    masks: Sequence[Array] = (),
) -> TorchPass:
    """Return the gradient of the cost for every tensor.

    Args:
        specs: the architecture.
        parameters: parameters by name, in this project's shapes; their dtype is used throughout.
        decays: names of the parameters to which weight decay applies.
        x: images (N, H, W, C).
        labels: (N,).
        smoothing: label smoothing.
        weight_decay: lambda; the cost includes lambda times the sum of the squares.
        masks: masks of the dropout layers, because PyTorch would sample other ones.

    Raises:
        CheckError: if PyTorch is not available.
    """
    torch = load()
    leaves = {
        name: torch.from_numpy(array.copy()).requires_grad_()
        for name, array in {INPUT: x, **parameters}.items()
    }
    dropped = (torch.from_numpy(mask.copy()) for mask in masks)
    within = ReferencePass(torch, leaves, dropped)
    logits, decisions = within.run(specs, leaves[INPUT])
    cost = torch.nn.functional.cross_entropy(
        logits, torch.from_numpy(labels), label_smoothing=smoothing
    )
    for name in sorted(decays):
        cost = cost + weight_decay * leaves[name].square().sum()
    cost.backward()
    return TorchPass(
        {name: leaf.grad.numpy() for name, leaf in leaves.items()},
        [None if taken is None else taken.numpy() for taken in decisions],
        float(cost.detach()),
    )
