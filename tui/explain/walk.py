"""Where a person stands in a trace, and the ways from there."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from core.errors import ExplainError
from core.explain import Explained, Trace
from core.explain.trace import BYTES, SOFTMAX
from core.layers.explanation import Place
from core.nn.arrays import Array
from tui.explain.grid import Form


@dataclass(frozen=True)
class Stand:
    """One value, or its gradient."""

    name: str
    """Of a layer, or of a parameter."""
    at: Place
    gradients: bool = False


@dataclass(frozen=True)
class Walk:
    """A place in a trace, with the way that led to it."""

    trace: Trace
    here: Stand
    before: tuple[Stand, ...] = field(default=())
    """Where to go back to, the latest last."""
    wants_gradients: bool = False
    """Whether gradients are looked at wherever there are some."""

    @classmethod
    def begin(cls, trace: Trace, like: "Walk | None" = None) -> "Walk":
        """Return a walk that begins at the largest logit, or where another one is."""
        if like is not None:
            walk = cls(trace, like.here, like.before)
            there = walk.is_weight or like.here.name in trace.nodes
            if there and walk.array.shape == like.array.shape:
                return walk.to_winner() if like.is_at_winner else walk
        return cls(trace, Stand(trace.last, trace.largest(trace.last)))

    @property
    def is_at_winner(self) -> bool:
        """Whether one stands on the output of the likeliest class."""
        ends = self.trace.last, SOFTMAX
        return self.here.name in ends and self.here.at == self.trace.largest(self.here.name)

    def to_winner(self) -> "Walk":
        """Go to the likeliest class of the layer, which is an output of the network."""
        return self.placed(self.trace.largest(self.here.name))

    @property
    def is_weight(self) -> bool:
        """Whether one stands on a parameter."""
        return self.here.name in self.trace.weights

    @property
    def layer(self) -> str:
        """Name of the layer, that of the parameter's where one stands on one."""
        return self.here.name.rpartition(".")[0] if self.is_weight else self.here.name

    @cached_property
    def array(self) -> Array:
        """All that is shown: the values of the layer or the parameter, or their gradients."""
        name, gradients = self.here.name, self.here.gradients
        if self.is_weight:
            return self.trace.weights[name][1 if gradients else 0]
        return self.trace.gradients(name) if gradients else self.trace.values(name)

    @cached_property
    def form(self) -> Form:
        """How it is laid out."""
        if not self.is_weight:
            return Form.of(self.array.shape)
        source = self.trace.node(self.trace.node(self.layer).sources[0])
        if source.sources and len(self.trace.values(source.name).shape) == 1:
            # The vector that a linear layer takes may have been an image.
            source = self.trace.node(source.sources[0])
        return Form.of_weight(self.array.shape, self.trace.values(source.name).shape)

    @property
    def tensors(self) -> tuple[str, ...]:
        """Names of the parameters of the layer."""
        names = self.trace.weights
        return tuple(name for name in names if name.rpartition(".")[0] == self.layer)

    @property
    def has_gradient(self) -> bool:
        """Whether what one stands on has gradients."""
        return self.is_weight or self.trace.node(self.here.name).dy is not None

    @cached_property
    def explained(self) -> Explained:
        """The sum behind the value, or behind its gradient; behind that of a parameter always."""
        if self.is_weight:
            return self.trace.explain_weight(self.here.name, self.here.at)
        if self.here.gradients:
            return self.trace.explain_gradient(self.here.name, self.here.at)
        return self.trace.explain(self.here.name, self.here.at)

    def to(self, layer: str) -> "Walk":
        """Go to another layer, to its largest value; the way back is forgotten."""
        wants = self.here.gradients or self.wants_gradients
        gradients = wants and self.trace.node(layer).dy is not None
        at = self.here.at if layer == self.here.name else self.trace.largest(layer)
        return Walk(self.trace, Stand(layer, at, gradients), wants_gradients=wants)

    def to_weights(self) -> "Walk | None":
        """Go to the first parameter of the layer, the next, and at last back to the values.

        Returns:
            None where there are none.
        """
        tensors = self.tensors
        if not tensors:
            return None
        after = tensors.index(self.here.name) + 1 if self.is_weight else 0
        if after == len(tensors):
            left = (stand for stand in reversed(self.before) if stand.name == self.layer)
            return self._at(next(left, Stand(self.layer, self.trace.largest(self.layer))))
        tensor = tensors[after]
        at = self.trace.largest_weight(tensor)
        if not self.is_weight and self.array.ndim and len(at) > 1:
            # The filter, or the unit, of the value that one stood on.
            at = (*at[:-1], self.here.at[-1])
        elif not self.is_weight and self.array.ndim:
            at = (self.here.at[-1],)
        return self._at(Stand(tensor, at, self.here.gradients))

    def moved(self, rows: int, columns: int, channels: int = 0) -> "Walk":
        """Go to another place of the layer."""
        form, at = self.form, self.here.at
        row, column = form.cell(at)
        channel = (form.channel(at) + channels) % form.channels
        return self.placed(form.place(row + rows, column + columns, channel))

    def largest(self) -> "Walk":
        """Go to the largest of the picture; from there to the largest of the layer.

        For gradients and parameters that is the one furthest from 0, for values the highest.
        """
        signed = not (self.here.gradients or self.is_weight)
        sizes = np.where(np.isnan(self.array), -np.inf, self.array if signed else abs(self.array))
        form, channel = self.form, self.form.channel(self.here.at)
        own = form.values(sizes, channel)
        row, column = np.unravel_index(np.nanargmax(own), own.shape)
        at = form.place(int(row), int(column), channel)
        if at == self.here.at:
            at = tuple(int(k) for k in np.unravel_index(sizes.argmax(), sizes.shape))
        return self.placed(at)

    def into(self) -> "Walk | None":
        """Go to what adds most to the sum; None where there is nothing further.

        That is a value of a layer before, or the gradient of a value of a layer behind. From a
        weight one goes to its gradient.
        """
        if self.is_weight and not self.here.gradients:
            return self._at(replace(self.here, gradients=True))
        best: tuple[float, Stand] | None = None
        for layer, part in self.explained.sums:
            # What goes into the loss is not a value that one can stand on with gradients.
            if self.here.gradients and not self._has(layer):
                continue
            terms = part.terms
            own = terms.inside
            if self.is_weight:
                own = own & (terms.images == self.trace.image)
            if own.any():
                sizes = np.where(own, np.nan_to_num(abs(terms.products)), -1.0)
                most = int(sizes.argmax())
                at = tuple(int(k) for k in terms.places[most])
                if best is None or sizes[most] > best[0]:
                    best = float(sizes[most]), Stand(layer, at, self.here.gradients)
        return None if best is None else self._at(best[1])

    @cached_property
    def leads_on(self) -> bool:
        """Whether there is a way into the value."""
        return self.into() is not None

    def back(self) -> "Walk | None":
        """Return to where `into` was called; None at the beginning of the way."""
        if not self.before:
            return None
        return Walk(self.trace, self.before[-1], self.before[:-1])

    def turned(self) -> "Walk":
        """Look at the gradient of the value instead of the value, or the other way round.

        Raises:
            ExplainError: if the value has no gradient.
        """
        if not self.here.gradients and not self.has_gradient:
            what = "a byte" if self.here.name == BYTES else f"what {self.here.name} gives"
            raise ExplainError(f"{what} has no gradient")
        gradients = not self.here.gradients
        here = replace(self.here, gradients=gradients)
        return replace(self, here=here, wants_gradients=gradients)

    def placed(self, at: Place) -> "Walk":
        """Go to a place of the layer."""
        return replace(self, here=replace(self.here, at=at))

    def _has(self, layer: str) -> bool:
        return self.trace.node(layer).dy is not None

    def _at(self, stand: Stand) -> "Walk":
        """Go somewhere, with a way back."""
        return Walk(self.trace, stand, (*self.before, self.here))
