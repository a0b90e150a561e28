"""What a network takes for what: confusion, classes, worst mistakes, filters."""

from collections.abc import Sequence
from contextlib import suppress
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from core.figures.page import BLUE, DPI, GREY, INK, SMALL_TYPE, TYPE
from core.predictions import filters
from core.predictions.evaluation import Evaluation
from core.predictions.model import CLASSES, Model
from core.runs.errors import StoreError

MISTAKES = 24
"""That are shown, six in a row."""
ACROSS = 6
DARK = 0.55
"""Part of the largest cell from which its number is written in white."""


def export(found: Evaluation, model: Model, folder: Path) -> list[Path]:
    """Write confusion.png, classes.png, mistakes.png, and filters.png where there are filters.

    Args:
        found: what is drawn.
        model: whose filters.
        folder: where to; made where it is missing.

    Returns:
        The files.

    Raises:
        OSError: if they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    figures = {
        "confusion.png": confusion_figure(found),
        "classes.png": classes_figure(found),
        "mistakes.png": mistakes_figure(found),
    }
    with suppress(StoreError):  # without filters over colours there is nothing to draw
        figures["filters.png"] = filters_figure(model)
    for name, figure in figures.items():
        figure.savefig(folder / name, dpi=DPI)
    return [folder / name for name in figures]


def confusion_figure(found: Evaluation) -> Figure:
    """Draw the confusion matrix, each row in parts of its class."""
    figure, axes = _sheet(4.6, 4.4, _title(found, "Confusion"))
    counts = found.confusion
    parts = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(parts, cmap="Blues", vmin=0, vmax=max(1e-9, float(parts.max())), aspect="equal")
    for row in range(len(CLASSES)):
        for column in range(len(CLASSES)):
            part = 100 * parts[row, column]
            dark = parts[row, column] > DARK * parts.max()
            axes.text(column, row, f"{part:.0f}" if part >= 0.5 else "·", ha="center", va="center",
                      fontsize=SMALL_TYPE, color="white" if dark else INK,
                      fontweight="bold" if row == column else "normal")  # fmt: skip
    axes.set_xticks(range(len(CLASSES)), CLASSES, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(CLASSES)), CLASSES)
    axes.set_xlabel("taken for", fontsize=TYPE, color=INK)
    axes.set_ylabel("is (% of its images)", fontsize=TYPE, color=INK)
    _calm(axes)
    return figure


def classes_figure(found: Evaluation) -> Figure:
    """Draw the accuracy of every class, the best on top, and the mean."""
    figure, axes = _sheet(3.75, 2.9, f"Classes: {found.run}, {found.split} images")
    order = np.argsort(found.recall, kind="stable")
    values = 100 * found.recall[order]
    axes.barh(range(len(order)), values, color=BLUE, height=0.62)
    for place, value in enumerate(values):
        axes.text(value + 1, place, f"{value:.1f}", va="center", fontsize=SMALL_TYPE, color=INK)
    axes.axvline(100 * found.accuracy, color=GREY, linewidth=0.8, linestyle=(0, (3, 1.2)))
    axes.text(100 * found.accuracy, len(order) - 0.35, f"all: {found.accuracy:.1%}", ha="center",
              va="bottom", fontsize=SMALL_TYPE, color=GREY)  # fmt: skip
    axes.set_yticks(range(len(order)), [CLASSES[at] for at in order])
    axes.set_xlim(0, 108)
    axes.set_xticks(range(0, 101, 20))
    axes.set_xlabel("accuracy (%)", fontsize=TYPE, color=INK)
    _calm(axes)
    return figure


def mistakes_figure(found: Evaluation) -> Figure:
    """Show the images that the network was surest of, and wrong."""
    worst = found.mistakes(MISTAKES)
    rows = max(1, ceil(len(worst) / ACROSS))
    figure = Figure(figsize=(7.0, 0.6 + 1.5 * rows))
    FigureCanvasAgg(figure)
    high = float(figure.get_figheight())
    figure.text(0.01, 1 - 0.12 / high, _title(found, "Worst mistakes"), va="top",
                fontsize=TYPE + 0.5, fontweight="bold", color=INK)  # fmt: skip
    figure.text(0.01, 1 - 0.3 / high, "taken for (probability), and what it is (probability)",
                va="top", fontsize=SMALL_TYPE, color=GREY)  # fmt: skip
    grid = figure.add_gridspec(rows, ACROSS, left=0.01, right=0.99, bottom=0.38 / high,
                               top=1 - 0.55 / high, wspace=0.12, hspace=0.45)  # fmt: skip
    for place, mistake in enumerate(worst):
        axes = figure.add_subplot(grid[place // ACROSS, place % ACROSS])
        axes.imshow(mistake.image, interpolation="nearest")
        axes.set_axis_off()
        axes.text(0.5, -0.05, f"{CLASSES[mistake.predicted]} {mistake.probability:.0%}",
                  transform=axes.transAxes, ha="center", va="top", fontsize=SMALL_TYPE,
                  color=INK, fontweight="bold")  # fmt: skip
        axes.text(0.5, -0.2, f"is {CLASSES[mistake.label]} {mistake.of_label:.0%}",
                  transform=axes.transAxes, ha="center", va="top", fontsize=SMALL_TYPE,
                  color=GREY)  # fmt: skip
    if not worst:
        figure.text(0.5, 0.5, "no mistakes", ha="center", fontsize=TYPE, color=GREY)
    return figure


def filters_figure(model: Model) -> Figure:
    """Show what the first layer looks for.

    Raises:
        StoreError: if it has no filters over colours.
    """
    found = filters.pictures(model)
    across = min(len(found), 20 if found.shape[2] <= 4 else 10)
    rows = ceil(len(found) / across)
    wide = 7.0
    cell = (wide - 0.14) / across
    shape = found.shape[1] / found.shape[2]
    high = 0.5 + rows * cell * min(shape, 1.0) + 0.05
    figure = Figure(figsize=(wide, high))
    FigureCanvasAgg(figure)
    title = f"{model.kept.run}: {len(found)} filters of the first layer"
    figure.text(0.01, 1 - 0.12 / high, title, va="top", fontsize=TYPE + 0.5, fontweight="bold",
                color=INK)  # fmt: skip
    figure.text(0.01, 1 - 0.28 / high, "grey is 0; each in its own range", va="top",
                fontsize=SMALL_TYPE, color=GREY)  # fmt: skip
    grid = figure.add_gridspec(rows, across, left=0.01, right=0.99, bottom=0.02,
                               top=1 - 0.45 / high, wspace=0.12, hspace=0.12)  # fmt: skip
    for place, picture in enumerate(found):
        axes = figure.add_subplot(grid[place // across, place % across])
        axes.imshow(picture, interpolation="nearest", aspect="auto" if shape < 1 else "equal")
        axes.set_axis_off()
    return figure


def _sheet(width: float, height: float, title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    figure.suptitle(title, x=0.01, ha="left", fontsize=TYPE + 0.5, fontweight="bold", color=INK)
    return figure, axes


def _calm(axes: Axes) -> None:
    axes.tick_params(labelsize=SMALL_TYPE, color=GREY, labelcolor=INK, length=0)
    spines: Sequence[Any] = list(axes.spines.values())
    for spine in spines:
        spine.set_visible(False)


def _title(found: Evaluation, what: str) -> str:
    return f"{what}: {found.run}, {len(found.labels):,} {found.split} images, {found.accuracy:.1%}"
