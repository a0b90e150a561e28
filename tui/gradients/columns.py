"""The columns of the gradient table: their contents, sort order and layout for a width."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, prod

from core import format as fmt
from core.checks.report import Row, Verdict
from tui.gradients.text import index, number, verdict
from tui.widgets.order import Order

MARK = 2
"""Columns before the first, for the cursor."""

WIDEST_GAP = 6


@dataclass(frozen=True)
class Form:
    """A layout of the table; `FORMS` lists them from the widest to the narrowest."""

    keys: str
    """Names of its columns in order; columns that the reference does not have are omitted."""
    short: bool = True
    """Whether the headings are short."""
    by: str = "x"
    """Separator between the dimensions of a shape."""
    values: bool = False
    """Whether the worst entry is shown with its two values, not only its index."""


@dataclass(frozen=True)
class Column:
    """One measure of a tensor."""

    heads: tuple[str, str]
    """The heading, and a shorter form; for the worst entry, the form with its values."""
    meaning: str
    text: Callable[[Row, Form], str]
    value: Callable[[Row], float]
    """The sort key."""
    largest_first: bool = True
    """Whether the default order has the largest value first, which is the worst one."""


ALL = "tensor shape abs rel norm cosine flips redrawn directional worst verdict"

FORMS = (
    Form(ALL, short=False, by=" x ", values=True),
    Form(ALL, values=True),
    Form(ALL, short=False, by=" x "),
    Form(ALL, short=False),
    Form(ALL),
    Form("tensor shape abs rel norm cosine flips redrawn directional verdict"),
    Form("tensor shape rel norm flips redrawn directional verdict", short=False, by=" x "),
    Form("tensor shape rel norm flips redrawn directional verdict", short=False),
    Form("tensor shape rel norm flips redrawn directional verdict"),
    Form("tensor rel norm flips directional verdict", short=False),
    Form("tensor rel norm flips directional verdict"),
    Form("tensor norm verdict"),
    Form("tensor verdict"),
)


def _worst(row: Row, form: Form) -> str:
    if not row.comparison.worst:
        return ""
    entry = row.comparison.worst[0]
    if not form.values:
        return index(entry.index)
    # As many digits as float32 has, for the two often differ in the last ones alone.
    return f"{index(entry.index)} {entry.value:>14.6e} {entry.reference:>14.6e}"


def _worst_value(row: Row) -> float:
    return row.comparison.worst[0].relative if row.comparison.worst else 0.0


SEVERITY = {Verdict.FAIL: 2, Verdict.FLIP: 1, Verdict.PASS: 0}

COLUMNS = {
    "tensor": Column(
        ("tensor", "tensor"),
        "in the order of the network",
        lambda row, form: row.name,
        lambda row: 0,
        largest_first=False,
    ),
    "shape": Column(
        ("shape", "shape"),
        "sides of the tensor; sorts by their product",
        lambda row, form: fmt.shape(row.shape, form.by),
        lambda row: prod(row.shape),
    ),
    "abs": Column(
        ("largest abs", "max abs"),
        "largest |a - b| of all entries",
        lambda row, form: number(row.comparison.max_absolute),
        lambda row: row.comparison.max_absolute,
    ),
    "rel": Column(
        ("largest rel", "max rel"),
        "largest |a - b| / max(eps, |a| + |b|) of all entries",
        lambda row, form: number(row.comparison.max_relative),
        lambda row: row.comparison.max_relative,
    ),
    "norm": Column(
        ("norm-wise", "norm-wise"),
        "||a - b|| / (||a|| + ||b||), 2-norms: the measure that decides",
        lambda row, form: number(row.comparison.normwise),
        lambda row: row.comparison.normwise,
    ),
    "cosine": Column(
        ("cosine", "cosine"),
        "a . b / (||a|| ||b||), 1 where both point the same way",
        lambda row, form: _cosine(row.comparison.cosine),
        lambda row: row.comparison.cosine,
        largest_first=False,
    ),
    "flips": Column(
        ("flips", "flips"),
        "ReLU and pool winners up to the loss that are not the reference's",
        lambda row, form: f"{row.flips or 0:,}",
        lambda row: row.flips or 0,
    ),
    "redrawn": Column(
        ("redrawn", "redrawn"),
        "probes that crossed a kink and were drawn again",
        lambda row, form: f"{row.redrawn:,}",
        lambda row: row.redrawn,
    ),
    "directional": Column(
        ("v^T J u", "v^T J u"),
        "norm-wise error over random directions through the whole tensor",
        lambda row, form: number(row.directional) if row.directional is not None else "",
        lambda row: row.directional or 0.0,
    ),
    "worst": Column(
        ("worst entry", "worst entry, by hand, reference"),
        "where the relative error is largest",
        _worst,
        _worst_value,
    ),
    "verdict": Column(
        ("verdict", "verdict"),
        "FLIP fails only with the images where winners differ",
        lambda row, form: verdict(row.verdict),
        lambda row: SEVERITY[row.verdict],
    ),
}


def _cosine(value: float) -> str:
    return f"{value:.6f}" if value == value else "NaN"


@dataclass(frozen=True)
class Table:
    """Heading and rows as text, cut to one width."""

    columns: tuple[str, ...]
    """Names of the visible columns, in order."""
    heading: str
    rows: tuple[str, ...]
    """The rows, without the cursor."""
    ends: tuple[int, ...]
    """Position behind each column."""


def table(rows: Sequence[Row], width: int, column: str, arrow: str) -> Table:
    """Return the rows in the widest form that fits, else the narrowest, cut with an ellipsis.

    Args:
        rows: the rows, in display order.
        width: available width in columns.
        column: name of the column that the rows are sorted by.
        arrow: its sort arrow.
    """
    for form in FORMS:
        names = [name for name in form.keys.split() if _exists(name, rows)]
        heads = [_head(name, form) for name in names]
        cells = [[COLUMNS[name].text(row, form) for name in names] for row in rows]
        # Every heading leaves room for the arrow, so that sorting moves no column.
        widths = [
            max(len(head) + 1, *(len(line[i]) for line in cells)) for i, head in enumerate(heads)
        ]
        spare = width - MARK - sum(widths)
        if spare >= len(names) - 1:
            break
    between = len(names) - 1
    gap = max(1, min(WIDEST_GAP, spare // between))
    if gap < WIDEST_GAP:  # the rest widens the rightmost columns, whose cells are full
        for at in range(max(0, spare - gap * between)):
            widths[-1 - at] += 1
    heads = [
        _marked(head, arrow if name == column else "")
        for name, head in zip(names, heads, strict=True)
    ]
    lines = [
        " " * MARK
        + (" " * gap).join(
            cell.rjust(w) if at else cell.ljust(w)
            for at, (cell, w) in enumerate(zip(line, widths, strict=True))
        )
        for line in [heads, *cells]
    ]
    lines = [fmt.cut(line, width) for line in lines]
    ends = tuple(MARK + sum(widths[: at + 1]) + gap * at for at in range(len(widths)))
    return Table(tuple(names), lines[0], tuple(lines[1:]), ends)


def ordered(rows: Sequence[Row], order: Order) -> list[Row]:
    """Return the rows in an order, the worst first unless it is turned round; the sort is stable.

    Args:
        rows: the rows, in the order of the network.
        order: the order.
    """
    column, reverse = order.column, order.turned
    if column == "tensor":
        return list(reversed(rows)) if reverse else list(rows)
    sign = -1 if COLUMNS[column].largest_first != reverse else 1

    def key(row: Row) -> float:
        value = COLUMNS[column].value(row)
        # NaN counts as worse than all numbers.
        return sign * value if value == value else (inf if reverse else -inf)

    return sorted(rows, key=key)


def arrow(order: Order) -> str:
    """Return the arrow of the column that the table is sorted by."""
    return order.sign(COLUMNS[order.column].largest_first)


def _exists(name: str, rows: Sequence[Row]) -> bool:
    if name == "directional":
        return any(row.directional is not None for row in rows)
    numeric = bool(rows) and rows[0].flips is None
    return name not in ("flips", "redrawn") or (name == "redrawn") == numeric


def _head(name: str, form: Form) -> str:
    short = form.values if name == "worst" else form.short
    return COLUMNS[name].heads[short]


def _marked(head: str, arrow: str) -> str:
    return head + (arrow or " ")
