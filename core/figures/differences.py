"""The figure of the table of differences between runs; texts are wrapped, never truncated."""

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from core.figures.curve_styles import COLOURS, DASHES, MARKERS
from core.figures.page import GREY, INK, SMALL_TYPE, TYPE, broken, inches
from core.format import percent
from core.runs.compare import Compared, differing
from core.runs.records import ACCURACIES, Run

NARROWEST, WIDEST = 3.75, 7.5
"""Minimum and maximum width in inches: a column of a page, and a page."""

EDGE, GAP, SIGN = 0.1, 0.14, 0.3
"""Inches: margin of the table, gap between columns, and length of the line sample of a run."""

TOP, LINE, BASE, SPACE = 0.32, 0.118, 0.086, 0.08
"""Inches: height of the title and of a line, top of a line to its baseline, gap between rows."""

SENTENCE = 1.9
"""Inches to which a sentence may widen the column of a run."""

Cell = str | int
"""A text, or the index of the run whose line sample is drawn."""


def figure(runs: Sequence[Compared]) -> Figure:
    """Draw the settings and edits that differ, and the results, oriented to be higher than wide."""
    rows = _rows(runs)
    names = [each.run.name for each in runs]
    grid: list[list[Cell]] = [["", *range(len(runs))], ["", *names]]
    grid += [[label, *shown] for label, shown in rows]
    heads = 2
    if len(runs) > len(rows):
        grid, heads = [list(column) for column in zip(*grid, strict=True)], 1
    count = f"{len(runs)} runs" if len(runs) > 1 else "One run"
    fig = Figure()
    FigureCanvasAgg(fig)
    columns = list(zip(*grid, strict=True))
    natural = [_natural(fig, column, heads) for column in columns]
    labels = [columns[0]] if heads > 1 else [column[:1] for column in columns]
    widths = _shared(natural, [_longest(fig, cells) for cells in labels])
    texts = [
        [broken(fig, "" if isinstance(cell, int) else cell, width)
         for cell, width in zip(row, widths, strict=True)]
        for row in grid
    ]  # fmt: skip
    heights = [LINE * max(map(len, row)) + SPACE for row in texts]
    wide = max(NARROWEST, sum(widths) + GAP * (len(widths) - 1) + 2 * EDGE)
    high = TOP + sum(heights) + EDGE
    fig.set_size_inches(wide, high)
    axes = fig.add_axes((0.0, 0.0, 1.0, 1.0), frameon=False)
    axes.set(xlim=(0, wide), ylim=(high, 0), xticks=[], yticks=[])
    title = count if len(runs) == 1 else f"{count}: only what differs"
    axes.text(EDGE, TOP - 0.13, title, fontsize=TYPE + 0.5, fontweight="bold", color=INK)
    _write(axes, grid, texts, widths, heights, heads)
    return fig


def _rows(runs: Sequence[Compared]) -> list[tuple[str, list[str]]]:
    """Return the settings that differ, followed by the results of the runs."""

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
    return "-" if share is None else percent(share)


def _natural(fig: Figure, column: Sequence[Cell], heads: int) -> float:
    """Return the width of a column whose headings, and sentences if it is a run, are wrapped."""
    widths = [SIGN]
    for number, cell in enumerate(column):
        if not isinstance(cell, int):
            longest_word = _longest(fig, [cell])
            full = inches(fig, cell)
            limit = 0.0 if number < heads else SENTENCE if heads > 1 else full
            widths.append(max(longest_word, min(full, limit)))
    return max(widths)


def _longest(fig: Figure, cells: Sequence[Cell]) -> float:
    """Return the width of the longest word."""
    words = " ".join(cell for cell in cells if not isinstance(cell, int)).split()
    return max((inches(fig, word) for word in words), default=0.0)


def _shared(natural: Sequence[float], least: Sequence[float]) -> list[float]:
    """Return column widths that fit a page; the widest columns are reduced first, to equal widths.

    Args:
        natural: natural widths of the columns.
        least: minimum widths of the first columns, at which no word of a label is broken.
    """
    widths = list(natural)
    room = WIDEST - 2 * EDGE - GAP * (len(natural) - 1)
    remaining = sorted(range(len(natural)), key=lambda column: natural[column])
    while remaining:
        share = room / len(remaining)
        fixed = [column for column in remaining if column < len(least) and least[column] > share]
        if fixed:
            widths[fixed[0]] = min(natural[fixed[0]], least[fixed[0]])
        elif natural[remaining[0]] <= share:
            fixed = remaining[:1]
        else:
            for column in remaining:
                widths[column] = share
            break
        room -= widths[fixed[0]]
        remaining.remove(fixed[0])
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
    """Return which columns are right-aligned: those of numbers, if every run is a row."""
    if heads > 1:
        return [False] * len(grid[0])
    columns = list(zip(*grid[heads:], strict=True))
    return [all(str(cell)[:1] in "-0123456789" for cell in column) for column in columns]


def _rule(axes: Axes, y: float, end: float, width: float) -> None:
    axes.plot([EDGE, end], [y, y], color=INK if width > 0.3 else GREY, linewidth=width)


def _sign(axes: Axes, slot: int, x: float, y: float) -> None:
    """Draw a sample of the curve of a run."""
    dashes = DASHES[slot % len(DASHES)]
    axes.plot([x, x + SIGN], [y, y], color=COLOURS[slot], linewidth=1.1, dashes=dashes)
    axes.plot([x + SIGN / 2], [y], MARKERS[slot], color=COLOURS[slot], markersize=3.6,
              markeredgecolor="white", markeredgewidth=0.4)  # fmt: skip
