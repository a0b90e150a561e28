"""The learning rate over a run, as a curve of a chart."""

import numpy as np

from core.optim.schedule import Schedule
from tui.widgets.picture import Curve


def points(schedule: Schedule, updates: int, since: int = 0) -> tuple[list[int], list[float]]:
    """Return the updates between which the rate is linear, and the rate at each.

    Args:
        schedule: the schedule.
        updates: number of updates of the run, which may end before the schedule.
        since: the first update that is wanted, counted from 0.
    """
    last = max(since, updates - 1)
    at = [since, *(corner for corner in schedule.corners if since < corner < last), last]
    at = at if since < last else [last]
    return at, [schedule.rate(update) for update in at]


def curve(
    schedule: Schedule,
    updates: int,
    name: str,
    *,
    short: str = "",
    since: int = 0,
    former: bool = False,
) -> Curve:
    """Return the curve of a schedule over the updates counted from 1, as in a training.

    Args:
        schedule: the schedule.
        updates: number of updates of the run.
        name: name of the curve.
        short: a shorter name.
        since: number of updates before its start.
        former: whether it no longer applies.
    """
    at, rates = points(schedule, updates, since)
    return Curve(
        name,
        np.asarray(at, float) + 1,
        np.asarray(rates),
        "former" if former else "training",
        short=short,
        exact=lambda update: schedule.rate(update - 1),
    )
