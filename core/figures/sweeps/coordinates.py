"""Parallel coordinates: an axis for each setting that varies, and a line for each trial.

Inselberg 1985, "The plane with parallel coordinates". The last axis is the accuracy.
"""

from collections.abc import Sequence
from math import isfinite

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from core.figures.curve_styles import COLOURS, DASHES
from core.figures.page import GREY, INK, SMALL_TYPE, WIDTH, broken, sheet
from core.sweeps.analysis import judged
from core.sweeps.analysis.labels import VALIDATION, label
from core.sweeps.analysis.places import accuracy_scale, places
from core.sweeps.analysis.snapshot import Snapshot, TrialRow

ACROSS = 1.0
"""Inches between two axes."""

APART = 0.055
"""Smallest distance between two labels at the end of lines, as a part of an axis."""

MANY = 400
"""Lines from which they are drawn as pixels, since a file of lines would be large and slow."""

FEW = 40
"""Lines up to which they have their full strength; more would make one grey area."""

CUT_SHORT = 0.45
"""Strength of the lines of the best that were judged at an earlier rung."""

UNIT = 2.5
"""Inches from the lower end of an axis to the upper."""

LINE = 0.06
"""Height of a line of the caption, as a part of an axis."""

Place = tuple[float, str]
"""Where a tick stands on an axis, from 0 to 1, and its label."""


def figure(snapshot: Snapshot, best: int = 5) -> Figure:
    """Draw all trials of a study, the best ones in colour and with their places at their ends.

    Faint lines are trials that were not trained to the end, whose accuracies are of an earlier
    rung; the place of one of the best stands in parentheses then. The line of a trial without an
    accuracy ends before the last axis, and one without a setting has a gap there. A trial with
    several seeds is one line, at their mean. The caption says which of these there are.

    Args:
        snapshot: the study.
        best: how many trials are in colour.
    """
    axes_of = snapshot.dimensions
    wide = max(WIDTH, ACROSS * (len(axes_of) + 1))
    leading = snapshot.ranked[:best]
    keys = {row.key for row in leading}
    others = [row for row in snapshot.trials if row.key not in keys]
    drawn = sheet(f"Trials of {snapshot.study.name}", wide, 3.1, int(15 * wide))
    captions = [
        line
        for words in _captions(snapshot, leading, others)
        for line in broken(drawn, words, 0.92 * wide)
    ]
    drawn.set_figheight(UNIT * (1.12 + LINE * len(captions)))
    axes = drawn.add_subplot()
    axes.set_axis_off()
    axes.set(xlim=(-0.45, len(axes_of) + 0.45))
    scale = accuracy_scale(snapshot)
    for ended, alpha in ((False, 0.22), (True, 0.55)):
        rows = [row for row in others if judged.whole(row) is ended]
        fading = min(1.0, (FEW / max(1, len(rows))) ** 0.7)
        _lines(axes, [places(row, axes_of, scale) for row in rows], alpha * fading)
    for slot in range(len(leading) - 1, -1, -1):
        axes.plot(
            range(len(axes_of) + 1), places(leading[slot], axes_of, scale),
            color=COLOURS[slot % len(COLOURS)], dashes=DASHES[slot % len(DASHES)], linewidth=1.3,
            alpha=1.0 if judged.whole(leading[slot]) else CUT_SHORT, zorder=3,
        )  # fmt: skip
    signs = [_sign(at, row) for at, row in enumerate(leading, 1)]
    _ends(axes, [places(row, axes_of, scale)[-1] for row in leading], signs, len(axes_of))
    for at, one in enumerate(axes_of):
        _axis(axes, at, label(one.name), one.ticks())
    _axis(axes, len(axes_of), f"{VALIDATION} (%)", _percents(scale))
    axes.set_ylim(-0.02 - LINE * len(captions), 1.1)
    for line, words in enumerate(captions):
        axes.text(
            -0.42, -0.075 - LINE * line, words, fontsize=SMALL_TYPE - 0.5, color=INK, va="center"
        )
    return drawn


def _sign(place: int, row: TrialRow) -> str:
    """Return the place of one of the best, in parentheses if it was judged at an earlier rung."""
    return str(place) if judged.whole(row) else f"({place})"


def _captions(
    snapshot: Snapshot, leading: Sequence[TrialRow], others: Sequence[TrialRow]
) -> list[str]:
    """Return what the lines are, of what there is."""
    earlier = []
    if any(map(judged.cut_short, others)):
        earlier.append("faint")
    if any(map(judged.cut_short, leading)):
        earlier.append("number in parentheses" if earlier else "faint, number in parentheses")
    rows = snapshot.trials
    gaps = any(row.settings.get(one.name) is None for row in rows for one in snapshot.dimensions)
    found = [
        "  ".join(f"{_sign(at, row)}: {snapshot.title(row)}" for at, row in enumerate(leading, 1)),
        f"grey: the other trials {judged.WHOLE}" if any(map(judged.whole, others)) else "",
        f"{', '.join(earlier)}: {judged.EARLIER}" if earlier else "",
        judged.NO_ACCURACY if any(row.mean is None for row in rows) else "",
        judged.GAP if gaps else "",
        judged.means(snapshot.ranked),
    ]
    return list(filter(None, found))


def _percents(scale: tuple[float, float]) -> list[Place]:
    low, high = scale
    values = [float(v) for v in MaxNLocator(5).tick_values(100 * low, 100 * high)]
    return [
        ((value / 100 - low) / (high - low), f"{value:g}")
        for value in values
        if low <= value / 100 <= high
    ]


def _lines(axes: Axes, lines: Sequence[Sequence[float]], alpha: float) -> None:
    """Draw many lines at once, each broken where it has no place."""
    found = []
    for line in lines:
        points = np.column_stack([np.arange(len(line)), np.asarray(line, float)])
        # A gap of one axis parts a line in two.
        parts = np.split(points, np.flatnonzero(~np.isfinite(points[:, 1])))
        found += [part[np.isfinite(part[:, 1])] for part in parts]
    kept = [part for part in found if len(part) > 1]
    axes.add_collection(
        LineCollection(
            kept, colors=GREY, linewidths=0.6, alpha=alpha, zorder=1, rasterized=len(kept) > MANY
        )
    )


def _ends(axes: Axes, heights: Sequence[float], signs: Sequence[str], at: int) -> None:
    """Write the places of the best trials behind the last axis, none over another."""
    order = sorted(
        (slot for slot, y in enumerate(heights) if isfinite(y)), key=lambda s: heights[s]
    )
    free = -1.0
    shifted = {}
    for slot in order:
        shifted[slot] = max(heights[slot], free + APART)
        free = shifted[slot]
    # As much below as above, or the upper ones would leave the figure.
    over = max(0.0, free - 1.02)
    for slot in order:
        y = shifted[slot] - over
        colour = COLOURS[slot % len(COLOURS)]
        axes.plot([at, at + 0.16], [heights[slot], y], color=colour, linewidth=0.7, zorder=3)
        axes.text(at + 0.2, y, signs[slot], fontsize=SMALL_TYPE, color=colour, va="center",
                  fontweight="bold")  # fmt: skip


def _axis(axes: Axes, at: int, name: str, marks: Sequence[Place]) -> None:
    axes.plot([at, at], [0, 1], color=INK, linewidth=0.8, zorder=2)
    for y, words in marks:
        axes.plot([at - 0.025, at], [y, y], color=INK, linewidth=0.6, zorder=2)
        axes.text(
            at - 0.045, y, words, fontsize=SMALL_TYPE - 1, color=INK, ha="right", va="center",
            zorder=4, parse_math=False,
            # The lines that pass behind a label stay visible.
            bbox={"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 1.0},
        )  # fmt: skip
    axes.text(at, 1.055, name, fontsize=SMALL_TYPE, color=INK, ha="center", va="bottom",
              fontweight="bold", parse_math=False)  # fmt: skip
