"""The columns of the benchmark table: their contents and layout for a width."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.benchmark import cases
from core.benchmark.results import CaseResult, Ratio, Timing
from core.benchmark.tables import named
from core.layers.conv import Conv
from core.layers.conv1d import Conv1d
from core.layers.spec import square

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


def _ms(timing: Timing | None) -> str:
    return NONE if timing is None else f"{timing.median:.2f}"


def _ratio(value: Ratio | float | None) -> str:
    if value is None:
        return NONE
    return f"{value.value if isinstance(value, Ratio) else value:.2f}"


def _published(case: CaseResult, before: CaseResult | None) -> str:
    seconds = case.published
    return NONE if seconds is None else f"{seconds.numpy:.2f} : {seconds.torch:.2f} s"


def _before(before: CaseResult | None) -> str:
    if before is None:
        return NONE
    return "noisy " * before.ours.noisy + _ms(before.ours)


def _change(case: CaseResult, before: CaseResult | None) -> str:
    if before is None:
        return NONE
    return f"{100 * (case.ours.median / before.ours.median - 1):+.0f} %"


COLUMNS = {
    "ours": Column(("this", "this"), lambda case, before: _ms(case.ours)),
    "torch": Column(("PyTorch", "torch"), lambda case, before: _ms(case.torch)),
    "best": Column(("its best", "best"), lambda case, before: _ms(case.best)),
    "floor": Column(("GEMM floor", "floor"), lambda case, before: _ms(case.floor)),
    "ratio": Column(("x PyTorch", "x torch"), lambda case, before: _ratio(case.ratio)),
    "ratio_best": Column(("x its best", "x best"), lambda case, before: _ratio(case.ratio_best)),
    "over": Column(("over floor", "/floor"), lambda case, before: _ratio(case.over_floor)),
    "speed": Column(("images/s", "images/s"), lambda case, b: f"{case.images_per_second:,.0f}"),
    "gflops": Column(("GFLOP/s", "GFLOP/s"), lambda case, before: f"{case.gflops:.0f}"),
    "published": Column(("published", "published"), _published),
    "before": Column(("earlier", "earlier"), lambda case, b: _before(b)),
    "change": Column(("change", "change"), _change),
}

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


def network(name: str) -> str:
    """Return filters and units of an architecture, such as `4x4 10 50`; the ends of a long list."""
    layers = cases.case(name).architecture
    first = layers[0]
    assert isinstance(first, Conv | Conv1d)
    counts = (getattr(layer, "filters", 0) or getattr(layer, "units", 0) for layer in layers)
    sizes = [count for count in counts if count]
    words = [str(size) for size in sizes[:-1]]
    if len(words) > MOST_SIZES:
        words[1:-1] = ["…"]
    return " ".join([square(first.filter), *words])


@dataclass(frozen=True)
class Table:
    """Heading, rows and bars as text, cut to one width."""

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
) -> Table:
    """Return the table in the widest form that fits, else the narrowest, cut with an ellipsis.

    Args:
        names: names of the architectures, in order.
        found: the results by architecture.
        before: the earlier results to compare with; None for none.
        width: available width in columns.
    """
    for form, short in FORMS:
        keys = [key for key in form.split() if before is not None or key not in LATER]
        heads = [
            "architecture",
            *(_head(key, short, before) for key in keys),
        ]
        cells = [_cells(name, keys, found.get(name), (before or {}).get(name)) for name in names]
        least = [0, *(BAR if key in TIMES and not short else 0 for key in keys)]
        widths = [
            max(least[i], *(len(row[i]) for row in (heads, *cells))) for i in range(len(heads))
        ]
        spare = width - MARK - sum(widths)
        if spare >= len(keys):
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
    return Table(lines[0], tuple(lines[1:]), bars)


def _head(key: str, short: int, before: dict[str, CaseResult] | None) -> str:
    if key == "before" and any(case.quick for case in (before or {}).values()):
        return ("earlier, quick", "quick")[short]
    return COLUMNS[key].heads[short] if key in COLUMNS else ""


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
