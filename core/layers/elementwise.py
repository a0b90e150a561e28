"""The sums behind the numbers of layers that take every value for itself: one product each."""

from core.layers.explanation import Observed, Place, Sum, single
from core.layers.spec import LayerSpec


class Elementwise(LayerSpec):
    """Base class of the kinds whose output depends on the input at the same place alone."""

    @classmethod
    def factor(cls, x: float, seen: Observed, at: Place) -> float:
        """Return w of y = x w."""
        raise NotImplementedError

    @classmethod
    def derivative(cls, x: float, seen: Observed, at: Place) -> float:
        """Return dy/dx; by default the factor, which then is constant around x."""
        return cls.factor(x, seen, at)

    @classmethod
    def explain(cls, seen: Observed, at: Place) -> Sum:
        """Return the input behind its gate."""
        x = seen.value(at)
        return Sum(single(at, x, cls.factor(x, seen, at)))

    @classmethod
    def explain_gradient(cls, seen: Observed, at: Place) -> Sum:
        """Return the gradient of the output behind the same gate."""
        return Sum(single(at, seen.gradient(at), cls.derivative(seen.value(at), seen, at)))
