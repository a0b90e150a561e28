"""The residual layer: a branch of layers beside a short way.

In plain NumPy: `core.nn.plain.activations.residual`.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from math import prod
from typing import Self

import numpy as np

from core.nn import chain, workspace
from core.nn.arrays import Array, Shape
from core.nn.buffers import Buffers, ByteCount, Share
from core.nn.conv import Conv2d
from core.nn.conv1d import Conv1d
from core.nn.layer import Layer, Mode, Parameter, ShapeError, Statistic
from core.nn.linear import Linear

SHORTCUT = "shortcut"
"""Name of the layer on the short way among the branch's, such as in `shortcut.weight`."""


class Residual(Layer):
    """Residual layer y = x + f(x), where f is a chain of layers, the branch.

    Where f(x) has another shape than x, the short way has a convolution with 1x1 filters s:
    y = s(x) + f(x). Its stride leaves as many positions as the branch does, and it has no bias. For
    sequences it is a 1-D convolution with filters of one step, for vectors a linear layer.

    Backward: dx = dy + f'(dy), or s'(dy) + f'(dy), where f' and s' are the backward passes: dy
    reaches x unchanged however deep the branch. He et al. 2016, "Deep residual learning for image
    recognition".

    Tensors have the names of the branch's layers: `conv1.weight`, `batchnorm1.gamma`.

    Shapes: x (N, *input_shape), y (N, *output_shape), those of the branch.

    Args:
        input_shape: shape of one input image.
        branch: f, not allocated; it takes inputs of `input_shape`.

    Raises:
        ShapeError: if the branch is empty, its shapes do not fit, or no 1x1 convolution has its
            output shape.
    """

    kind = "residual"

    def __init__(self, input_shape: Shape, branch: Sequence[Layer]) -> None:
        super().__init__(input_shape)
        chain.check_chain(branch, "the branch of a residual layer")
        if branch[0].input_shape != input_shape:
            raise ShapeError(
                f"the branch takes {branch[0].input_shape}, but the residual layer {input_shape}"
            )
        self.branch = tuple(branch)
        self.output_shape = self.branch[-1].output_shape
        self.shortcut = _shortcut(input_shape, self.output_shape)
        self.stochastic = any(layer.stochastic for layer in self.branch)
        self.batch_independent = all(layer.batch_independent for layer in self.branch)

    def parts(self) -> tuple[Layer, ...]:
        """Return the layers of the branch, and the one on the short way."""
        return self.branch if self.shortcut is None else (*self.branch, self.shortcut)

    def named_parts(self) -> list[tuple[str, Layer]]:
        """Return the parts with their names: `conv1`, and `shortcut` on the short way."""
        named = list(chain.numbered(self.branch))
        return named if self.shortcut is None else [*named, (SHORTCUT, self.shortcut)]

    def with_branch(self, branch: Sequence[Layer]) -> Self:
        """Return a copy with another branch of the same shapes."""
        layer = copy.copy(self)
        layer.branch = tuple(branch)
        return layer

    def working_copy(self, needs_input_gradient: bool) -> Self:
        """Return a copy with copies of all parts."""
        layer = super().working_copy(needs_input_gradient)
        layer.branch = tuple(chain.working_copies(self.branch, needs_input_gradient))
        if self.shortcut is not None:
            layer.shortcut = self.shortcut.working_copy(needs_input_gradient)
        return layer

    def mapped(self, change: Callable[[Layer], Layer]) -> Self:
        """Return a copy with what `change` makes of the parts."""
        layer = self.with_branch([part.mapped(change) for part in self.branch])
        if self.shortcut is not None:
            layer.shortcut = self.shortcut.mapped(change)
        return layer

    def parameters(self) -> list[Parameter]:
        """Return the parameters of all parts."""
        return [replace(t, name=name) for name, t in self._tensors() if isinstance(t, Parameter)]

    def statistics(self) -> list[Statistic]:
        """Return the statistics of all parts."""
        return [replace(t, name=name) for name, t in self._tensors() if isinstance(t, Statistic)]

    def multiply_adds(self) -> int:
        """Return the multiply-adds of all parts."""
        return sum(part.multiply_adds() for part in self.parts())

    def smallest_batch(self) -> int:
        """Return the smallest batch that all parts can take."""
        return max(part.smallest_batch() for part in self.parts())

    def buffers(self, make: Buffers) -> None:
        """Allocate the sums; the parts allocate their own arrays."""
        self.y = make.output(self.output_shape)
        if self.needs_input_gradient:
            self.dx = make.gradient(self.input_shape)

    def count(self, count: ByteCount) -> None:
        """Add the bytes of the layer and of its short way."""
        super().count(count)
        if self.shortcut is not None:
            alone = count.alone()
            self.shortcut.count(alone)
            count.own += alone.own
            count.scratched = max(count.scratched, alone.scratched)

    def allocate(self, batch: int, dtype: np.typing.DTypeLike, share: Share | None = None) -> None:
        """Allocate the buffers of the layer and its parts."""
        super().allocate(batch, dtype, share)
        if self.shortcut is not None:
            # Its output and its gradient live as long as those of the branch.
            own = share and replace(share, keeps_output=True, keeps_gradient=True)
            self.shortcut.allocate(batch, dtype, own)
        memory = share.memory.branch if share is not None else None
        if memory is None:
            for part in self.branch:
                part.allocate(batch, dtype)
        else:
            workspace.allocate(self.branch, batch, dtype, memory, outermost=False)

    def resize(self, batch: int) -> None:
        """Set the batch size of the layer and its parts."""
        super().resize(batch)
        for part in self.parts():
            part.resize(batch)

    def bind(self, parameters: dict[str, Array], gradients: dict[str, Array]) -> None:
        """Pass every part its views."""
        for name, part in self.named_parts():
            part.bind(_of(name, parameters), _of(name, gradients))

    def bind_stats(self, running: dict[str, Array], batch: dict[str, Array]) -> None:
        """Pass every part its views."""
        for name, part in self.named_parts():
            part.bind_stats(_of(name, running), _of(name, batch))

    def sample(self, rng: np.random.Generator) -> None:
        """Sample the random numbers of the stochastic parts, in their order."""
        for part in self.branch:
            if part.stochastic:
                part.sample(rng)

    def forward(self, x: Array, mode: Mode) -> Array:
        """Return y for x."""
        changed = chain.forward(self.branch, x, mode)
        kept = x if self.shortcut is None else self.shortcut.forward(x, mode)
        np.add(kept, changed, out=self.y)
        return self.y

    def each_output(self, x: Array, mode: Mode) -> Iterator[tuple[str, Layer, Array]]:
        """Compute y as `forward` does; yield the outputs of the parts and, last, y."""
        for name, part, changed in chain.each_output(self.branch, x, mode):
            yield name, part, changed
        kept = x
        if self.shortcut is not None:
            kept = self.shortcut.forward(x, mode)
            yield SHORTCUT, self.shortcut, kept
        np.add(kept, changed, out=self.y)
        yield "", self, self.y

    def decisions(self) -> Array | None:
        """Return the decisions of all parts side by side, as integers (N, D); None without any."""
        each = (part.decisions() for part in self.branch)
        taken = [one.reshape(len(one), -1).astype(np.int64) for one in each if one is not None]
        return np.concatenate(taken, axis=1) if taken else None

    def clearance(self, x: Array) -> np.typing.NDArray[np.float64]:
        """Return the smallest distance in the branch."""
        return chain.clearance(self.branch, x)

    def backward(self, dy: Array) -> Array | None:
        """Write the gradients of all parts; return dx, or None."""
        changed = chain.backward(self.branch, dy)
        kept = dy if self.shortcut is None else self.shortcut.backward(dy)
        if changed is None or kept is None:
            return None
        np.add(kept, changed, out=self.dx)
        return self.dx

    def _tensors(self) -> list[tuple[str, Parameter | Statistic]]:
        return [
            (f"{name}.{tensor.name}", tensor)
            for name, part in self.named_parts()
            for tensor in part.learned()
        ]


def _of(part: str, views: dict[str, Array]) -> dict[str, Array]:
    """Return the views that belong to a part, by their names within it."""
    prefix = f"{part}."
    return {name[len(prefix) :]: view for name, view in views.items() if name.startswith(prefix)}


def _shortcut(before: Shape, after: Shape) -> Layer | None:
    """Return the layer that gives inputs of shape `before` the shape `after`; None if equal.

    Raises:
        ShapeError: if no 1x1 convolution does.
    """
    if before == after:
        return None
    strides = [_stride(size, places) for size, places in zip(before[:-1], after[:-1], strict=False)]
    if len(before) != len(after) or None in strides:
        raise ShapeError(
            f"the branch makes {after} of an input of {before}, and no 1x1 convolution on the "
            "short way does; it may change the channels, and halve height and width"
        )
    if len(before) == 1:
        return Linear(before, prod(after), biased=False)
    steps = tuple(stride for stride in strides if stride is not None)
    if len(steps) == 1:
        return Conv1d(before, 1, after[-1], steps[0], biased=False)
    return Conv2d(before, 1, after[-1], (steps[0], steps[1]), biased=False)


def _stride(size: int, places: int) -> int | None:
    """Return the smallest stride with which a filter of 1 has so many places on `size` pixels."""
    strides = range(1, size + 1)
    return next((stride for stride in strides if (size - 1) // stride + 1 == places), None)
