"""How much a setting matters in a study: the part of the differences that it explains."""

from typing import NamedTuple


class Share(NamedTuple):
    """The importance of one setting, with its interval."""

    name: str
    value: float
    """Part of the variance between trials, from 0 to 1."""
    low: float
    high: float
