"""The health of a training, as the commands show it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tui.cli import say

if TYPE_CHECKING:
    from core.training.health_thresholds import HealthThresholds
    from core.training.health_warnings import HealthWarning
    from core.training.history import History


def thresholds(changes: Sequence[str] | None) -> "HealthThresholds":
    """Return the thresholds of the user's file, changed by options such as `silent=0.6`.

    Raises:
        SettingError: if one is invalid.
    """
    from core.training.health_thresholds import HealthThresholds

    chosen = HealthThresholds.read()
    for change in changes or ():
        chosen = chosen.assign(change)
    return chosen


def print_warnings(warnings: "Sequence[HealthWarning]") -> None:
    """Print each warning in one line, and where to read about it."""
    for warning in warnings:
        say.line(f"warning: {warning.sentence()}", "yellow")
    for url in dict.fromkeys(warning.source.url for warning in warnings):
        say.line(f"  see {url}", "dim")


def as_json(warnings: "Sequence[HealthWarning]") -> list[dict[str, Any]]:
    """Return warnings as JSON values."""
    return [
        {
            "text": warning.text,
            "evidence": warning.evidence or None,
            "quantity": warning.quantity,
            "since": warning.since,
            "threshold": warning.threshold,
            "limit": warning.limit,
            "source": warning.source.title,
            "url": warning.source.url,
        }
        for warning in warnings
    ]


def latest(history: "History") -> dict[str, Any] | None:
    """Return the latest row of the health record as JSON values; None if nothing is recorded."""
    if not len(history.health):
        return None
    row: dict[str, Any] = {"update": int(history.health.last("update"))}
    values = history.health.points()[1:, -1].tolist()
    for name, value in zip(history.health.columns[1:], values, strict=True):
        owner, _, quantity = name.partition("/")
        row.setdefault(owner, {})[quantity] = value
    return row
