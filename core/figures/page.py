"""The style of all figures: the width of a column, and no information in colour alone.

They use Matplotlib's object-oriented interface only, which needs no window and no global state, and
works on any thread.
"""

from collections.abc import Sequence
from functools import lru_cache
from textwrap import shorten, wrap
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.legend import Legend
from matplotlib.ticker import FuncFormatter, MaxNLocator, ScalarFormatter

from core.text_out import visible
from core.training.thinning import thinned

Column = npt.NDArray[Any]

BLUE, ORANGE, GREEN, INK, GREY = "#0072B2", "#D55E00", "#009E73", "#222222", "#6E6E6E"
"""From the palette of Okabe and Ito, which people with any colour vision can distinguish."""

DASH, DASH_DOT = (0, (3, 1.2)), (0, (5, 1.5, 1, 1.5))

WIDTH, HEIGHT, DPI = 3.75, 3.1, 300
TYPE, SMALL_TYPE = 8.0, 7.0
"""Inches and points: the width of a column, type of the size of a caption."""

BUCKETS = 600
"""A line with more than twice this number of points is reduced to the extremes of that many
intervals."""


def sheet(title: str, wide: float, high: float, letters: int = 58) -> Figure:
    """Return an empty figure with its title.

    Args:
        title: the title; truncated if it is too long.
        wide: width in inches.
        high: height in inches.
        letters: maximum length of the title in characters.
    """
    figure = Figure(figsize=(wide, high), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(
        shorten(visible(title), letters, placeholder=" ..."), x=0.01, ha="left",
        fontsize=TYPE + 0.5, fontweight="bold", color=INK, parse_math=False,
    )  # fmt: skip
    return figure


def page(title: str, quantity: str) -> tuple[Figure, Axes]:
    """Return an empty figure over updates, with a title and the label of the vertical axis."""
    figure = sheet(title, WIDTH, HEIGHT)
    axes = figure.add_subplot()
    dress(axes, quantity)
    over_updates(axes)
    return figure, axes


def dress(axes: Axes, quantity: str) -> None:
    """Apply the style of all figures to axes, and label the vertical axis."""
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
    """Label the horizontal axis as updates."""
    axes.set_xlabel("update", fontsize=TYPE, color=INK)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(count))


def line(axes: Axes, x: Column, y: Column, label: str, marker: str = "", **style: Any) -> None:
    """Draw a line for print: reduced to `BUCKETS`, with about a dozen markers if it has any."""
    x, y = thinned(x, y, BUCKETS)
    if not len(x):
        return
    # A single point needs a marker to be visible.
    axes.plot(
        x, y, label=label or "_", marker=marker or ("o" if len(x) == 1 else ""),
        markevery=max(1, len(x) // 12), markersize=3.2, markeredgecolor="white",
        markeredgewidth=0.4, **style,
    )  # fmt: skip


def inches(figure: Figure, text: str) -> float:
    """Return the width of a line of small bold type in inches; plain type is narrower."""
    return _inches(text, float(figure.dpi))


@lru_cache(maxsize=4096)
def _inches(text: str, dpi: float) -> float:
    """Return the width in inches; words to be wrapped are measured many times."""
    font = FontProperties(size=SMALL_TYPE, weight="bold")
    make: Any = RendererAgg
    wide, _, _ = make(1, 1, dpi).get_text_width_height_descent(text, font, ismath=False)
    return float(wide) / dpi


def broken(figure: Figure, text: str, width: float) -> list[str]:
    """Wrap small type to lines of at most `width` inches; longer words are broken."""
    if inches(figure, text) <= width:
        return [text]
    for letters in range(len(text) - 1, 1, -1):
        lines = wrap(text, letters)
        if all(inches(figure, line) <= width for line in lines):
            return lines
    return list(text)


def name_in_legend(legend: Legend, names: Sequence[str]) -> None:
    """Set the entries of a legend to arbitrary names.

    Matplotlib would interpret a label with two dollar signs as a formula, and would hide one that
    begins with `_`.
    """
    for text, name in zip(legend.get_texts(), names, strict=False):
        text.set_parse_math(False)
        text.set_text(name)


def ring(axes: Axes, x: float, y: float, label: str) -> None:
    """Draw a ring around a point."""
    axes.plot([x], [y], marker="o", linestyle="none", markerfacecolor="none", markersize=6.5,
              markeredgecolor=INK, markeredgewidth=0.9, zorder=5, label=label)  # fmt: skip


def fit(axes: Axes, whole: Sequence[Column], bulk: Sequence[Column]) -> None:
    """Set the vertical limits to show all of `whole`, and `bulk` without its most extreme 1 %.

    A single outlying batch must not compress everything else.
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
    """Return an integer with thousands separators, for an axis."""
    return f"{value:,.0f}"
