"""What the figures of a reproduction share: the width of a column, their signs explained below."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, FigureBase

from core.figures.page import GREY, INK, SMALL_TYPE, TYPE
from core.reproduce.results import Findings

WIDTH = 3.4
"""Inches: a column of a paper."""


def sheet(height: float) -> Figure:
    """Return an empty figure as wide as a column, so many inches high."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def legend(place: FigureBase, columns: int, signs: tuple[list[Any], list[str]]) -> None:
    """Explain the signs under the axes, where no bar and no curve ever is."""
    place.legend(
        *signs, loc="outside lower center", ncols=columns, fontsize=SMALL_TYPE, frameon=False,
        labelcolor=INK, handlelength=2.0, handletextpad=0.5, columnspacing=1.2, labelspacing=0.35,
        borderaxespad=0.2, borderpad=0.2,
    )  # fmt: skip


def mark_look(figure: Figure, findings: Findings) -> None:
    """Say on the figure where it is of a quick look."""
    if findings.settings.quick:
        figure.suptitle("quick look: reproduces nothing", x=0.99, ha="right",
                        fontsize=SMALL_TYPE, color=GREY)  # fmt: skip


def nothing(axes: Axes) -> None:
    """Say that there is nothing to draw yet."""
    axes.text(0.5, 0.5, "nothing yet", transform=axes.transAxes, ha="center", va="center",
              fontsize=TYPE, color=GREY)  # fmt: skip
    axes.set(xticks=[], yticks=[])
