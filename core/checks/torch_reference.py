"""The reference gradient: the same network, cost and batch in PyTorch, with autograd.

The network is built directly from the architecture with PyTorch's functions, and shares no code
with the layers under test. This is the only file of the check that imports PyTorch, and it does so
only when called.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.checks.report import CheckError
from core.checks.subject import INPUT
from core.config.architecture import (
    AvgPool,
    BatchNorm,
    Conv,
    Conv1d,
    Dropout,
    Flatten,
    GlobalPool,
    LayerSpec,
    Linear,
    Pool,
    Relu,
)
from core.nn.arrays import Array

if TYPE_CHECKING:
    from torch import Tensor

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
    logits, decisions = _forward(torch, specs, leaves, masks)
    cost = torch.nn.functional.cross_entropy(
        logits, torch.from_numpy(labels), label_smoothing=smoothing
    )
    for name in sorted(decays):
        cost = cost + weight_decay * leaves[name].square().sum()
    cost.backward()
    return TorchPass(
        {name: leaf.grad.numpy() for name, leaf in leaves.items()}, decisions, float(cost.detach())
    )


def _forward(
    torch: Any, specs: tuple[LayerSpec, ...], leaves: dict[str, "Tensor"], masks: Sequence[Array]
) -> tuple["Tensor", list[Array | None]]:
    """Return the logits and the decisions. Activations are (N, H, W, C) throughout."""
    f, x, counts = torch.nn.functional, leaves[INPUT], Counter[str]()
    dropped = (torch.from_numpy(mask.copy()) for mask in masks)
    decisions: list[Array | None] = []
    for spec in specs:
        counts[spec.kind] += 1
        name = f"{spec.kind}{counts[spec.kind]}"
        taken: Any = None
        match spec:
            case Conv():
                filters = leaves[f"{name}.weight"].permute(3, 2, 0, 1).contiguous()
                x = f.conv2d(
                    x.permute(0, 3, 1, 2),
                    filters,
                    leaves.get(f"{name}.bias"),
                    spec.stride,
                    spec.padding,
                ).permute(0, 2, 3, 1)
            case Conv1d():
                if x.ndim == 4:  # the rows of an image are the steps of a sequence
                    x = x.flatten(2)
                filters = leaves[f"{name}.weight"].permute(2, 1, 0).contiguous()
                x = f.conv1d(
                    x.transpose(1, 2),
                    filters,
                    leaves.get(f"{name}.bias"),
                    spec.stride,
                    spec.padding,
                ).transpose(1, 2)
            case Pool():
                x, taken = _pool(f, x, spec)
            case AvgPool():
                x = _average(f, x, spec)
            case GlobalPool():
                x = x.flatten(1, -2).mean(1)
            case BatchNorm():
                x = _batch_norm(f, x, leaves[f"{name}.gamma"], leaves[f"{name}.beta"])
            case Dropout():
                x = x * next(dropped)
            case Relu():
                taken, x = x > 0, f.relu(x)
            case Flatten():
                x = x.flatten(1)
            case Linear():
                if x.ndim > 2:
                    decisions.append(None)
                    x = x.flatten(1)
                x = x @ leaves[f"{name}.weight"]
                if f"{name}.bias" in leaves:
                    x = x + leaves[f"{name}.bias"]
        decisions.append(None if taken is None else taken.numpy())
    return x, decisions


def _batch_norm(f: Any, x: "Tensor", gamma: "Tensor", beta: "Tensor") -> "Tensor":
    """Return the activations normalised over all axes but the last, with batch statistics."""
    values = x.flatten(0, -2)
    if len(values) == 1:
        # PyTorch rejects a single value; its deviation is 0, so the result is beta.
        return beta + 0 * (x + gamma)
    y: Tensor = f.batch_norm(values, None, None, gamma, beta, training=True)
    return y.reshape(x.shape)


def _average(f: Any, x: "Tensor", spec: AvgPool) -> "Tensor":
    """Return the average-pooled activations."""
    y: Tensor
    if x.ndim == 3:
        y = f.avg_pool1d(x.transpose(1, 2), spec.filter, spec.stride)
        return y.transpose(1, 2)
    y = f.avg_pool2d(x.permute(0, 3, 1, 2), spec.filter, spec.stride)
    return y.permute(0, 2, 3, 1)


def _pool(f: Any, x: "Tensor", spec: Pool) -> tuple["Tensor", "Tensor"]:
    """Return the pooled activations, and the position of each winner in its window, row by row."""
    if x.ndim == 3:
        y, steps = f.max_pool1d(x.transpose(1, 2), spec.filter, spec.stride, return_indices=True)
        windows = spec.stride * steps.new_tensor(range(steps.shape[-1]))
        return y.transpose(1, 2), (steps - windows).transpose(1, 2)
    width = x.shape[2]
    y, places = f.max_pool2d(x.permute(0, 3, 1, 2), spec.filter, spec.stride, return_indices=True)
    down = spec.stride * places.new_tensor(range(places.shape[2]))[:, None]
    across = spec.stride * places.new_tensor(range(places.shape[3]))
    within = (places // width - down) * spec.filter + (places % width - across)
    return y.permute(0, 2, 3, 1), within.permute(0, 2, 3, 1)
