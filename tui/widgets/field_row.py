"""The line of one setting in a list."""

from rich.cells import cell_len
from textual.content import Content

from core.settings import Setting, Value
from tui.widgets.row_list import CURSOR, DIM

STEP_DOWN, STEP_UP = "◂", "▸"
"""Signs beside the value under the cursor; a click on one steps it."""

UNIT_WIDTH = 7
"""Columns for the unit, as wide as `updates`."""


def heading(group: str, width: int) -> Content:
    """Return the heading of a group of settings."""
    rule = "─" * max(0, width - len(group) - 1)
    return Content.assemble((group, "bold"), (f" {rule}", "$foreground 25%"))


def field_row(
    setting: Setting,
    value: Value,
    width: int,
    *,
    changed: bool,
    marked: bool,
    idle: bool,
    wrong: bool,
    typed: bool,
) -> Content:
    """Return the line of a setting: label, value and unit, with values right-aligned.

    Args:
        setting: the setting.
        value: its value.
        width: columns of the line.
        changed: whether the value differs from its base value.
        marked: whether the row has the cursor and the list has the focus.
        idle: whether the setting has no effect at the moment.
        wrong: whether the value that was last requested was refused.
        typed: whether the input covers the value.
    """
    shown = "" if typed else setting.show(value)
    opening, closing = (STEP_DOWN, STEP_UP) if marked else (" ", " ")
    unit = "✗" if wrong else "" if typed else "unused" if idle else setting.unit
    side = ">" if typed else "<"
    right = f" {opening} {shown} {closing} {unit:{side}{UNIT_WIDTH}}"
    room = max(0, width - cell_len(right) - 2)
    label = f"{'•' if changed else ' '} {setting.label[:room]:<{room}}"
    style = CURSOR if marked else DIM if idle else "$foreground"
    return Content.styled(label + right, style).truncate(width)
