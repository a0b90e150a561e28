"""Common elements of the figures of a study: the width of a column, and a legend below."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, FigureBase

from core.figures.page import GREY, INK, SMALL_TYPE, TYPE
from core.reproduce.results import Findings

WIDTH = 3.4
"""Width of a column of a paper, in inches."""


def sheet(height: float) -> Figure:
    """Return an empty figure as wide as a column; `height` is in inches."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def legend(place: FigureBase, columns: int, signs: tuple[list[Any], list[str]]) -> None:
    """Draw the legend below the axes, where it hides no bar and no curve."""
    place.legend(
        *signs, loc="outside lower center", ncols=columns, fontsize=SMALL_TYPE, frameon=False,
        labelcolor=INK, handlelength=2.0, handletextpad=0.5, columnspacing=1.2, labelspacing=0.35,
        borderaxespad=0.2, borderpad=0.2,
    )  # fmt: skip


def mark_look(figure: Figure, findings: Findings) -> None:
    """Mark a figure of a quick study as such."""
    if findings.settings.quick:
        figure.suptitle("quick look: reproduces nothing", x=0.99, ha="right",
                        fontsize=SMALL_TYPE, color=GREY)  # fmt: skip


def nothing(axes: Axes) -> None:
    """Write on the axes that there is nothing to draw yet."""
    axes.text(0.5, 0.5, "nothing yet", transform=axes.transAxes, ha="center", va="center",
              fontsize=TYPE, color=GREY)  # fmt: skip
    axes.set(xticks=[], yticks=[])
