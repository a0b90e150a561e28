"""Words and tables of `convsole explain`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core import format as fmt
from tui.cli import say
from tui.cli.table import print_table

if TYPE_CHECKING:
    from core.explain import Explained, Trace
    from core.explain.explained import Term
    from core.explain.update import Step

MOST = 12
"""Largest number of products that are printed; JSON has all."""


def overview(trace: "Trace", about: str) -> None:
    """Print a line for each layer: its shape, and the range of its values and gradients."""
    rows = []
    for name, node in trace.nodes.items():
        values = trace.values(name)
        cells = [name, node.title, fmt.shape(values.shape) or "1"]
        cells += [_number(values.min()), _number(values.max()), _number(values.mean())]
        gradient = "" if node.dy is None else _number(np.linalg.norm(trace.gradients(name)))
        rows.append([*cells, gradient])
    headings = ("layer", "what", "output", "least", "largest", "mean", "norm of gradient")
    print_table(about, headings, rows, ("largest", "least", "what", "mean", "norm of gradient"))
    predicted = int(trace.probabilities.argmax())
    say.line(
        f"taken for {trace.subject.classes[predicted]} with "
        f"{say.percent(float(trace.probabilities[predicted]))}, loss {trace.loss:.4f}; "
        "--layer and --at show what one value is the sum of"
    )


def one(found: "Explained", about: str, what: str) -> None:
    """Print a value, the products that it is the sum of, and the numbers behind them.

    Args:
        found: the value.
        about: the image and the network.
        what: "value" or "gradient".
    """
    place = ",".join(map(str, found.at))
    title = f"{what} of {found.layer}" + (f" at {place}" if place else "")
    say.line(f"{title}: {about}", "bold")
    if not found.sums:
        say.line(f"{_number(found.value)}, a byte of the image, where all sums begin")
        return
    say.line(
        f"{_number(found.value)} by the engine, {_number(found.exact)} as the sum in double "
        f"precision; the difference is {found.difference:.1e}"
    )
    terms = sorted(found.terms(), key=lambda term: -abs(term.product))
    if terms:
        shown = terms[:MOST]
        rows = [
            [
                _where(term),
                _number(term.x) if term.inside else "padding",
                _number(term.w),
                _number(term.product),
            ]
            for term in shown
        ]
        print_table("", ("from", "x", "w", "product"), rows)
        if len(terms) > MOST:
            rest = sum(term.product for term in terms[MOST:])
            say.line(f"and {len(terms) - MOST:,} smaller products: {_number(rest)}")
    if found.bias:
        say.line(f"bias: {_number(found.bias)}")
    _facts(list(found.all_facts().items()))


def step(found: "Step") -> None:
    """Print what the next update makes of a weight, and of what."""
    say.line(
        f"the update: {_number(found.before)} becomes {_number(found.after)}, at the rate "
        f"{fmt.rate(found.rate)}",
        "bold",
    )
    whole = sum(found.parts.values())
    rows = [
        [name, _number(part), say.percent(part / whole) if whole else "-"]
        for name, part in found.parts.items()
    ]
    print_table("", ("from", "part of the step", "share"), rows)
    facts = [("gradient of the batch", found.gradient), ("2 lambda w", found.decay)]
    facts += [("factor of the clipped norm", found.clip)] if found.clip != 1 else []
    for name, (before, after) in found.state.items():
        facts += [(f"{name} before", before), (f"{name} after", after)]
    _facts(facts)


def _where(term: "Term") -> str:
    place = " ".join([term.layer, ",".join(map(str, term.place))]).rstrip()
    return f"{place} of image {term.image}" if term.image else place


def _facts(facts: Sequence[tuple[str, float]]) -> None:
    for name, value in facts:
        say.line(f"{name}: {_number(value)}")


def _number(value: "float | np.floating[Any]") -> str:
    return f"{value + 0.0:.6g}"  # without the sign of a negative zero
