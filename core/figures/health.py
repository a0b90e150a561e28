"""The figure of the health of a run: layers down, updates across, a shade for each value."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from core.figures.page import GREY, INK, SMALL_TYPE, TYPE, WIDTH, count, sheet
from core.training import health_strip
from core.training.health_strip import Quantity, Strip
from core.training.history import History

QUANTITIES: dict[Quantity, str] = {
    "ratio": "update-to-weight ratio",
    "gradient": "gradient norm (nats)",
    "silent": "units that never fire (%)",
}
"""What is drawn, with the titles; the first two of weights and not of biases."""

COLUMNS = 300
"""Maximum number of updates that are told apart."""

ROW, AROUND = 0.13, 0.34
"""Inches for a row, and for the title of a strip with the space below it."""


def figure(history: History, title: str) -> Figure:
    """Draw the recorded quantities of `QUANTITIES`, of which the network must have at least one.

    A cell shows the value that is farthest from 0 among the updates that it stands for. The shades
    are those of cividis, which tell as much in grey.

    Args:
        history: the history of a run, with a health record.
        title: title of the figure.
    """
    strips = [strip for quantity in QUANTITIES if (strip := _strip(history, quantity)).names]
    heights = [len(strip.names) * ROW + AROUND for strip in strips]
    drawn = sheet(title, WIDTH, sum(heights) + 0.6)
    grid = drawn.subplots(len(strips), 1, sharex=True, squeeze=False, height_ratios=heights)
    for axes, strip in zip(grid[:, 0], strips, strict=True):
        _draw(drawn, axes, strip)
    last = grid[-1, 0]
    last.set_xlabel("update", fontsize=TYPE, color=INK)
    last.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    last.xaxis.set_major_formatter(FuncFormatter(count))
    return drawn


def _strip(history: History, quantity: Quantity) -> Strip:
    strip = health_strip.strip(history, quantity, COLUMNS)
    rows = [
        row
        for row, name in enumerate(strip.names)
        if quantity == "silent" or name.endswith(".weight")
    ]
    names = tuple(strip.names[row] for row in rows)
    return Strip(quantity, names, strip.updates, strip.values[rows], strip.at[rows])


def _draw(drawn: Figure, axes: Axes, strip: Strip) -> None:
    shares = strip.quantity == "silent"
    values = 100 * strip.values if shares else strip.values
    known = values[np.isfinite(values) & (values > 0)]
    scale: Normalize = Normalize(0, 100)
    if not shares:
        low, high = (float(known.min()), float(known.max())) if known.size else (1.0, 1.0)
        scale = LogNorm(low, high if high > low else 10 * low)
        values = np.where(values > 0, values, low)  # 0 has no logarithm
    mesh = axes.pcolormesh(
        # A column reaches back to the one before it.
        np.concatenate([[0], strip.updates]), np.arange(len(strip.names) + 1) - 0.5,
        np.ma.masked_invalid(values), cmap="cividis", norm=scale, rasterized=True, linewidth=0,
    )  # fmt: skip
    names = [name.removesuffix(".weight") for name in strip.names]
    axes.set_yticks(range(len(names)), names, parse_math=False)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(labelsize=SMALL_TYPE, color=GREY, labelcolor=INK, length=2.5, width=0.6)
    axes.set_title(QUANTITIES[strip.quantity], fontsize=SMALL_TYPE, color=INK, loc="left", pad=2.5)
    axes.set_facecolor("#FFFFFF")
    for spine in axes.spines.values():
        spine.set(color=GREY, linewidth=0.5)
    bar = drawn.colorbar(mesh, ax=axes, pad=0.015, fraction=0.04, aspect=10)
    bar.outline.set(color=GREY, linewidth=0.5)
    bar.ax.tick_params(
        labelsize=SMALL_TYPE, color=GREY, labelcolor=INK, length=2, width=0.5, pad=1.5
    )
    if not shares:
        bar.ax.yaxis.set_major_locator(LogLocator(numticks=4))
        bar.ax.yaxis.set_minor_locator(NullLocator())
