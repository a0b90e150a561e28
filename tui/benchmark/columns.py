"""The columns of the benchmark table: their contents and layout for a width."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from core.benchmark import cases
from core.benchmark.results import CaseResult, Ratio, Timing
from core.benchmark.tables import named
from core.layers.conv import Conv
from core.layers.conv1d import Conv1d
from core.layers.spec import square
from tui.widgets.order import Order, with_sign

MARK = 4
"""Columns before the first, for the cursor and the selection mark."""

WIDEST_GAP = 4

NONE = "·"

TIMES = {"ours": "ours", "torch": "torch", "best": "best", "floor": "floor"}
"""Columns with bars below them, and the attribute of the result that each shows."""

MOST_SIZES = 3
"""Largest number of layers whose sizes are shown."""

BAR = 8
"""Smallest width in columns reserved for the longest bar in the wide forms."""

EIGHTHS = " ▏▎▍▌▋▊▉█"

LATER = ("before", "change")
"""Columns shown only in comparison with an earlier result."""


@dataclass(frozen=True)
class Column:
    """One measure of an architecture; `text` takes the result and the earlier result."""

    heads: tuple[str, str]
    """The heading, and a shorter form."""
    text: Callable[[CaseResult, CaseResult | None], str]
    value: Callable[[CaseResult, CaseResult | None], float | None]
    """The sort key; None goes last in both directions."""
    largest_first: bool = False
    """Whether its own order has the largest value first."""


def _ms(timing: Timing | None) -> str:
    return NONE if timing is None else f"{timing.median:.2f}"


def _ratio(value: Ratio | float | None) -> str:
    if value is None:
        return NONE
    return f"{value.value if isinstance(value, Ratio) else value:.2f}"


def _published(case: CaseResult, before: CaseResult | None) -> str:
    seconds = case.published
    return NONE if seconds is None else f"{seconds.numpy:.2f} : {seconds.torch:.2f}"


def _before(before: CaseResult | None) -> str:
    if before is None:
        return NONE
    return "noisy " * before.ours.noisy + _ms(before.ours)


def _change(case: CaseResult, before: CaseResult | None) -> str:
    if before is None:
        return NONE
    return f"{100 * (case.ours.median / before.ours.median - 1):+.0f} %"


def _change_of(case: CaseResult, before: CaseResult | None) -> float | None:
    return None if before is None else case.ours.median / before.ours.median


def _median(timing: Timing | None) -> float | None:
    return None if timing is None else timing.median


def _number(value: Ratio | float | None) -> float | None:
    return value.value if isinstance(value, Ratio) else value


def _timing(head: str, short: str, timing: Callable[[CaseResult], Timing | None]) -> Column:
    return Column(
        (head, short), lambda case, b: _ms(timing(case)), lambda case, b: _median(timing(case))
    )


def _share(
    head: str, short: str, share: Callable[[CaseResult], Ratio | float | None], largest_first: bool
) -> Column:
    return Column(
        (head, short),
        lambda case, b: _ratio(share(case)),
        lambda case, b: _number(share(case)),
        largest_first,
    )


COLUMNS = {
    "ours": _timing("this", "this", lambda case: case.ours),
    "torch": _timing("PyTorch", "torch", lambda case: case.torch),
    "best": _timing("its best", "best", lambda case: case.best),
    "floor": _timing("GEMM floor", "floor", lambda case: case.floor),
    "ratio": _share("x PyTorch", "x torch", lambda case: case.ratio, True),
    "ratio_best": _share("x its best", "x best", lambda case: case.ratio_best, True),
    "over": _share("over floor", "/floor", lambda case: case.over_floor, False),
    "speed": Column(
        ("images/s", "images/s"),
        lambda case, b: f"{case.images_per_second:,.0f}",
        lambda case, b: case.images_per_second,
        True,
    ),
    "gflops": Column(
        ("GFLOP/s", "GFLOP/s"), lambda case, b: f"{case.gflops:.0f}", lambda case, b: case.gflops,
        True,
    ),
    "published": Column(
        ("published", "published"),
        _published,
        lambda case, b: None if case.published is None else case.published.numpy,
    ),
    "before": Column(
        ("earlier", "earlier"),
        lambda case, b: _before(b),
        lambda case, b: None if b is None else b.ours.median,
    ),
    "change": Column(("change", "change"), _change, _change_of),
}  # fmt: skip

NAME = "architecture"
"""The first column, which has the architectures in their own order."""

FORMS = (
    ("net ours torch best floor ratio ratio_best over speed gflops published before change", 0),
    ("net ours torch best floor ratio ratio_best over published before change", 0),
    ("net ours torch best floor ratio ratio_best over published before change", 1),
    ("ours torch best floor ratio ratio_best over published before change", 1),
    ("ours torch best floor ratio ratio_best over before change", 1),
    ("ours torch ratio over before change", 1),
    ("ours ratio", 1),
)
"""Columns after the architecture, and whether their headings are short, from the widest to the
narrowest."""


@cache
def network(name: str) -> str:
    """Return filters and units of an architecture, such as `4x4/10/50`; the ends of a long list."""
    layers = cases.case(name).architecture
    first = layers[0]
    assert isinstance(first, Conv | Conv1d)
    counts = (getattr(layer, "filters", 0) or getattr(layer, "units", 0) for layer in layers)
    sizes = [count for count in counts if count]
    words = [str(size) for size in sizes[:-1]]
    if len(words) > MOST_SIZES:
        words[1:-1] = ["…"]
    return "/".join([square(first.filter), *words])


@dataclass(frozen=True)
class Table:
    """Heading, rows and bars as text, cut to one width."""

    columns: tuple[str, ...]
    """Names of the visible columns that can be sorted by, in order."""
    ends: tuple[int, ...]
    """Position behind each of them."""
    heading: str
    rows: tuple[str, ...]
    """The rows, without cursor and selection mark."""
    bars: tuple[tuple[tuple[str, int, str], ...], ...]
    """For every row: column, start and text of each bar."""


def table(
    names: Sequence[str],
    found: dict[str, CaseResult],
    before: dict[str, CaseResult] | None,
    width: int,
    order: Order,
) -> Table:
    """Return the table in the widest form that fits, else the narrowest, cut with an ellipsis.

    Args:
        names: names of the architectures, in display order.
        found: the results by architecture.
        before: the earlier results to compare with; None for none.
        width: available width in columns.
        order: what they are sorted by.
    """
    for form, short in FORMS:
        keys = [key for key in form.split() if before is not None or key not in LATER]
        heads = [NAME, *(_head(key, short, before) for key in keys)]
        cells = [_cells(name, keys, found.get(name), (before or {}).get(name)) for name in names]
        least = [0, *(BAR if key in TIMES and "net" in keys else 0 for key in keys)]
        widths = [
            max(least[i], *(len(row[i]) for row in (heads, *cells))) for i in range(len(heads))
        ]
        spare = width - MARK - sum(widths)
        # Headings of two words need more than a space between them, where there is a choice.
        if spare > (2 if "published" in keys else 1) * len(keys):
            break
    gap = max(1, min(WIDEST_GAP, spare // len(keys)))
    left_aligned = [True, *(key == "net" for key in keys)]
    lines = [
        " " * MARK
        + (" " * gap).join(
            text.ljust(w) if flush else text.rjust(w)
            for text, w, flush in zip(row, widths, left_aligned, strict=True)
        )
        for row in (heads, *cells)
    ]
    lines = [line[: max(0, width - 1)] + "…" if len(line) > width else line for line in lines]
    starts = [MARK + sum(widths[:i]) + gap * i for i in range(len(widths))]
    places = {key: (starts[i] - gap + 1, widths[i] + gap - 1) for i, key in enumerate(keys, 1)}
    bars = tuple(_bars(found.get(name), places) for name in names)
    sorts = [(0, NAME), *((at, key) for at, key in enumerate(keys, 1) if key in COLUMNS)]
    names_shown = tuple(name for _, name in sorts)
    ends = tuple(starts[at] + widths[at] for at, _ in sorts)
    heading = lines[0]
    if order == Order(NAME, True):
        heading = with_sign(heading, MARK + len(NAME), order.sign(False))
    elif order.column in names_shown[1:]:
        sign = order.sign(COLUMNS[order.column].largest_first)
        heading = with_sign(heading, ends[names_shown.index(order.column)], sign)
    return Table(names_shown, ends, heading, tuple(lines[1:]), bars)


def ordered(
    found: dict[str, CaseResult], before: dict[str, CaseResult] | None, order: Order
) -> list[str]:
    """Return the names of all architectures in an order; those without a value come last."""
    names = list(cases.CASES)
    if order.column == NAME:
        return names[::-1] if order.turned else names
    column = COLUMNS[order.column]
    values = {
        name: column.value(found[name], (before or {}).get(name)) if name in found else None
        for name in names
    }
    known = {name: value for name, value in values.items() if value is not None}
    downward = column.largest_first != order.turned
    return [
        *sorted(known, key=lambda name: known[name], reverse=downward),
        *(name for name in names if name not in known),
    ]


def _head(key: str, short: int, before: dict[str, CaseResult] | None) -> str:
    if key not in COLUMNS:
        return ""
    column = COLUMNS[key]
    head = column.heads[short]
    if key == "before" and any(case.quick for case in (before or {}).values()):
        head = ("earlier, quick", "quick")[short]
    return head


def _cells(
    name: str, keys: Sequence[str], case: CaseResult | None, before: CaseResult | None
) -> list[str]:
    cells = [name if case is None else named(case)]
    for key in keys:
        if key == "net":
            cells.append(network(name))
        else:
            cells.append(NONE if case is None else COLUMNS[key].text(case, before))
    return cells


def _bars(
    case: CaseResult | None, places: dict[str, tuple[int, int]]
) -> tuple[tuple[str, int, str], ...]:
    """Return a bar for every time of a row; the longest fills the narrowest of their columns."""
    if case is None:
        return ()
    times = {key: getattr(case, name) for key, name in TIMES.items() if key in places}
    known = {key: timing.median for key, timing in times.items() if timing is not None}
    longest = max(known.values())
    room = min(width for key, (_, width) in places.items() if key in known)
    bars = []
    for key, value in known.items():
        eighths = max(1, round(8 * room * value / longest))
        bar = "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()
        start, width = places[key]
        bars.append((key, start + width - room, bar))
    return tuple(bars)
