"""The line below a chart: its legend, or what the curves have under the cursor."""

from collections.abc import Callable, Iterator, Sequence
from math import isfinite

from textual.content import Content

from core import format as fmt
from core.format import cut
from tui.widgets.axis import Quantity
from tui.widgets.picture import Curve, Picture
from tui.widgets.reading import Reading

LETTERS = 6
"""Characters of a name in the legend below which its sign alone is clearer."""
LINE, DOTTED = "⠒⠒⠒", "· ·"
NOTHING = "—"
"""Stands for the value of a curve that has none at the cursor."""


def legend(curves: Sequence[Curve], marked: str, width: int) -> Content:
    """Return signs and names of curves.

    Args:
        curves: the curves.
        marked: sign and meaning of the vertical lines; empty for none.
        width: columns of the box.
    """
    names = [curve.name for curve in curves]
    room = width - 1 - 7 * len(names) - (len(marked) + 3 if marked else 0)
    if sum(map(len, names)) > room:
        names = [curve.short or curve.name for curve in curves]
    longest = max(map(len, names), default=0)
    letters = next(
        (
            most
            for most in range(longest, min(LETTERS, longest) - 1, -1)
            if sum(min(most, len(name)) for name in names) <= room
        ),
        0,
    )
    names = [cut(name, letters) if letters else "" for name in names]
    gap = "   " if any(names) else " "  # signs alone stand closer together
    parts: list[Content] = []
    for name, curve in zip(names, curves, strict=True):
        parts += [_sign(curve), Content(f" {name}".rstrip() + gap)]
    if marked and parts:
        parts += [Content.styled(marked[0], "$foreground 45%"), Content(marked[1:])]
    return Content("").join(parts).rstrip() if parts else Content("")


def readout(reading: Reading, picture: Picture, quantity: Quantity, width: int) -> Content:
    """Return position and values under the cursor, as many as fit.

    Signs and names of the curves go first, then the epoch, then the units.

    Args:
        reading: position and values.
        picture: the picture that they are from.
        quantity: the quantity of the values.
        width: columns of the box.
    """
    room = width - 4
    for form in _forms(reading, picture, quantity):
        if form.cell_length <= room:
            return form
    where, every = _place(picture, reading.x)[-1], _values(reading, quantity, _tag, short=True)
    shown = len(every)
    while shown:
        shown -= 1
        line = _joined(where, [*every[:shown], Content(f"+{len(every) - shown}")], 1)
        if line.cell_length <= room:
            return line
    return Content(cut(where, room))


def _forms(reading: Reading, picture: Picture, quantity: Quantity) -> Iterator[Content]:
    """Yield forms of a readout, from the longest to the shortest."""
    long, *_, short = places = _place(picture, reading.x)
    for where in places[:-1]:
        yield _joined(where, _values(reading, quantity, _named), 3)
    for where in places[:-1]:
        yield _joined(where, _values(reading, quantity, _named_short), 3)
    yield _joined(places[-2], _values(reading, quantity, _named_by_a_word), 2)
    if any(curve.marker for curve in picture.curves):
        yield _joined(long, _values(reading, quantity, _tag), 3)
    else:
        yield _joined(long, _values(reading, quantity, _sign), 3)
    for where in places:
        yield _joined(where, _values(reading, quantity, _tag), 2)
    for gap in (2, 1):
        yield _joined(short, _values(reading, quantity, _tag, short=True), gap)


def _joined(where: str, values: Sequence[Content], gap: int) -> Content:
    return Content(" " * gap).join([Content.styled(where, "bold"), *values])


def _place(picture: Picture, x: float) -> list[str]:
    """Return forms of a position, from the longest to the shortest."""
    if picture.first is not None:
        return [f"rate {fmt.rate(x)}", fmt.rate(x)]
    if picture.unit == "epochs":
        return [f"epoch {x:,.2f}", f"{x:,.2f}"]
    if picture.unit != "updates":
        return [f"{x:,.1f} {picture.unit}", f"{x:,.1f}"]
    forms = [f"update {x:,.0f}", f"{x:.0f}"]
    if picture.updates_per_epoch:
        forms.insert(0, f"update {x:,.0f} (epoch {x / picture.updates_per_epoch:.1f})")
    return forms


def _values(
    reading: Reading, quantity: Quantity, name: Callable[[Curve], Content], short: bool = False
) -> list[Content]:
    """Return sign and value of each curve; a point of another column with its position."""
    parts = []
    for curve, value in zip(reading.curves, reading.values, strict=True):
        words = NOTHING if value is None else shown(value.y, quantity)
        if short:
            words = words.removesuffix(" %")
        elif value is not None and value.aside:
            words += f" at {value.x:,.4g}" if value.x < 1000 else f" at {value.x:,.0f}"
        parts.append(Content.assemble(name(curve), " ", words))
    return parts


def shown(value: float, quantity: Quantity) -> str:
    """Return a value of a chart as text."""
    if quantity == "percent":
        return fmt.percent(value / 100)
    if quantity == "rate":
        return fmt.rate(value) if value or not isfinite(value) else "0"
    return fmt.loss(value)


def _colour(curve: Curve) -> str:
    by_role = {"validation": "$text-accent", "former": "$foreground 60%"}
    return curve.colour or by_role.get(curve.role, "$text-primary")


def _sign(curve: Curve) -> Content:
    plain = DOTTED if curve.role == "former" else LINE
    return Content.styled(f"─{curve.sign}─" if curve.sign else plain, _colour(curve))


def _tag(curve: Curve) -> Content:
    """Return the shortest sign of a curve; a digit in a box, as it stands before a number."""
    if curve.marker:
        return Content.styled(curve.marker, f"reverse {_colour(curve)}")
    plain = DOTTED[0] if curve.role == "former" else LINE[0]
    return Content.styled(curve.sign or plain, _colour(curve))


def _named(curve: Curve) -> Content:
    return Content.assemble(_sign(curve), f" {curve.name}")


def _named_short(curve: Curve) -> Content:
    return Content.assemble(_sign(curve), f" {curve.short or curve.name}")


def _named_by_a_word(curve: Curve) -> Content:
    return Content.assemble(_tag(curve), f" {(curve.short or curve.name).split(',')[0]}")
