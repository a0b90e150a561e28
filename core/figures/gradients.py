"""The figure of a gradient check: the table, with every error relative to the tolerance."""

from math import isfinite, log10
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from core import format as fmt
from core.checks import tables
from core.checks.report import Report, Verdict
from core.figures.drawing import save
from core.figures.page import BLUE, GREY, INK, ORANGE, SMALL_TYPE, TYPE

WIDTH = 7.5
"""Inches: the width of a page."""

ROW, HEAD, AXIS, NOTE = 0.2, 0.62, 0.5, 0.17
"""Inches: heights of a row, of the header, of the axis below the rows, and of a note."""

LETTER = 0.066
"""Maximum width of a character of the small type, in inches."""

ERRORS = 1.5
"""Width of the chart of errors, in inches."""

LOW, HIGH = -17.5, 0.5
"""Limits of the axis of errors, as decimal logarithms: from below rounding errors to above 1."""

MARKS = {Verdict.PASS: ("o", BLUE), Verdict.FLIP: ("D", GREY), Verdict.FAIL: ("X", ORANGE)}


def export(report: Report, folder: Path) -> list[Path]:
    """Write the figure as a PNG.

    Args:
        report: a report with at least one row.
        folder: output folder; created if it is missing.

    Returns:
        The file, named after the check.

    Raises:
        FigureError: if it cannot be drawn or written.
    """
    return save({folder / f"{tables.stem(report)}.png": lambda: table_figure(report)})


def table_figure(report: Report) -> Figure:
    """Draw the table, with the norm-wise errors on a logarithmic axis beside it."""
    head = [_broken(name) for name in tables.columns(report)[:-3]] + ["verdict"]
    keep = [*range(len(head) - 1), -1]
    cells = [[tables.line(row, report)[column] for column in keep] for row in report.rows]
    notes = tables.notes(report)
    foot = AXIS + NOTE * len(notes)
    high = HEAD + ROW * len(cells) + foot
    widths = [
        max(max(map(len, name.split("\n"))), *(len(row[column]) for row in cells))
        for column, name in enumerate(head)
    ]
    figure = Figure(figsize=(max(WIDTH, sum(widths) * LETTER + ERRORS + 1.0), high))
    FigureCanvasAgg(figure)
    wide = float(figure.get_figwidth())
    figure.text(
        0.15 / wide, 1 - 0.16 / high, f"{report.heading()}: {report.outcome()}", color=INK,
        fontsize=TYPE + 0.5, fontweight="bold", va="center", parse_math=False,
    )  # fmt: skip
    for number, note in enumerate(notes):
        _note(figure, note, wide, NOTE * (len(notes) - number - 0.25) / high)
    room = wide - ERRORS - 0.45
    axes = figure.add_axes(
        (0.15 / wide, foot / high, room / wide, 1 - (HEAD + foot) / high), frameon=False
    )
    _write(axes, head, cells, widths)
    errors = figure.add_axes(
        ((room + 0.25) / wide, foot / high, ERRORS / wide, 1 - (HEAD + foot) / high)
    )
    _draw(errors, report)
    return figure


def _broken(name: str) -> str:
    return name.replace("largest ", "largest\n").replace("worst ", "worst\n")


def _note(figure: Figure, note: str, wide: float, y: float) -> None:
    figure.text(0.15 / wide, y, note, color=GREY, fontsize=SMALL_TYPE - 1, va="center",
                parse_math=False, wrap=False)  # fmt: skip


def _write(axes: Axes, head: list[str], cells: list[list[str]], widths: list[int]) -> None:
    total = sum(widths) + 2.0 * (len(widths) - 1)
    axes.set(xlim=(0, total), ylim=(len(cells) - 0.5, -0.5), xticks=[], yticks=[])
    x = 0.0
    for column, (name, width) in enumerate(zip(head, widths, strict=True)):
        left = column in (0, 1, len(head) - 1)
        at, side = (x, "left") if left else (x + width, "right")
        axes.text(at, -0.75, name, ha=side, va="baseline", fontsize=SMALL_TYPE, color=GREY,
                  linespacing=1.05)  # fmt: skip
        for number, row in enumerate(cells):
            failed = row[-1] == Verdict.FAIL.value
            axes.text(
                at, number, row[column], ha=side, va="center", fontsize=SMALL_TYPE, color=INK,
                fontweight="bold" if failed else "normal", parse_math=False,
            )  # fmt: skip
        x += width + 2.0
    for edge in range(len(cells) + 1):
        axes.axhline(edge - 0.5, color="#DDDDDD", linewidth=0.5, clip_on=False)


def _draw(axes: Axes, report: Report) -> None:
    axes.set(xlim=(LOW, HIGH), ylim=(len(report.rows) - 0.5, -0.5), yticks=[])
    axes.set_xticks([-16, -12, -8, -4, 0], [f"$10^{{{n}}}$" for n in (-16, -12, -8, -4, 0)])
    axes.tick_params(labelsize=SMALL_TYPE, color=GREY, labelcolor=INK, length=2.5, width=0.6)
    axes.grid(axis="x", color="#DDDDDD", linewidth=0.5)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set(color="#DDDDDD", linewidth=0.5)
    axes.set_title("norm-wise error", fontsize=SMALL_TYPE, color=GREY, pad=3)
    tolerance = _place(report.check.tolerance)
    axes.axvline(tolerance, color=INK, linewidth=0.8, linestyle=(0, (3, 1.5)))
    axes.set_xlabel(
        f"dashed: tolerance {fmt.number(report.check.tolerance)}",
        fontsize=SMALL_TYPE - 1,
        color=GREY,
    )
    for number, row in enumerate(report.rows):
        marker, colour = MARKS[row.verdict]
        axes.plot([_place(row.comparison.normwise)], [number], marker, color=colour, markersize=4,
                  markeredgecolor="white", markeredgewidth=0.4)  # fmt: skip


def _place(error: float) -> float:
    """Return the decimal logarithm of an error, clipped to the axis."""
    if not isfinite(error):
        return HIGH
    return max(LOW + 0.3, min(HIGH - 0.3, log10(error))) if error else LOW + 0.3
