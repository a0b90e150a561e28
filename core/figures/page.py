"""How every figure looks: a column of a page wide, nothing told by colour alone.

Only Matplotlib's object interface is used: no window, no global state, any thread.
"""

from collections.abc import Sequence
from textwrap import shorten, wrap
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.legend import Legend
from matplotlib.ticker import FuncFormatter, MaxNLocator, ScalarFormatter

from core.text_out import visible
from core.training.thinning import thinned

Column = npt.NDArray[Any]

BLUE, ORANGE, GREEN, INK, GREY = "#0072B2", "#D55E00", "#009E73", "#222222", "#6E6E6E"
"""From the palette of Okabe and Ito, which people with any colour vision tell apart."""

DASH, DASH_DOT = (0, (3, 1.2)), (0, (5, 1.5, 1, 1.5))

WIDTH, HEIGHT, DPI = 3.75, 3.1, 300
TYPE, SMALL_TYPE = 8.0, 7.0
"""Inches and points: the width of a column, type as in its caption."""

BUCKETS = 600
"""Of a line with more points than twice this, the extremes of so many stretches are drawn."""


def sheet(title: str, wide: float, high: float, letters: int = 58) -> Figure:
    """Return an empty figure with its title.

    Args:
        title: cut where it is longer than there is room.
        wide: inches.
        high: inches.
        letters: that there is room for.
    """
    figure = Figure(figsize=(wide, high), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(
        shorten(visible(title), letters, placeholder=" ..."), x=0.01, ha="left",
        fontsize=TYPE + 0.5, fontweight="bold", color=INK, parse_math=False,
    )  # fmt: skip
    return figure


def page(title: str, quantity: str) -> tuple[Figure, Axes]:
    """Return an empty figure over updates, with its title and the name of its quantity."""
    figure = sheet(title, WIDTH, HEIGHT)
    axes = figure.add_subplot()
    dress(axes, quantity)
    over_updates(axes)
    return figure, axes


def dress(axes: Axes, quantity: str) -> None:
    """Give axes the looks of all figures, and the name of their quantity."""
    axes.set_ylabel(quantity, fontsize=TYPE, color=INK)
    axes.tick_params(labelsize=SMALL_TYPE, color=GREY, labelcolor=INK, length=2.5, width=0.6)
    axes.yaxis.get_offset_text().set_fontsize(SMALL_TYPE)
    axes.grid(color="#DDDDDD", linewidth=0.5)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set(color=GREY, linewidth=0.6)
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    up = ScalarFormatter(useOffset=False, useMathText=True)
    up.set_powerlimits((-3, 5))
    axes.yaxis.set_major_formatter(up)


def over_updates(axes: Axes) -> None:
    """Let the horizontal axis count updates."""
    axes.set_xlabel("update", fontsize=TYPE, color=INK)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(count))


def line(axes: Axes, x: Column, y: Column, label: str, marker: str = "", **style: Any) -> None:
    """Draw a line that can be seen in print: thinned, with a dozen markers where it has any."""
    x, y = thinned(x, y, BUCKETS)
    if not len(x):
        return
    # A long line gets a dozen markers; one point alone could not be seen without.
    axes.plot(
        x, y, label=label or "_", marker=marker or ("o" if len(x) == 1 else ""),
        markevery=max(1, len(x) // 12), markersize=3.2, markeredgecolor="white",
        markeredgewidth=0.4, **style,
    )  # fmt: skip


def inches(figure: Figure, text: str) -> float:
    """Return how wide a line of small type is where it is bold; plain type is narrower."""
    canvas: Any = figure.canvas
    font = FontProperties(size=SMALL_TYPE, weight="bold")
    wide, _, _ = canvas.get_renderer().get_text_width_height_descent(text, font, ismath=False)
    return float(wide) / float(figure.dpi)


def broken(figure: Figure, text: str, width: float) -> list[str]:
    """Return small type in lines of at most so many inches; longer words are broken, too."""
    if inches(figure, text) <= width:
        return [text]
    for letters in range(len(text) - 1, 1, -1):
        lines = wrap(text, letters)
        if all(inches(figure, line) <= width for line in lines):
            return lines
    return list(text)


def name_in_legend(legend: Legend, names: Sequence[str]) -> None:
    """Give the entries of a legend names that anybody may have chosen.

    A label would be a formula where it has two dollar signs, and none where it begins with `_`.
    """
    for text, name in zip(legend.get_texts(), names, strict=False):
        text.set_parse_math(False)
        text.set_text(name)


def ring(axes: Axes, x: float, y: float, label: str) -> None:
    """Mark a point by a ring around it."""
    axes.plot([x], [y], marker="o", linestyle="none", markerfacecolor="none", markersize=6.5,
              markeredgecolor=INK, markeredgewidth=0.9, zorder=5, label=label)  # fmt: skip


def fit(axes: Axes, whole: Sequence[Column], bulk: Sequence[Column]) -> None:
    """Show all of `whole`, and all of `bulk` but its wildest hundredth.

    A single wild batch must not flatten everything else.
    """
    edges: list[float] = []
    for values, (below, above) in [(part, (0, 100)) for part in whole] + [
        (part, (0.5, 99.5)) for part in bulk
    ]:
        finite = values[np.isfinite(values)]
        if len(finite):
            edges += np.percentile(finite, (below, above)).tolist()
    if edges:
        low, high = min(edges), max(edges)
        margin = 0.06 * ((high - low) or abs(high) or 1.0)
        axes.set_ylim(low - margin, high + margin)


def count(value: float, _: object = None) -> str:
    """Return a whole number with commas between its thousands, for an axis."""
    return f"{value:,.0f}"
