"""Words of the Explain pane."""

from math import fsum

import numpy as np

from core import format as fmt
from core.explain import Explained, Trace
from core.explain.explained import Term
from core.explain.trace import BYTES, INPUT, LOSS, SOFTMAX
from core.explain.update import Step
from core.format import cut, first_fitting
from core.layers.explanation import Place
from tui.explain.source import Traced
from tui.explain.walk import Walk

COLOURS = "red", "green", "blue"

MOST_ACROSS = 3
"""Largest number of products in a line."""

NUMBERS, SHORTEST = 34, 6
"""Columns of the numbers of a product, and the least that stay for its name."""


def titles(walk: Walk, whole: bool = False) -> tuple[str, ...]:
    """Return names of what the map shows, the longest first.

    Args:
        walk: where one stands.
        whole: whether all pictures of the layer are shown, and not one.
    """
    here, form, trace = walk.here, walk.form, walk.trace
    what = here.name
    last = form.channels - 1
    if here.gradients:
        of = "loss" if trace.of is None else f"logit {trace.subject.classes[trace.of]}"
        what = f"d {of} / d {here.name}"
    which = f"all {form.channels}" if whole else form.named(form.channel(here.at))
    number = "" if whole else f"{form.channel(here.at)} of 0-{last}"
    return (f"{what}, {which}", f"{what} {number}", what) if which else (what,)


def differentiated(trace: Trace) -> str:
    """Return what the gradients are of; empty for the loss, of which they usually are."""
    return "" if trace.of is None else f"gradients of the logit {trace.subject.classes[trace.of]}"


def scale(walk: Walk) -> str:
    """Return least and largest value of the layer, which its colours stand for."""
    return f"{walk.array.min():.3g} to {walk.array.max():.3g}"


def value_at(walk: Walk, at: Place) -> str:
    """Return a place and its value."""
    return f"{_name(walk.trace, walk.here.name, at)} = {float(walk.array[at]):.5g}"


def learnt(traced: Traced, width: int) -> str:
    """Return what the tried steps have made of the image; empty if none was tried."""
    if not traced.trials:
        return ""
    first, trace = traced.trials[0][0], traced.trace
    count, label = len(traced.trials), trace.label
    name = trace.subject.classes[label]
    steps = "1 step" if count == 1 else f"{count} steps"
    before, after = float(first.probabilities[label]), float(trace.probabilities[label])
    change = f"{name} {fmt.percent(before)} → {fmt.percent(after)}"
    losses = f"loss {first.loss:.4g} → {trace.loss:.4g}"
    rate = fmt.rate(traced.trials[-1][1].rate)
    return first_fitting(
        width,
        f"after {steps} on this image at the rate {rate}: {change}, {losses}",
        f"after {steps} on this image: {change}, {losses}",
        f"after {steps}: {change}, {losses}",
        f"{steps}: {change}",
    )


def step(found: Step, width: int, is_over: bool) -> list[str]:
    """Return lines on what an update makes of a weight."""
    whole = sum(found.parts.values())
    which = "the last update, once more" if is_over else "the next update"
    rate, change = f"{found.rate:.4g}", f"{found.before:.6g} → {found.after:.6g}"
    lines = [
        first_fitting(
            width,
            f"{which}, at the rate {rate}: {change}   step {whole:.4g}",
            f"{which}: {change}   step {whole:.4g}",
            f"{which}: {change}",
        )
    ]
    names = {"gradient": "from the gradient", "decay": "from lambda", "velocity": "from velocity"}
    parts = {name: part for name, part in found.parts.items() if name != "decay" or found.decay}
    longest = max(len(names.get(name, name)) for name in parts)
    for name, part in parts.items():
        share = f"{fmt.percent(part / whole)} of the step" if whole else ""
        lines.append(f"  {names.get(name, name):<{longest}} {part:12.4g}   {share}".rstrip())
    facts = [f"gradient of its batch {found.gradient:.5g}"]
    facts.append(f"2 lambda w {found.decay:.5g}" if found.decay else "lambda does not act on it")
    if found.clip != 1:
        facts.append(f"factor of the clipped norm {found.clip:.4g}")
    facts += [f"{name} {old:.5g} → {new:.5g}" for name, (old, new) in found.state.items()]
    return [cut(line, width) for line in (*lines, " · ".join(facts))]


def end(walk: Walk) -> str:
    """Return why there is no way into a value."""
    if walk.here.gradients:
        return "the way back ends here, at the end of the network"
    return "a byte of the image: all ways end here"


def head(walk: Walk, found: Explained, width: int) -> str:
    """Return the value, and the sum in double precision where there is room."""
    name = _name(walk.trace, found.layer, found.at)
    what = f"gradient of {name}" if walk.here.gradients else name
    if walk.is_weight and not walk.here.gradients:
        return f"{what} = {float(walk.array[walk.here.at]):.6g}"
    if not found.sums:
        return f"{what} = {found.value:g}"
    whats = [what]
    if walk.is_weight:
        whats = [f"{what}, by {images}" for images in _images_of(walk.trace)]
    values = [f"{what} = {found.value + 0.0:.6g}" for what in whats]
    exact = f"   exactly {found.exact + 0.0:.6g}"
    return first_fitting(width, *(value + exact for value in values), *values)


def verdict(traced: Traced, short: bool = False) -> str:
    """Return what the network takes the image for."""
    trace = traced.trace
    predicted = int(trace.probabilities.argmax())
    share = 100 * float(trace.probabilities[predicted])
    sign = "✓ " if predicted == trace.label else "✗ "
    if not traced.is_of_the_set:  # which has no class of its own
        return f"{share:.1f} %"
    name = trace.subject.classes[predicted]
    return f"{sign}{name} {share:.1f} %" if short else f"{sign}taken for {name}, {share:.1f} %"


def products(walk: Walk, found: Explained, width: int, lines: int, by_size: bool) -> list[str]:
    """Return the sum as lines of `width` columns: products, the rest, the bias, and facts.

    Args:
        walk: where one stands.
        found: the sum there.
        width: columns.
        lines: largest number of lines.
        by_size: whether the largest products come first.
    """
    sizes = np.abs(found.products)
    order = np.argsort(-sizes, kind="stable") if by_size else np.arange(len(sizes))
    facts = [f"{name} {value:.5g}" for name, value in found.all_facts().items()]
    tail = [f"bias {found.bias:.5g}"] if found.bias else []
    tail = [" · ".join([*tail, *facts])] if tail or facts else []
    if len(walk.trace.labels) > 1 and walk.is_weight:
        tail = [by_class(walk, found, width), *tail]
    room = max(1, lines - len(tail) - 1)
    numbers = order[: MOST_ACROSS * room].tolist()
    terms = list(found.terms(numbers))
    # A name that is cut still says more than a sum without its product.
    most = max(SHORTEST, width - NUMBERS)
    names = [
        cut(_of_term(walk, term, number), most) for number, term in zip(numbers, terms, strict=True)
    ]
    longest = max(map(len, names), default=0)
    texts = [_term(term, name, longest) for term, name in zip(terms, names, strict=True)]
    cell = max(map(len, texts), default=1) + 3
    across = max(1, min(MOST_ACROSS, (width + 3) // cell))
    shown = texts[: room * across]
    down = -(-len(shown) // across)
    rows = [
        "".join(f"{text:<{cell}}" for text in shown[row::down])[:width].rstrip()
        for row in range(down)
    ]
    rest = found.products[order[len(shown) :]]
    if len(rest):
        size = "smaller" if by_size else "more"
        rows.append(f"and {len(rest):,} {size}: {fsum(rest):.5g}")
    return [cut(row, width) for row in (*rows, *tail)][: max(0, lines)]


def _term(term: Term, name: str, longest: int) -> str:
    x = f"{term.x + 0.0:9.4g}" if term.inside else "  padding"
    return f"{name:<{longest}} {x} x {term.w + 0.0:9.4g} = {term.product + 0.0:9.4g}"


def _images_of(trace: Trace) -> tuple[str, ...]:
    """Return which images the trace runs together, the longest words first."""
    count, timeline = len(trace.labels), trace.subject.timeline
    if count == 1:
        return ("this image alone",)
    size = count if timeline is None else timeline.at(trace.subject.next_update).batch_size
    long = f"{count} images of the batch" if count >= size else f"{count} of {size} images, a shard"
    return long, f"{count} images"


def by_class(walk: Walk, found: Explained, width: int) -> str:
    """Return what the images of each class add to the gradient of a weight, the most first."""
    trace = walk.trace
    labels = np.array(trace.labels)[np.concatenate([part.terms.images for _, part in found.sums])]
    sums = np.bincount(labels, found.products, minlength=len(trace.subject.classes))
    order = np.argsort(-np.abs(sums), kind="stable")
    shares = [f"{trace.subject.classes[k]} {sums[k]:.4g}" for k in order if sums[k]]
    forms = [f"by class: {' · '.join(shares)}" if shares else "by class: all 0"]
    for left in range(1, len(shares)):
        forms.append(f"by class: {' · '.join(shares[:-left])} · {left} smaller")
    return first_fitting(width, *forms)


def _of_term(walk: Walk, term: Term, number: int) -> str:
    """Return what x of a term is."""
    trace, here = walk.trace, walk.here
    name = _name(trace, term.layer, term.place)
    if not here.gradients and here.name == LOSS:
        return f"log of {name}"
    if not here.gradients and here.name == SOFTMAX:
        return f"exp of {name} less the largest"
    if here.gradients and term.layer == LOSS:
        # See `core.explain.ends.logit_gradient`.
        return "the logit itself" if trace.of is not None else ("probability", "target")[number]
    if len(trace.labels) == 1 or not walk.is_weight:
        return name
    label = trace.subject.classes[trace.labels[term.image]]
    which = "this image" if term.image == trace.image else f"image {term.image}"
    return f"{name} of {which}, {label}"


def _name(trace: Trace, layer: str, at: Place) -> str:
    """Return layer and place, and for the outputs of the network the class."""
    place = ",".join(map(str, at))
    if layer in (BYTES, INPUT) and len(at) == 3 and trace.values(layer).shape[2] == len(COLOURS):
        return f"{layer} {place} {COLOURS[at[2]]}"
    named = layer in (trace.last, SOFTMAX, LOSS, f"{trace.last}.bias") and len(at) == 1
    return (
        f"{layer} {place}" + (f" {trace.subject.classes[at[0]]}" if named else "") if at else layer
    )
