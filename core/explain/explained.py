"""What is said of one number: the engine's value, and the sum that it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import fsum, isfinite
from typing import Any, NamedTuple

import numpy as np

from core.layers.explanation import Exact, Place, Sum


class Term(NamedTuple):
    """One product of a sum."""

    layer: str
    """Name of the layer that x is a value, or a gradient, of."""
    place: Place
    """Where x is; outside of the array where `inside` is False."""
    image: int
    """The image of the batch that x belongs to."""
    x: float
    w: float
    product: float
    inside: bool
    """Whether x is a value and not the padding around the image."""


@dataclass(frozen=True, eq=False)
class Explained:
    """One number of a network as a sum of products."""

    layer: str
    """Name of the layer, such as `conv1`, or of the parameter, such as `conv1.weight`."""
    at: Place
    value: float
    """As the engine has it."""
    sums: tuple[tuple[str, Sum], ...]
    """The sums that it is the sum of, with the name of the layer that their terms stand in."""
    facts: Mapping[str, float] = field(default_factory=dict)
    """Further numbers that belong to it, by name."""

    @property
    def exact(self) -> float:
        """The sum, computed in double precision; a byte of the image is no sum, and itself."""
        return fsum(part.exact for _, part in self.sums) if self.sums else self.value

    @property
    def bias(self) -> float:
        """What is added to the products."""
        return fsum(part.bias for _, part in self.sums)

    @property
    def difference(self) -> float:
        """The engine's value minus the exact one: what rounding, and faster ways, make of it."""
        return self.value - self.exact

    @cached_property
    def products(self) -> Exact:
        """All products (n,), in the order of `terms`."""
        return np.concatenate([np.zeros(0), *(part.terms.products for _, part in self.sums)])

    def terms(self, numbers: Sequence[int] | None = None) -> Iterator[Term]:
        """Yield the products, in the order in which a window is read.

        Args:
            numbers: only those with these numbers, counted from 0, in this order; None for all.
        """
        for number in range(len(self.products)) if numbers is None else numbers:
            own = number
            for layer, part in self.sums:
                terms = part.terms
                if own < len(terms):
                    yield Term(
                        layer,
                        tuple(terms.places[own].tolist()),
                        int(terms.images[own]),
                        float(terms.x[own]),
                        float(terms.w[own]),
                        float(self.products[number]),
                        bool(terms.inside[own]),
                    )
                    break
                own -= len(terms)

    def all_facts(self) -> dict[str, float]:
        """Return the facts of the number and of its sums."""
        return {**self.facts, **{k: v for _, part in self.sums for k, v in part.facts.items()}}

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it; numbers that JSON cannot express are None."""
        return {
            "layer": self.layer,
            "at": list(self.at),
            "value": number(self.value),
            "exact": number(self.exact),
            "bias": number(self.bias),
            "facts": {name: number(value) for name, value in self.all_facts().items()},
            "terms": [
                {
                    "layer": term.layer,
                    "from": list(term.place),
                    "image": term.image,
                    "x": number(term.x),
                    "w": number(term.w),
                    "product": number(term.product),
                    "padding": not term.inside,
                }
                for term in self.terms()
            ],
        }


def number(value: float) -> float | None:
    """Return a number for JSON, which has neither infinity nor NaN."""
    return value if isfinite(value) else None
