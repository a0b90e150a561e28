"""Where a person stands in a trace, and the ways from there."""

from dataclasses import dataclass, field, replace

from core.errors import ExplainError
from core.explain import Explained, Trace
from core.explain.trace import BYTES
from core.layers.explanation import Place
from tui.explain.grid import Form


@dataclass(frozen=True)
class Stand:
    """One value, or its gradient."""

    layer: str
    at: Place
    gradients: bool = False


@dataclass(frozen=True)
class Walk:
    """A place in a trace, with the way that led to it."""

    trace: Trace
    here: Stand
    before: tuple[Stand, ...] = field(default=())
    """Where to go back to, the latest last."""

    @classmethod
    def begin(cls, trace: Trace, like: "Walk | None" = None) -> "Walk":
        """Return a walk that begins at the largest logit, or where another one is."""
        if like is not None and like.here.layer in trace.nodes:
            shape = trace.values(like.here.layer).shape
            if shape == like.trace.values(like.here.layer).shape:
                return cls(trace, like.here, like.before)
        return cls(trace, Stand(trace.last, trace.largest(trace.last)))

    @property
    def form(self) -> Form:
        """How the layer is laid out."""
        return Form.of(self.trace.values(self.here.layer).shape)

    @property
    def has_gradient(self) -> bool:
        """Whether the values of the layer have gradients."""
        return self.trace.node(self.here.layer).dy is not None

    def explained(self) -> Explained:
        """Return the sum behind the value, or behind its gradient."""
        if self.here.gradients:
            return self.trace.explain_gradient(self.here.layer, self.here.at)
        return self.trace.explain(self.here.layer, self.here.at)

    def to(self, layer: str) -> "Walk":
        """Go to another layer, to its largest value; the way back is forgotten."""
        gradients = self.here.gradients and self.trace.node(layer).dy is not None
        at = self.here.at if layer == self.here.layer else self.trace.largest(layer)
        return Walk(self.trace, Stand(layer, at, gradients))

    def moved(self, rows: int, columns: int, channels: int = 0) -> "Walk":
        """Go to another place of the layer."""
        form, at = self.form, self.here.at
        row, column = form.cell(at)
        channel = (form.channel(at) + channels) % form.channels
        place = form.place(row + rows, column + columns, channel)
        return replace(self, here=replace(self.here, at=place))

    def into(self) -> "Walk | None":
        """Go to what adds most to the sum; None where there is nothing further.

        That is a value of a layer before, or the gradient of a value of a layer behind.
        """
        terms = [term for term in self.explained().terms() if term.inside]
        # What goes into the loss is not a value that one can stand on with gradients.
        terms = [term for term in terms if not self.here.gradients or self._has(term.layer)]
        if not terms:
            return None
        most = max(terms, key=lambda term: abs(term.product))
        there = Stand(most.layer, most.place, self.here.gradients)
        return Walk(self.trace, there, (*self.before, self.here))

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
            what = "a byte" if self.here.layer == BYTES else f"what {self.here.layer} gives"
            raise ExplainError(f"{what} has no gradient")
        return replace(self, here=replace(self.here, gradients=not self.here.gradients))

    def _has(self, layer: str) -> bool:
        return self.trace.node(layer).dy is not None
