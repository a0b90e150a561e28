"""The curves of the trials of a study: their accuracies on the validation images."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from core import format as fmt
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
from core.runs import compare
from core.runs.compare import Compared
from core.sweeps.analysis import judged
from core.sweeps.analysis.snapshot import Snapshot, TrialRow

MANY = 400
"""Curves from which they are drawn as pixels, since a file of lines would be large and slow."""

Points = npt.NDArray[np.float64]


FIRST = "curves: first seed; with (n seeds): their mean at the end"
"""Caption where trials have several seeds."""


def figure(snapshot: Snapshot, best: int = 5, runs: Sequence[Compared] = ()) -> Figure:
    """Draw the accuracies of every trial over its updates, the best ones in colour.

    A trial with several seeds is drawn with the first. Dotted vertical lines are the rungs, where a
    study has any. A cross ends the curve of a trial that diverged.

    Args:
        snapshot: the study.
        best: how many trials are in colour.
        runs: runs of trials with their points; of a trial without, what it told at its rungs.
    """
    recorded = {
        each.run.number: (each.x, 100 * each.y)
        for each in compare.curves(runs, "validation_accuracy")
        if len(each.x)
    }
    drawn, axes = page(f"Curves of {snapshot.study.name}", "validation accuracy (%)")
    leading = snapshot.ranked[:best]
    keys = {row.key for row in leading}
    rungs = {tell.update for tell in snapshot.tells} if judged.has_rungs(snapshot) else set()
    for update in sorted(rungs):
        axes.axvline(update, color=GREY, linewidth=0.6, linestyle=(0, (1, 2)), zorder=0.5)
    shown = []
    for row in snapshot.trials:
        x, y = _points(snapshot, row, recorded)
        shown.append(y)
        if row.key not in keys and len(x):
            alone = "." if len(x) == 1 else ""
            axes.plot(x, y, color=GREY, linewidth=0.6, alpha=0.4, zorder=1, marker=alone,
                      markersize=1.6, rasterized=len(snapshot.trials) > MANY)  # fmt: skip
    for slot, row in enumerate(leading):
        x, y = _points(snapshot, row, recorded)
        line(axes, x, y, str(slot), MARKERS[slot % len(MARKERS)], linewidth=1.2, zorder=3,
             color=COLOURS[slot % len(COLOURS)], dashes=DASHES[slot % len(DASHES)])  # fmt: skip
    diverged = [row for row in snapshot.trials if _cross(axes, snapshot, row)]
    fit(axes, shown, [])
    axes.set_xlim(left=0)
    handles, slots = axes.get_legend_handles_labels()
    if handles:
        legend = drawn.legend(
            handles, slots, loc="outside lower left", ncols=2, fontsize=SMALL_TYPE, frameon=False,
            labelcolor=INK, handlelength=3, borderaxespad=0.2, borderpad=0.2, labelspacing=0.35,
        )  # fmt: skip
        name_in_legend(legend, [words(snapshot, leading[int(slot)]) for slot in slots])
        signs = [
            "grey: the other trials" if len(snapshot.trials) > len(leading) else "",
            "dotted: rungs" if rungs else "",
            "cross: diverged" if diverged else "",
        ]
        captions = ["; ".join(filter(None, signs)), FIRST if snapshot.several else ""]
        legend.set_title("\n".join(filter(None, captions)), FontProperties(size=SMALL_TYPE))
        legend.set_alignment("left")
    return drawn


def words(snapshot: Snapshot, row: TrialRow) -> str:
    """Return a trial with the accuracy that it is judged by, for a legend."""
    of = f" ({row.seeds} seeds)" if row.seeds > 1 else ""
    if judged.cut_short(row):
        of = f" (rung {row.rung})"
    return f"{snapshot.title(row)}, {fmt.percent(row.mean or 0.0)}{of}"


def _points(
    snapshot: Snapshot, row: TrialRow, recorded: Mapping[int, tuple[Points, Points]]
) -> tuple[Points, Points]:
    """Return updates and accuracies, in per cent: those of its run, else those that it told."""
    if row.run is not None and row.run in recorded:
        return recorded[row.run]
    told = [tell for tell in snapshot.told(row) if tell.accuracy is not None]
    x = np.array([tell.update for tell in told], float)
    return x, np.array([100 * (tell.accuracy or 0) for tell in told], float)


def _cross(axes: Axes, snapshot: Snapshot, row: TrialRow) -> bool:
    """Mark where a trial diverged; return whether it did."""
    told = snapshot.told(row)
    if not told or told[-1].accuracy is not None:
        return False
    axes.plot([told[-1].update], [0.02], "x", color=GREY, markersize=3.5, markeredgewidth=0.9,
              transform=axes.get_xaxis_transform(), clip_on=False)  # fmt: skip
    return True
