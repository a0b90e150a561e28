"""The figures of a run: losses, accuracies, learning rate, and the health of its layers."""

from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from core.figures import health
from core.figures.drawing import save
from core.figures.page import (
    BLUE,
    DASH,
    DASH_DOT,
    GREEN,
    GREY,
    INK,
    ORANGE,
    SMALL_TYPE,
    TYPE,
    count,
    fit,
    line,
    page,
    ring,
)
from core.format import percent
from core.training.history import History
from core.training.smoothing import decay_factor, smoothed, span


def export(history: History, folder: Path, title: str) -> list[Path]:
    """Write loss.png, accuracy.png and rate.png, and health.png if there is a record of that.

    Args:
        history: the history of the run so far; it may be empty.
        folder: output folder; created if it is missing.
        title: title of every figure.

    Returns:
        The files.

    Raises:
        FigureError: if some cannot be drawn or written.
    """
    drawn = {
        folder / "loss.png": lambda: loss_figure(history, title),
        folder / "accuracy.png": lambda: accuracy_figure(history, title),
        folder / "rate.png": lambda: rate_figure(history, title),
    }
    if len(history.health):
        drawn[folder / "health.png"] = lambda: health.figure(history, title)
    return save(drawn)


def loss_figure(history: History, title: str) -> Figure:
    """Draw the training loss, the optimised cost, and the validation loss."""
    updates, (evaluations, stop) = history.updates.read(), history.evaluated()
    window = span(history.total)
    training, cost = (smoothed(updates[name], decay_factor(window)) for name in ("loss", "cost"))
    over = f", smoothed over {window:,}" if window > 1 else ""

    figure, axes = page(title, "loss (nats)")
    if window > 1:
        line(axes, updates["update"], updates["loss"], "training, each update",
              color=BLUE, alpha=0.3, linewidth=0.4)  # fmt: skip
    line(axes, updates["update"], training, f"training{over}", color=BLUE, linewidth=1.4)
    line(axes, updates["update"], cost, f"optimised cost{over}",
          color=GREY, linewidth=0.8, linestyle=DASH_DOT)  # fmt: skip
    losses = evaluations["validation_loss"]
    line(axes, evaluations["update"], losses, "validation",
          color=ORANGE, linewidth=1.2, linestyle=DASH, marker="o")  # fmt: skip
    finite = np.flatnonzero(np.isfinite(losses))
    if len(finite):
        best = finite[losses[finite].argmin()]
        update, value = float(evaluations["update"][best]), float(losses[best])
        ring(axes, update, value, f"lowest: {value:.3f} at {update:,.0f}")
    if stop is not None:
        value = stop["validation_loss"]
        _at_stop(axes, stop["update"], value, ORANGE, "o", f"at the stop: {value:.3f}")
        losses = np.append(losses, value)
    fit(axes, [losses], [updates["loss"], training, cost])
    return _finish(figure, axes, history)


def accuracy_figure(history: History, title: str) -> Figure:
    """Draw the accuracy on the training sample and on the validation set."""
    table, stop = history.evaluated()
    training, validation = 100 * table["train_accuracy"], 100 * table["validation_accuracy"]
    figure, axes = page(title, "accuracy (%)")
    line(axes, table["update"], training, "training sample",
          color=BLUE, linewidth=1.3, marker="s")  # fmt: skip
    line(axes, table["update"], validation, "validation",
          color=ORANGE, linewidth=1.2, linestyle=DASH, marker="o")  # fmt: skip
    shown = [training, validation]
    if stop is not None:
        for name, words, colour, marker in (
            ("train_accuracy", "training", BLUE, "s"),
            ("validation_accuracy", "validation", ORANGE, "o"),
        ):
            value = 100 * stop[name]
            label = f"{words}, at the stop: {value:.1f} %"
            _at_stop(axes, stop["update"], value, colour, marker, label)
            shown.append(np.array([value]))
    best = history.best(len(table["update"]))
    if best is not None and isfinite(best[0]):
        ring(axes, best[1], 100 * best[0], f"best: {percent(best[0])} at {best[1]:,}")
    if history.result is not None and isfinite(history.result.test_accuracy):
        when = "stop" if history.result.updates < history.total else "end"
        test = 100 * history.result.test_accuracy
        shown.append(np.array([test]))
        axes.plot([history.result.updates], [test], "D", color=GREEN, markersize=4.5, zorder=4,
                  markeredgecolor="white", markeredgewidth=0.5, linestyle="none",
                  label=f"test, at the {when}: {test:.1f} %")  # fmt: skip
    fit(axes, shown, [])
    return _finish(figure, axes, history)


def rate_figure(history: History, title: str) -> Figure:
    """Draw the learning rate."""
    updates = history.updates.read()
    figure, axes = page(title, "learning rate")
    line(axes, updates["update"], updates["rate"], "", color=BLUE, linewidth=1.3)
    fit(axes, [updates["rate"]], [])
    axes.set_ylim(bottom=0)
    return _finish(figure, axes, history)


def _at_stop(axes: Axes, update: float, value: float, colour: str, marker: str, label: str) -> None:
    """Draw a measurement made at a stop, which is not part of the curve, as a hollow marker."""
    axes.plot([update], [value], marker, color=colour, markersize=4.5, zorder=4,
              markerfacecolor="white", markeredgewidth=1.0, linestyle="none",
              label=label)  # fmt: skip


def _finish(figure: Figure, axes: Axes, history: History) -> Figure:
    if not axes.lines:
        axes.text(0.5, 0.5, "nothing yet", transform=axes.transAxes, ha="center", va="center",
                  fontsize=TYPE, color=GREY)  # fmt: skip
        axes.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
        return figure
    last = float(axes.dataLim.x1)
    edits = sorted({edit.update for edit in history.edits if edit.update <= last})
    for number, update in enumerate(edits):
        axes.axvline(update, color=GREY, linewidth=0.8, linestyle=(0, (1, 1.5)), zorder=1.5,
                     label="" if number else "settings changed")  # fmt: skip
    axes.set_xlim(0, max(1.0, last) * 1.02)  # a run that was stopped at once has no width
    if axes.get_legend_handles_labels()[1]:
        # Below the axes, where it hides no curve.
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
    top.xaxis.set_major_formatter(FuncFormatter(count))
