"""Labels of settings in as many columns as there are, for headings and axes."""

from collections.abc import Iterable

from core.format import cut
from core.sweeps.analysis.labels import label

WIDEST = 16
"""Columns of the longest label in Configure."""


def brief(name: str, width: int = WIDEST) -> str:
    """Return the label of a setting in at most `width` columns; of a path the end.

    Args:
        name: name of a setting, such as `eta_max` or `architecture.3.units`, or of the accuracy.
        width: columns.
    """
    whole = label(name)
    parts = whole.split(".")
    return cut(whole if len(parts) < 3 else ".".join(parts[-2:]), width)


def listed(names: Iterable[str]) -> str:
    """Return labels in a line; some have a comma in them."""
    return " · ".join(map(label, names))
