"""The table of what differs between runs, as a figure: nothing in it is cut."""

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from core.figures.curve_styles import COLOURS, DASHES, MARKERS
from core.figures.page import GREY, INK, SMALL_TYPE, TYPE, broken, inches
from core.runs.compare import Compared, differing
from core.runs.records import ACCURACIES, Run

NARROWEST, WIDEST = 3.75, 7.5
"""Inches: a column of a page, and a page."""

EDGE, GAP, SIGN = 0.1, 0.14, 0.3
"""Inches beside the table, between two of its columns, and for the line that a run is told by."""

TOP, LINE, BASE, SPACE = 0.32, 0.118, 0.086, 0.08
"""Inches over the table, for a line of type and down to its feet, and between two rows."""

SENTENCE = 1.9
"""Inches that a sentence about a run may widen its column to, the others being narrow."""

Cell = str | int
"""What is written, or the place of the run whose sign is drawn."""


def figure(runs: Sequence[Compared]) -> Figure:
    """Draw the settings and edits that differ, and the results; the longer side goes down."""
    rows = _rows(runs)
    names = [each.run.name for each in runs]
    grid: list[list[Cell]] = [["", *range(len(runs))], ["", *names]]
    grid += [[label, *shown] for label, shown in rows]
    heads = 2
    if len(runs) > len(rows):
        grid, heads = [list(column) for column in zip(*grid, strict=True)], 1
    count = f"{len(runs)} runs" if len(runs) > 1 else "One run"
    made = Figure()
    FigureCanvasAgg(made)
    columns = list(zip(*grid, strict=True))
    natural = [_natural(made, column, heads) for column in columns]
    labels = [columns[0]] if heads > 1 else [column[:1] for column in columns]
    widths = _shared(natural, [_longest(made, cells) for cells in labels])
    texts = [
        [broken(made, "" if isinstance(cell, int) else cell, width)
         for cell, width in zip(row, widths, strict=True)]
        for row in grid
    ]  # fmt: skip
    heights = [LINE * max(map(len, row)) + SPACE for row in texts]
    wide = max(NARROWEST, sum(widths) + GAP * (len(widths) - 1) + 2 * EDGE)
    high = TOP + sum(heights) + EDGE
    made.set_size_inches(wide, high)
    axes = made.add_axes((0.0, 0.0, 1.0, 1.0), frameon=False)
    axes.set(xlim=(0, wide), ylim=(high, 0), xticks=[], yticks=[])
    title = count if len(runs) == 1 else f"{count}: only what differs"
    axes.text(EDGE, TOP - 0.13, title, fontsize=TYPE + 0.5, fontweight="bold", color=INK)
    _write(axes, grid, texts, widths, heights, heads)
    return made


def _rows(runs: Sequence[Compared]) -> list[tuple[str, list[str]]]:
    """Return what differs, and how the runs came out."""

    def values(value_of: Callable[[Run], str]) -> list[str]:
        return [value_of(each.run) for each in runs]

    stop = [each.run.at_stop() for each in runs]
    at_stop = [
        (f"{word} accuracy at the stop", [_percent(each.get(name)) for each in stop])
        for name, word in ACCURACIES.items()
        if any(name in each for each in stop)
    ]
    return [
        *differing(runs),
        ("updates", values(lambda run: f"{run.updates:,}")),
        ("training time", values(lambda run: f"{run.seconds:,.0f} s")),
        ("best validation accuracy", values(lambda run: _percent(run.best_accuracy))),
        ("test accuracy", values(lambda run: _percent(run.at_end().get("test_accuracy")))),
        *at_stop,
    ]


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def _natural(made: Figure, column: Sequence[Cell], heads: int) -> float:
    """Return how wide a column is in which heads are broken, and sentences in that of a run."""
    parts = [SIGN]
    for number, cell in enumerate(column):
        if not isinstance(cell, int):
            words = _longest(made, [cell])
            whole = inches(made, cell)
            most = 0.0 if number < heads else SENTENCE if heads > 1 else whole
            parts.append(max(words, min(whole, most)))
    return max(parts)


def _longest(made: Figure, cells: Sequence[Cell]) -> float:
    """Return how wide the longest word is."""
    words = " ".join(cell for cell in cells if not isinstance(cell, int)).split()
    return max((inches(made, word) for word in words), default=0.0)


def _shared(natural: Sequence[float], least: Sequence[float]) -> list[float]:
    """Return widths of columns that fit a page: the widest give way first, to the same width.

    Args:
        natural: widths at which nothing has to give way.
        least: of the first columns, at which no word of a label is broken; they get that.
    """
    widths = list(natural)
    room = WIDEST - 2 * EDGE - GAP * (len(natural) - 1)
    open_ = sorted(range(len(natural)), key=lambda column: natural[column])
    while open_:
        most = room / len(open_)
        firm = [column for column in open_ if column < len(least) and least[column] > most]
        if firm:
            widths[firm[0]] = min(natural[firm[0]], least[firm[0]])
        elif natural[open_[0]] <= most:
            firm = open_[:1]
        else:
            for column in open_:
                widths[column] = most
            break
        room -= widths[firm[0]]
        open_.remove(firm[0])
    return widths


def _write(
    axes: Axes,
    grid: Sequence[Sequence[Cell]],
    texts: Sequence[Sequence[Sequence[str]]],
    widths: Sequence[float],
    heights: Sequence[float],
    heads: int,
) -> None:
    right = _sides(grid, heads)
    y, end = TOP, EDGE + sum(widths) + GAP * (len(widths) - 1)
    _rule(axes, y, end, 0.9)
    for number, (row, height) in enumerate(zip(grid, heights, strict=True)):
        x = EDGE
        for column, (cell, width) in enumerate(zip(row, widths, strict=True)):
            if isinstance(cell, int):
                _sign(axes, cell, x, y + (SPACE + LINE) / 2)
            for line, text in enumerate(texts[number][column]):
                axes.text(
                    x + width * right[column], y + SPACE / 2 + BASE + LINE * line, text,
                    ha="right" if right[column] else "left", fontsize=SMALL_TYPE, color=INK,
                    fontweight="bold" if number < heads else "normal", parse_math=False,
                )  # fmt: skip
            x += width + GAP
        y += height
        if number + 1 >= heads:
            ends = number + 1 in (heads, len(grid))
            _rule(axes, y, end, 0.9 if number + 1 == len(grid) else 0.6 if ends else 0.3)


def _sides(grid: Sequence[Sequence[Cell]], heads: int) -> list[bool]:
    """Tell which columns end at their right edge: those of numbers, where a run is a line."""
    if heads > 1:
        return [False] * len(grid[0])
    columns = list(zip(*grid[heads:], strict=True))
    return [all(str(cell)[:1] in "-0123456789" for cell in column) for column in columns]


def _rule(axes: Axes, y: float, end: float, width: float) -> None:
    axes.plot([EDGE, end], [y, y], color=INK if width > 0.3 else GREY, linewidth=width)


def _sign(axes: Axes, slot: int, x: float, y: float) -> None:
    """Draw a piece of the curve of a run."""
    dashes = DASHES[slot % len(DASHES)]
    axes.plot([x, x + SIGN], [y, y], color=COLOURS[slot], linewidth=1.1, dashes=dashes)
    axes.plot([x + SIGN / 2], [y], MARKERS[slot], color=COLOURS[slot], markersize=3.6,
              markeredgecolor="white", markeredgewidth=0.4)  # fmt: skip
