"""The curves of the trials of a study: the accuracy that each told at its rungs."""

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from core.figures.curve_styles import COLOURS, DASHES, MARKERS
from core.figures.page import (
    GREY,
    INK,
    SMALL_TYPE,
    fit,
    line,
    name_in_legend,
    page,
)
from core.sweeps.snapshot import Snapshot, TrialRow

Points = npt.NDArray[np.float64]


def figure(snapshot: Snapshot, best: int = 5) -> Figure:
    """Draw what every trial told over its updates, the best ones in colour.

    Dotted vertical lines are the rungs. A cross ends the curve of a trial that diverged.

    Args:
        snapshot: the study.
        best: how many trials are in colour.
    """
    drawn, axes = page(f"Curves of {snapshot.study.name}", "validation accuracy (%)")
    leading = snapshot.ranked[:best]
    keys = {row.key for row in leading}
    for update in sorted({tell.update for tell in snapshot.tells}):
        axes.axvline(update, color=GREY, linewidth=0.6, linestyle=(0, (1, 2)), zorder=0.5)
    shown = []
    for row in snapshot.rows:
        x, y = _points(snapshot, row)
        shown.append(y)
        if row.key not in keys and len(x):
            axes.plot(x, y, color=GREY, linewidth=0.6, alpha=0.4, zorder=1, marker=".",
                      markersize=1.6, rasterized=len(snapshot.rows) > 400)  # fmt: skip
    for slot, row in enumerate(leading):
        x, y = _points(snapshot, row)
        line(axes, x, y, str(slot), MARKERS[slot % len(MARKERS)], linewidth=1.2, zorder=3,
             color=COLOURS[slot % len(COLOURS)], dashes=DASHES[slot % len(DASHES)])  # fmt: skip
    for row in snapshot.rows:
        _cross(axes, snapshot, row)
    fit(axes, shown, [])
    axes.set_xlim(left=0)
    handles, slots = axes.get_legend_handles_labels()
    if handles:
        legend = drawn.legend(
            handles, slots, loc="outside lower left", ncols=2, fontsize=SMALL_TYPE, frameon=False,
            labelcolor=INK, handlelength=3, borderaxespad=0.2, borderpad=0.2, labelspacing=0.35,
        )  # fmt: skip
        name_in_legend(legend, [_words(snapshot, leading[int(slot)]) for slot in slots])
    return drawn


def _words(snapshot: Snapshot, row: TrialRow) -> str:
    return f"{snapshot.title(row)}, {100 * (row.best or 0):.1f} %"


def _points(snapshot: Snapshot, row: TrialRow) -> tuple[Points, Points]:
    """Return the updates and accuracies, in per cent, that a trial told."""
    told = [tell for tell in snapshot.told(row) if tell.accuracy is not None]
    x = np.array([tell.update for tell in told], float)
    return x, np.array([100 * (tell.accuracy or 0) for tell in told], float)


def _cross(axes: Axes, snapshot: Snapshot, row: TrialRow) -> None:
    told = snapshot.told(row)
    if told and told[-1].accuracy is None:
        axes.plot([told[-1].update], [0.02], "x", color=GREY, markersize=3.5, markeredgewidth=0.9,
                  transform=axes.get_xaxis_transform(), clip_on=False)  # fmt: skip
