"""Words of the Explain pane."""

from core.explain import Explained, Trace
from core.explain.explained import Term
from core.explain.trace import LOSS, SOFTMAX
from core.format import cut
from core.layers.explanation import Place
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


def end(walk: Walk) -> str:
    """Return why there is no way into a value."""
    if walk.here.gradients:
        return "the way back ends here, at the loss"
    return "a byte of the image: all ways end here"


def head(walk: Walk, found: Explained) -> str:
    """Return the value, and the sum in double precision."""
    name = _name(walk.trace, found.layer, found.at)
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


def products(walk: Walk, found: Explained, width: int, lines: int, by_size: bool) -> list[str]:
    """Return the sum as lines of `width` columns: products, the rest, the bias, and facts.

    Args:
        walk: where one stands.
        found: the sum there.
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
    names = [_name(walk.trace, term.layer, term.place) for term in terms]
    longest = max(map(len, names), default=0)
    texts = [_term(term, name, longest) for term, name in zip(terms, names, strict=True)]
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


def _term(term: Term, name: str, longest: int) -> str:
    x = f"{term.x:9.4g}" if term.inside else "  padding"
    return f"{name:<{longest}} {x} x {term.w:9.4g} = {term.product:9.4g}"


def _name(trace: Trace, layer: str, at: Place) -> str:
    """Return layer and place, and for the outputs of the network the class."""
    place = ",".join(map(str, at))
    named = layer in (trace.last, SOFTMAX, LOSS) and len(at) == 1
    return (
        f"{layer} {place}" + (f" {trace.subject.classes[at[0]]}" if named else "") if at else layer
    )
