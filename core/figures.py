"""Every figure of a run, drawn for a page: a column wide, nothing told by colour alone.

Only Matplotlib's object interface is used: no window, no global state, any thread.
"""

from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from textwrap import shorten
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, ScalarFormatter

from core.training.history import Column, History

BLUE, ORANGE, GREEN, INK, GREY = "#0072B2", "#D55E00", "#009E73", "#222222", "#6E6E6E"
"""From the palette of Okabe and Ito, which people with any colour vision tell apart."""

DASH, DASH_DOT = (0, (3, 1.2)), (0, (5, 1.5, 1, 1.5))

WIDTH, HEIGHT, DPI = 3.75, 3.1, 300
TYPE, SMALL_TYPE = 8.0, 7.0
"""Inches and points: the width of a column, type as in its caption."""

BUCKETS = 600
"""Of a line with more points than twice this, the extremes of so many stretches are drawn."""


def export(history: History, folder: Path, title: str) -> list[Path]:
    """Write loss.png, accuracy.png and rate.png.

    Args:
        history: what has happened so far, be it nothing.
        folder: where to; made where it is missing.
        title: of every figure.

    Returns:
        The three files.

    Raises:
        OSError: if they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    figures = {
        "loss.png": loss_figure(history, title),
        "accuracy.png": accuracy_figure(history, title),
        "rate.png": rate_figure(history, title),
    }
    for name, figure in figures.items():
        figure.savefig(folder / name, dpi=DPI)
    return [folder / name for name in figures]


def loss_figure(history: History, title: str) -> Figure:
    """Draw the training loss, the cost that is optimised, and the validation loss."""
    updates, evaluations = history.updates.read(), history.evaluations.read()
    span = smoothing_span(len(updates["update"]))
    training, cost = smoothed(updates["loss"], span), smoothed(updates["cost"], span)
    over = f", smoothed over {span:,}" if span > 1 else ""

    figure, axes = _page(title, "cross-entropy (nats)")
    if span > 1:
        _line(axes, updates["update"], updates["loss"], "training, each update",
              color=BLUE, alpha=0.3, linewidth=0.4)  # fmt: skip
    _line(axes, updates["update"], training, f"training{over}", color=BLUE, linewidth=1.4)
    _line(axes, updates["update"], cost, f"optimised cost{over}",
          color=GREY, linewidth=0.8, linestyle=DASH_DOT)  # fmt: skip
    losses = evaluations["validation_loss"]
    _line(axes, evaluations["update"], losses, "validation",
          color=ORANGE, linewidth=1.2, linestyle=DASH, marker="o")  # fmt: skip
    finite = np.flatnonzero(np.isfinite(losses))
    if len(finite):
        best = finite[losses[finite].argmin()]
        update, value = float(evaluations["update"][best]), float(losses[best])
        _ring(axes, update, value, f"lowest: {value:.3f} at {update:,.0f}")
    _fit(axes, [losses], [updates["loss"], training, cost])
    return _finish(figure, axes, history)


def accuracy_figure(history: History, title: str) -> Figure:
    """Draw the accuracy on the training sample and on the validation set."""
    table = history.evaluations.read()
    training, validation = 100 * table["train_accuracy"], 100 * table["validation_accuracy"]
    figure, axes = _page(title, "accuracy (%)")
    _line(axes, table["update"], training, "training sample",
          color=BLUE, linewidth=1.3, marker="s")  # fmt: skip
    _line(axes, table["update"], validation, "validation",
          color=ORANGE, linewidth=1.2, linestyle=DASH, marker="o")  # fmt: skip
    shown = [training, validation]
    best = history.best()
    if best is not None and isfinite(best[0]):
        _ring(axes, best[1], 100 * best[0], f"best: {best[0]:.1%} at {best[1]:,}")
    if history.result is not None:
        test = 100 * history.result.test_accuracy
        shown.append(np.array([test]))
        axes.plot([history.result.updates], [test], "D", color=GREEN, markersize=4.5, zorder=4,
                  markeredgecolor="white", markeredgewidth=0.5, linestyle="none",
                  label=f"test, at the end: {test:.1f}%")  # fmt: skip
    _fit(axes, shown, [])
    return _finish(figure, axes, history)


def rate_figure(history: History, title: str) -> Figure:
    """Draw the learning rate."""
    updates = history.updates.read()
    figure, axes = _page(title, "learning rate")
    _line(axes, updates["update"], updates["rate"], "", color=BLUE, linewidth=1.3)
    _fit(axes, [updates["rate"]], [])
    axes.set_ylim(bottom=0)
    return _finish(figure, axes, history)


def smoothing_span(count: int) -> int:
    """Return over how many of `count` updates to smooth: a round number, about a hundredth."""
    span = 1
    for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000):
        if step * 80 <= count:
            span = step
    return span


def smoothed(values: Column, span: int) -> Column:
    """Return the exponential moving average with a time constant of `span` values.

    It starts without a bias towards 0 and carries on over values that are not finite.
    """
    keep = 1.0 - 1.0 / span
    total = weight = 0.0
    result = []
    for value in values.tolist():
        if isfinite(value):
            total = keep * total + (1.0 - keep) * value
            weight = keep * weight + (1.0 - keep)
        result.append(total / weight if weight else float("nan"))
    return np.array(result)


def thinned(x: Column, y: Column, buckets: int = BUCKETS) -> tuple[Column, Column]:
    """Return at most 2 * buckets + 2 points that draw the same line: the extremes of each bucket.

    The first and the last point are always among them, values that are not finite never.
    """
    finite = np.isfinite(y)
    x, y = x[finite], y[finite]
    if len(x) <= 2 * buckets:
        return x, y
    starts = np.linspace(0, len(x), buckets + 1).astype(np.int64)
    keep = {0, len(x) - 1}
    for start, stop in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        part = y[start:stop]
        keep.update((start + int(part.argmin()), start + int(part.argmax())))
    rows: npt.NDArray[np.int64] = np.array(sorted(keep))
    return x[rows], y[rows]


def _page(title: str, quantity: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    figure.suptitle(
        shorten(title, 58, placeholder=" ..."), x=0.01, ha="left", fontsize=TYPE + 0.5,
        fontweight="bold", color=INK, parse_math=False,
    )  # fmt: skip
    axes.set_xlabel("update", fontsize=TYPE, color=INK)
    axes.set_ylabel(quantity, fontsize=TYPE, color=INK)
    axes.tick_params(labelsize=SMALL_TYPE, color=GREY, labelcolor=INK, length=2.5, width=0.6)
    axes.yaxis.get_offset_text().set_fontsize(SMALL_TYPE)
    axes.grid(color="#DDDDDD", linewidth=0.5)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set(color=GREY, linewidth=0.6)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(_count))
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    up = ScalarFormatter(useOffset=False, useMathText=True)
    up.set_powerlimits((-3, 5))
    axes.yaxis.set_major_formatter(up)
    return figure, axes


def _line(axes: Axes, x: Column, y: Column, label: str, marker: str = "", **style: Any) -> None:
    x, y = thinned(x, y)
    if not len(x):
        return
    # A long line gets a dozen markers; one point alone could not be seen without.
    axes.plot(
        x, y, label=label or "_", marker=marker or ("o" if len(x) == 1 else ""),
        markevery=max(1, len(x) // 12), markersize=3.2, markeredgecolor="white",
        markeredgewidth=0.4, **style,
    )  # fmt: skip


def _ring(axes: Axes, x: float, y: float, label: str) -> None:
    axes.plot([x], [y], marker="o", linestyle="none", markerfacecolor="none", markersize=6.5,
              markeredgecolor=INK, markeredgewidth=0.9, zorder=5, label=label)  # fmt: skip


def _fit(axes: Axes, whole: Sequence[Column], bulk: Sequence[Column]) -> None:
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


def _finish(figure: Figure, axes: Axes, history: History) -> Figure:
    if not axes.lines:
        axes.text(0.5, 0.5, "nothing yet", transform=axes.transAxes, ha="center", va="center",
                  fontsize=TYPE, color=GREY)  # fmt: skip
        axes.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
        return figure
    last = float(axes.dataLim.x1)
    axes.set_xlim(0, last * 1.02)
    if axes.get_legend_handles_labels()[1]:
        # Under the axes, where no curve ever is.
        figure.legend(
            loc="outside lower left", ncols=2, fontsize=SMALL_TYPE, frameon=False, labelcolor=INK,
            handlelength=2.4, handletextpad=0.6, columnspacing=1.2, labelspacing=0.35,
            borderaxespad=0.2, borderpad=0.2,
        )  # fmt: skip
    per_epoch = history.started.updates_per_epoch if history.started else 0
    if per_epoch and last >= per_epoch:
        _epochs(axes, per_epoch)
    return figure


def _epochs(axes: Axes, per_epoch: int) -> None:
    def epochs(x: Any) -> Any:
        return x / per_epoch

    def updates(x: Any) -> Any:
        return x * per_epoch

    top = axes.secondary_xaxis("top", functions=(epochs, updates))
    top.set_xlabel("epoch", fontsize=SMALL_TYPE, color=GREY, labelpad=3)
    top.tick_params(labelsize=SMALL_TYPE, color=GREY, labelcolor=GREY, length=2, width=0.5, pad=1.5)
    top.spines["top"].set(color=GREY, linewidth=0.5)
    top.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    top.xaxis.set_major_formatter(FuncFormatter(_count))


def _count(value: float, _: object) -> str:
    return f"{value:,.0f}"
