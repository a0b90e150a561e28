"""The chart of the curves of trials: of the best, and of those alive."""

from collections.abc import Sequence

import numpy as np
from textual.content import Content

from core.runs import compare
from core.runs.compare import Compared
from core.runs.studies.records import TrialState
from core.sweeps.analysis import judged
from core.sweeps.analysis.snapshot import Snapshot, TrialRow
from tui.sweeps.book import CURVES
from tui.widgets.chart import Chart
from tui.widgets.digits import DIGITS, colours
from tui.widgets.picture import Curve, Picture

MUTED = "$text-muted"

MOST_RUNGS = 8
"""Vertical lines that are drawn at most: batches of other sizes have rungs at other updates."""


class TrialCurves(Chart):
    """Validation accuracies of trials over updates, with the rungs as vertical lines."""

    def __init__(self, id: str) -> None:
        super().__init__("Curves of the best and of those that run", "percent", id)

    def show_trials(
        self,
        snapshot: Snapshot,
        best: Sequence[TrialRow],
        alive: Sequence[TrialRow],
        compared: Sequence[Compared] = (),
    ) -> None:
        """Show curves; of a trial without points that were read, what it told at its rungs.

        Args:
            snapshot: the study.
            best: the best trials, which keep their digits.
            alive: trials that run.
            compared: runs with their points.
        """
        points = {each.run.number: each for each in compared}
        found = [
            _curve(snapshot, row, points, DIGITS[slot], colours(self.app)[slot])
            for slot, row in enumerate(best)
        ]
        keys = {row.key for row in best}
        others = [row for row in alive if row.key not in keys][: max(0, CURVES - len(best))]
        found += [_curve(snapshot, row, points, "", "") for row in others]
        curves = tuple(curve for curve in found if len(curve.x))
        last = max((float(curve.x[-1]) for curve in curves), default=1.0)
        rungs = sorted({tell.update for tell in snapshot.tells if tell.update <= last})
        if len(rungs) > MOST_RUNGS or not compared or not judged.has_rungs(snapshot):
            rungs = []  # points that are told stand at the rungs, which would hide their signs
        seed = " (first seeds)" if snapshot.several else ""
        self.entitle(
            f"Validation accuracy of the best{seed} and of those that run",
            f"Validation accuracy{seed}",
            "Validation",
        )
        self.show_anew(
            Picture(
                curves, last, "no trial has an accuracy yet", tuple(map(float, rungs)),
                meaning="rung",
            )
        )  # fmt: skip

    def legend(self, curves: Sequence[Curve], picture: Picture) -> Content:
        """Return the digits of the best with their trials, then what the other lines are."""
        best = [curve for curve in curves if curve.marker]
        rest = [Content.styled("· · run", MUTED)] if len(best) < len(curves) else []
        rest += [Content.styled("│ rung", MUTED)] if picture.marks else []
        return named(best, rest, self.content_size.width - 4)


def named(best: Sequence[Curve], rest: Sequence[Content], width: int) -> Content:
    """Return a legend in at most `width` columns; it says how many trials do not fit.

    Args:
        best: the curves with digits.
        rest: signs of everything else, with what they mean.
        width: columns.
    """
    for words, gap in ((" trial ", 3), (" trial ", 2), (":", 2), (":", 1)):
        trials = [
            Content.assemble((curve.marker, f"bold {curve.colour}"), words, curve.short)
            for curve in best
        ]
        line = Content(" " * gap).join([*trials, *rest])
        if line.cell_length <= width:
            return line
    for shown in range(len(trials) - 1, 0, -1):
        more = Content(f"+{len(trials) - shown}")
        line = Content(" ").join([*trials[:shown], more, *rest])
        if line.cell_length <= width:
            return line
    return Content(" ").join(rest).truncate(max(0, width), ellipsis=True)


def alive(snapshot: Snapshot) -> list[TrialRow]:
    """Return the trials that run, those furthest first."""
    running = [row for row in snapshot.rows if row.state is TrialState.RUNNING]
    return sorted(running, key=lambda row: (-row.updates, row.key))


def _curve(
    snapshot: Snapshot, row: TrialRow, points: dict[int, Compared], digit: str, colour: str
) -> Curve:
    name = snapshot.title(row)
    if row.run in points:
        [line] = compare.curves([points[row.run]], "validation_accuracy")
        if len(line.x):
            return _made(name, row, line.x, 100 * line.y, digit, colour)
    told = [tell for tell in snapshot.told(row) if tell.accuracy is not None]
    x = np.array([tell.update for tell in told], float)
    y = np.array([100 * (tell.accuracy or 0.0) for tell in told], float)
    return _made(name, row, x, y, digit, colour)


def _made(name: str, row: TrialRow, x: np.ndarray, y: np.ndarray, digit: str, colour: str) -> Curve:
    role = "training" if digit else "former"
    return Curve(name, x, y, role, str(row.number), colour, digit)  # type: ignore[arg-type]
