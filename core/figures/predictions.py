"""Figures of an evaluation: confusion matrix, metrics per class, mistakes, and filters."""

from math import ceil, isfinite, sqrt
from pathlib import Path
from textwrap import shorten
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from core.figures.drawing import save
from core.figures.page import BLUE, GREY, INK, ORANGE, SMALL_TYPE, TYPE, sheet
from core.figures.picture_grid import TITLE, columns, footnote, picture_at, picture_sheet
from core.format import percent
from core.predictions.evaluation import MISTAKES, Evaluation, Mistake

WIDE, NARROW = 7.5, 3.75
"""Inches: the widths of a page and of a column."""

FOOT = 0.22
"""Inches: the height below the pictures."""

ACROSS = 5
"""Number of mistakes in a row."""

MAX_FILTERS = 144
"""Maximum number of filters that can be distinguished on a page."""

Pictures = npt.NDArray[Any]


def export(
    evaluation: Evaluation, filters: Pictures | None, folder: Path, title: str = ""
) -> list[Path]:
    """Write confusion.png, classes.png, mistakes.png and filters.png.

    Args:
        evaluation: the evaluation to draw.
        filters: filters of the first layer, (F, h, w, 3), values from 0 to 1; None if it has none.
        folder: output folder; created if it is missing.
        title: title of the network; by default its run and number of updates.

    Returns:
        The files, without filters.png if there are no filters.

    Raises:
        FigureError: if some cannot be drawn or written.
    """
    name = title or f"{evaluation.run} after {evaluation.updates:,} updates"
    figures = {
        folder / "confusion.png": lambda: confusion_figure(evaluation, name),
        folder / "classes.png": lambda: classes_figure(evaluation, name),
        folder / "mistakes.png": lambda: mistakes_figure(evaluation, name),
    }
    if filters is not None:
        figures[folder / "filters.png"] = lambda: filters_figure(filters, name)
    return save(figures)


def confusion_figure(evaluation: Evaluation, name: str) -> Figure:
    """Draw the confusion matrix; the shade is the percentage of the images of a class."""
    counts, classes = evaluation.confusion, evaluation.classes
    totals = counts.sum(axis=1, keepdims=True)
    shares = 100 * counts / np.maximum(totals, 1)
    figure = sheet(_heading(evaluation, name), 5.4, 4.9, 84)
    axes = figure.add_subplot()
    shown = axes.imshow(shares, cmap="Blues", vmin=0, vmax=max(1.0, float(shares.max())))
    for row, column in np.ndindex(counts.shape):
        axes.text(
            column, row, f"{counts[row, column]:,}", ha="center", va="center",
            fontsize=SMALL_TYPE - (counts.max() > 9_999),
            color=_readable(shown.to_rgba(shares[row, column])),
            fontweight="bold" if row == column else "normal",
        )  # fmt: skip
    places = range(len(classes))
    names = [shorten(each, 14, placeholder="...") for each in classes]
    axes.set_xticks(places, names, rotation=45, ha="right", rotation_mode="anchor",
                    parse_math=False)  # fmt: skip
    axes.set_yticks(places, names, parse_math=False)
    axes.set_xlabel("predicted class", fontsize=TYPE, color=INK)
    axes.set_ylabel("true class", fontsize=TYPE, color=INK)
    # White lines separate the shades of adjacent cells.
    axes.set_xticks([place - 0.5 for place in places][1:], minor=True)
    axes.set_yticks([place - 0.5 for place in places][1:], minor=True)
    axes.grid(which="minor", color="white", linewidth=0.8)
    _plain(axes)
    axes.tick_params(which="both", length=0)
    bar = figure.colorbar(shown, ax=axes, shrink=0.82, pad=0.02, aspect=28)
    bar.set_label("share of the images of a class", fontsize=SMALL_TYPE, color=INK)
    bar.ax.yaxis.set_major_formatter(PercentFormatter(decimals=0, symbol=" %"))
    bar.ax.tick_params(labelsize=SMALL_TYPE, color=GREY, labelcolor=INK, length=2.5, width=0.6)
    bar.outline.set_visible(False)
    return figure


def classes_figure(evaluation: Evaluation, name: str) -> Figure:
    """Draw accuracy and precision of each class, in descending order of accuracy."""
    accuracy, precision = 100 * evaluation.class_accuracy, 100 * evaluation.precision
    order = np.argsort(-np.nan_to_num(accuracy), kind="stable")
    figure = sheet(_heading(evaluation, name), 5.4, 3.3, 84)
    axes = figure.add_subplot()
    places = np.arange(len(order))
    images = evaluation.confusion.sum(axis=1)
    # Slightly above and below the line of the class, so that the markers do not overlap.
    above, below = places - 0.15, places + 0.15
    for place, at in enumerate(order.tolist()):
        if place % 2 == 0:
            axes.axhspan(place - 0.5, place + 0.5, color="#F4F4F4", linewidth=0, zorder=0)
        low, high = _interval(accuracy[at] / 100, int(images[at]))
        axes.plot([100 * low, 100 * high], [above[place]] * 2, color=BLUE, linewidth=1.0, zorder=2)
    axes.plot(accuracy[order], above, "o", color=BLUE, markersize=5.5, markeredgecolor="white",
              markeredgewidth=0.6, zorder=3, clip_on=False,
              label="accuracy: how many images of the class were taken for it,\n"
              "with the 95 % interval")  # fmt: skip
    axes.plot(precision[order], below, "D", color=ORANGE, markersize=4.6,
              markeredgecolor="white", markeredgewidth=0.6, zorder=3, clip_on=False,
              label="precision: how many of those taken for the class are of it")  # fmt: skip
    if isfinite(evaluation.accuracy):
        axes.axvline(100 * evaluation.accuracy, color=INK, linewidth=0.8, linestyle=(0, (3, 1.5)),
                     zorder=1,
                     label=f"accuracy of all: {percent(evaluation.accuracy)}")  # fmt: skip
    axes.set_xlim(0, 100)
    axes.set_ylim(len(order) - 0.5, -0.5)
    names = [shorten(evaluation.classes[at], 18, placeholder="...") for at in order]
    axes.set_yticks(places, names, parse_math=False)
    axes.xaxis.set_major_formatter(PercentFormatter(decimals=0, symbol=" %"))
    axes.grid(axis="x", color="#DDDDDD", linewidth=0.5)
    axes.set_axisbelow(True)
    axes.set_xlabel("share of images", fontsize=TYPE, color=INK)
    _plain(axes)
    axes.tick_params(axis="y", length=0)
    figure.legend(loc="outside lower left", ncols=1, fontsize=SMALL_TYPE, frameon=False,
                  labelcolor=INK, handletextpad=0.5, labelspacing=0.3, borderpad=0.2)  # fmt: skip
    return figure


def mistakes_figure(evaluation: Evaluation, name: str) -> Figure:
    """Draw the mistakes with the highest predicted probability."""
    worst = evaluation.mistakes(MISTAKES)
    picture, caption, gap = 1.08, 0.46, 0.12
    rows = max(1, ceil(len(worst) / ACROSS))
    wide = ACROSS * (picture + gap) + gap
    high = TITLE + rows * (picture + caption) + FOOT
    figure = picture_sheet(
        f"{name}: its surest mistakes on the {evaluation.split} images", wide, high
    )
    if not worst:
        figure.text(0.5, 0.4, "no mistakes", ha="center", fontsize=TYPE, color=GREY)
    for place, each in enumerate(worst):
        row, column = divmod(place, ACROSS)
        left, top = gap + column * (picture + gap), TITLE + row * (picture + caption)
        axes = picture_at(figure, each.image, left, top, picture, picture)
        _caption(axes, each, evaluation.classes)
    if worst:
        footnote(figure, "what it was taken for, what it is, and the probabilities of both", gap)
    return figure


def filters_figure(filters: Pictures, name: str) -> Figure:
    """Draw the filters of a first layer, (F, h, w, C) with values from 0 to 1."""
    shown = filters[:MAX_FILTERS]
    count, down, wide = shown.shape[:3]
    across = columns(count, down / wide)
    rows = ceil(count / across)
    width = WIDE if across > 5 or wide > 3 * down else NARROW
    edge, gap = 0.1, 0.06
    picture = (width - 2 * edge + gap) / across - gap
    height = picture * down / wide
    title = f"{name}: the first layer"
    figure = picture_sheet(title, width, TITLE + rows * (height + gap) + FOOT)
    for place, each in enumerate(shown):
        row, column = divmod(place, across)
        left, top = edge + column * (picture + gap), TITLE + row * (height + gap)
        picture_at(figure, each, left, top, picture, height)
    words = f"{len(filters):,} filter{'s' * (len(filters) != 1)} of {down} x {wide}"
    if count < len(filters):
        words += f", the first {count}"
    footnote(figure, f"{words}; grey is a weight of 0", edge)
    return figure


def _caption(axes: Axes, mistake: Mistake, classes: tuple[str, ...]) -> None:
    lines = (
        (f"{classes[mistake.predicted]} {percent(mistake.probability)}", INK, "bold"),
        (f"is {classes[mistake.label]} {percent(mistake.label_probability)}", INK, "normal"),
        (f"image {mistake.index:,}", GREY, "normal"),
    )
    for number, (text, colour, weight) in enumerate(lines):
        axes.annotate(
            text, (0, 0), (0, -2.5 - 8.6 * number), "axes fraction", "offset points",
            va="top", fontsize=SMALL_TYPE - (number == 2), color=colour, fontweight=weight,
            parse_math=False, annotation_clip=False,
        )  # fmt: skip


def _readable(colour: Any) -> str:
    """Return dark or white, whichever has more contrast to a colour."""
    # 0.213 is the luminance with the same contrast, as defined by the W3C, to both.
    red, green, blue = (float(part) ** 2.2 for part in colour[:3])
    return INK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.213 else "white"


def _heading(evaluation: Evaluation, name: str) -> str:
    accuracy = percent(evaluation.accuracy) if isfinite(evaluation.accuracy) else "none"
    return f"{name}: {accuracy} of {len(evaluation.labels):,} {evaluation.split} images right"


def _interval(share: float, count: int) -> tuple[float, float]:
    """Return the 95 % interval of Wilson (1927) for a proportion `share` of `count`."""
    if not count:
        return share, share
    z = 1.96
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    half /= 1 + z * z / count
    return centre - half, centre + half


def _plain(axes: Axes) -> None:
    axes.tick_params(labelsize=SMALL_TYPE, color=GREY, labelcolor=INK, length=2.5, width=0.6)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom" and axes.get_xgridlines()[0].get_visible())
        spine.set(color=GREY, linewidth=0.6)
