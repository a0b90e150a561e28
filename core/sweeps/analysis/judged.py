"""What the accuracies of a study are, in words: of whole trainings, at rungs, means of seeds."""

from collections.abc import Iterable, Sequence

from core import format as fmt
from core.settings import listed
from core.sweeps.analysis.snapshot import Snapshot, TrialRow

NAMED = 6
"""Trials that are named one by one, at most."""

EARLIER = "judged at an earlier rung"
WHOLE = "trained to the end"
SPREAD = "spread sideways for reading"
"""Of the points of a choice, which would otherwise hide each other."""

GAP = "a gap in a line: the setting does not exist for its trial"
NO_ACCURACY = "up to the axis before the last: no accuracy"


def has_rungs(snapshot: Snapshot) -> bool:
    """Return whether trials of a study are judged before their end."""
    return snapshot.pruning != "none"


def whole(row: TrialRow) -> bool:
    """Return whether a trial is judged by the end of its training."""
    return row.seeds > 0


def cut_short(row: TrialRow) -> bool:
    """Return whether a trial is judged by an earlier rung."""
    return row.mean is not None and not row.seeds


def means(rows: Iterable[TrialRow]) -> str:
    """Return which trials stand at the mean of several seeds; empty if none does."""
    numbers = [str(number) for number in sorted(row.number for row in rows if row.seeds > 1)]
    if not numbers:
        return ""
    more = len(numbers) - NAMED
    named = (*numbers[:NAMED], f"{more} more") if more > 0 else tuple(numbers)
    return f"at the mean of several seeds: trial{'s' * (len(numbers) > 1)} {listed(named)}"


def left_out(rows: Sequence[TrialRow], name: str) -> str:
    """Return how many trials a picture of one setting cannot show, and why; empty if none.

    Args:
        rows: a row for each trial that could be shown.
        name: the setting.
    """
    lacking = sum(row.settings.get(name) is None for row in rows)
    unjudged = sum(row.mean is None and row.settings.get(name) is not None for row in rows)
    parts = []
    if lacking:
        parts.append(f"{fmt.counted(lacking, 'trial')} for which the setting does not exist")
    if unjudged:
        parts.append(f"{fmt.counted(unjudged, 'trial')} without an accuracy")
    return f"not shown: {', '.join(parts)}" if parts else ""
