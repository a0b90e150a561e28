"""Words of the Explain pane."""

from collections.abc import Sequence

from core.explain import Explained
from core.explain.explained import Term
from core.format import cut
from tui.explain.source import Traced
from tui.explain.walk import Walk


def title(walk: Walk) -> str:
    """Return the name of what the map shows."""
    here, form = walk.here, walk.form
    what = "gradient of " if here.gradients else ""
    channel = f", channel {form.channel(here.at)} of {form.channels}" if form.channels > 1 else ""
    return f"{what}{here.layer}{channel}"


def scale(walk: Walk) -> str:
    """Return least and largest value of the layer, which its colours stand for."""
    trace, here = walk.trace, walk.here
    values = trace.gradients(here.layer) if here.gradients else trace.values(here.layer)
    return f"{values.min():.3g} to {values.max():.3g}"


def head(walk: Walk, found: Explained) -> str:
    """Return the value, the sum in double precision, and the difference."""
    place = ",".join(map(str, found.at))
    name = f"{found.layer} {place}".rstrip()
    what = f"gradient of {name}" if walk.here.gradients else name
    if not found.sums:
        return f"{what} = {found.value:g}"
    return f"{what} = {found.value + 0.0:.6g}   exactly {found.exact + 0.0:.6g}"


def verdict(traced: Traced) -> str:
    """Return what the network takes the image for."""
    trace = traced.trace
    predicted = int(trace.probabilities.argmax())
    share = 100 * float(trace.probabilities[predicted])
    sign = "✓" if predicted == trace.label else "✗"
    return f"{sign} taken for {trace.subject.classes[predicted]}, {share:.1f} %"


def products(
    found: Explained, classes: Sequence[str], width: int, lines: int, by_size: bool
) -> list[str]:
    """Return the sum as lines of `width` columns: products, the rest, the bias, and facts.

    Args:
        found: the sum.
        classes: names of the classes, for sums over them.
        width: columns.
        lines: largest number of lines.
        by_size: whether the largest products come first.
    """
    terms = list(found.terms())
    if by_size:
        terms.sort(key=lambda term: -abs(term.product))
    facts = [f"{name} {value:.5g}" for name, value in found.all_facts().items()]
    tail = [f"bias {found.bias:.5g}"] if found.bias else []
    tail = [" · ".join([*tail, *facts])] if tail or facts else []
    room = max(1, lines - len(tail) - 1)
    texts = [_term(term, classes) for term in terms]
    cell = max(map(len, texts), default=1) + 3
    across = max(1, min(3, (width + 3) // cell))
    shown = texts[: room * across]
    down = -(-len(shown) // across)
    rows = [
        "".join(f"{text:<{cell}}" for text in shown[row::down])[:width].rstrip()
        for row in range(down)
    ]
    rest = terms[len(shown) :]
    if rest:
        size = "smaller" if by_size else "more"
        rows.append(f"and {len(rest):,} {size}: {sum(term.product for term in rest):.5g}")
    return [cut(row, width) for row in (*rows, *tail)][:lines]


def _term(term: Term, classes: Sequence[str]) -> str:
    place = ",".join(map(str, term.place))
    where = f"{term.layer} {place}".rstrip()
    x = f"{term.x:8.4g}" if term.inside else " padding"
    return f"{where:<16} {x} x {term.w:8.4g} = {term.product:9.4g}"
