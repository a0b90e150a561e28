"""The digits and colours that tell curves apart, where there are up to ten."""

from typing import Any

from textual.app import App

DIGITS = "1234567890"
"""Signs of the marked runs or best trials, and of their curves."""

ON_DARK = (
    "#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#d55e00",
    "#8c7ae6", "#b8a600", "#7fb3b3", "#c0705a", "#9a9a9a",
)  # fmt: skip
ON_LIGHT = (
    "#0b6aa2", "#9a5f00", "#00664b", "#9a3d72", "#a33f00",
    "#5a46b8", "#6b6000", "#2f6a6a", "#803d2b", "#555555",
)  # fmt: skip


def colours(app: App[Any]) -> tuple[str, ...]:
    """Return the colours that go with the digits in the present theme."""
    return ON_DARK if app.current_theme.dark else ON_LIGHT
