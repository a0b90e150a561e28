"""The slice plot: the accuracy of every trial over one setting."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from core import format as fmt
from core.figures.curve_styles import COLOURS, MARKERS
from core.figures.page import (
    BLUE,
    GREY,
    HEIGHT,
    INK,
    SMALL_TYPE,
    TYPE,
    WIDTH,
    broken,
    dress,
    name_in_legend,
    sheet,
)
from core.sweeps.analysis import judged
from core.sweeps.analysis.dimensions import Dimension, shown
from core.sweeps.analysis.labels import label
from core.sweeps.analysis.snapshot import Snapshot, TrialRow

LINE = 0.12
"""Inches for a line of the caption."""

SPREAD = 0.2
"""How far the points of a choice stand apart, as a part of the distance between two choices."""


def figure(snapshot: Snapshot, name: str, best: int = 5) -> Figure:
    """Draw the accuracy of every trial over one of the settings that vary.

    Open signs are trials that were judged at an earlier rung, whose accuracies are not those of a
    whole training. A trial with several seeds is one point, at their mean. The best have the
    colours and signs that they have in all figures of the study; the caption says how many trials
    cannot be shown, because they do not have the setting or no accuracy.

    Args:
        snapshot: the study.
        name: the setting.
        best: how many trials are in colour.

    Raises:
        StopIteration: if the setting does not vary.
    """
    one = next(each for each in snapshot.dimensions if each.name == name)
    drawn = sheet(f"{snapshot.study.name}: {label(name)}", WIDTH, HEIGHT)
    axes = drawn.add_subplot()
    dress(axes, "validation accuracy (%)")
    _across(axes, one)
    leading = [
        (slot, row)
        for slot, row in enumerate(snapshot.ranked[:best])
        if row.settings.get(name) is not None
    ]
    keys = {row.key for _, row in leading}
    others = [row for row in snapshot.ranked if row.key not in keys]
    for ended, words in ((False, judged.EARLIER), (True, judged.WHOLE)):
        rows = [row for row in others if judged.whole(row) is ended]
        rows = [row for row in rows if row.settings.get(name) is not None]
        if rows:
            axes.plot(
                [_x(row, one) for row in rows], [100 * (row.mean or 0) for row in rows], "o",
                color=BLUE if ended else GREY, markersize=3.0, alpha=0.75, label=words,
                markerfacecolor=BLUE if ended else "none", markeredgewidth=0.6,
                rasterized=len(rows) > 2000,
            )  # fmt: skip
    for slot, row in leading:
        colour, ended = COLOURS[slot % len(COLOURS)], judged.whole(row)
        axes.plot(
            [_x(row, one)], [100 * (row.mean or 0)], MARKERS[slot % len(MARKERS)], color=colour,
            markersize=5.2 if ended else 4.6, markerfacecolor=colour if ended else "none",
            markeredgecolor="white" if ended else colour, markeredgewidth=0.5 if ended else 1.1,
            zorder=4, linestyle="none", label=str(slot),
        )  # fmt: skip
    captions = [
        line for words in _captions(snapshot, one) for line in broken(drawn, words, WIDTH - 0.1)
    ]
    drawn.set_figheight(HEIGHT + LINE * len(captions))
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        legend = drawn.legend(
            handles, labels, loc="outside lower left", ncols=2, fontsize=SMALL_TYPE, frameon=False,
            labelcolor=INK, handletextpad=0.2, columnspacing=1.2, labelspacing=0.35,
            borderaxespad=0.2, borderpad=0.2,
        )  # fmt: skip
        rest = labels[: len(labels) - len(leading)]
        name_in_legend(legend, [*rest, *(_words(snapshot, row, name) for _, row in leading)])
        if captions:
            legend.set_title("\n".join(captions), FontProperties(size=SMALL_TYPE))
            legend.set_alignment("left")
    else:
        axes.text(0.5, 0.5, "no trial has an accuracy yet", transform=axes.transAxes, ha="center",
                  va="center", fontsize=TYPE, color=INK)  # fmt: skip
        axes.set(xticks=[], yticks=[])
    return drawn


def _words(snapshot: Snapshot, row: TrialRow, name: str) -> str:
    at = "" if judged.whole(row) else f" (rung {row.rung})"
    value = shown(row.settings[name])
    return f"{snapshot.title(row)}: {value}, {fmt.percent(row.mean or 0.0)}{at}"


def _captions(snapshot: Snapshot, one: Dimension) -> list[str]:
    """Return what has to be said of the points."""
    shown_here = [row for row in snapshot.ranked if row.settings.get(one.name) is not None]
    found = [
        f"points of a value: {judged.SPREAD}" if one.kind == "choice" else "",
        judged.means(shown_here),
        judged.left_out(snapshot.trials, one.name),
    ]
    return list(filter(None, found))


def _x(row: TrialRow, one: Dimension) -> float:
    """Return where a trial stands; those of one choice beside each other, always in one place."""
    value = row.settings[one.name]
    if one.kind != "choice":
        return float(value)
    rng = np.random.default_rng([row.number, row.seed])
    place = one.place(value) * (len(one.choices) - 1)
    return float(place + SPREAD * (2 * rng.random() - 1))


def _across(axes: Axes, one: Dimension) -> None:
    """Set the limits, the scale and the label of the horizontal axis."""
    scale = " (log scale)" if one.log else ""
    axes.set_xlabel(f"{label(one.name)}{scale}", fontsize=TYPE, color=INK, parse_math=False)
    if one.kind == "choice":
        axes.set_xticks(range(len(one.choices)), [shown(value) for value in one.choices],
                        parse_math=False)  # fmt: skip
        axes.set_xlim(-0.5, len(one.choices) - 0.5)
        axes.grid(visible=True, axis="x", color=GREY, linewidth=0.5, linestyle=(0, (1, 2)))
    elif one.log:
        axes.set_xscale("log")
        axes.set_xlim(one.low * 0.93, one.high * 1.07)
        axes.xaxis.set_major_locator(
            LogLocator(subs=(1, 2, 5) if one.high < 200 * one.low else (1,))
        )
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: shown(float(f"{value:.6g}"))))
    else:
        margin = 0.03 * (one.high - one.low)
        axes.set_xlim(one.low - margin, one.high + margin)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=one.kind == "integer"))
