"""The keys of the cursor with which charts are read, for panes and for charts with the focus."""

from textual.binding import BindingType

from tui.keymap.bindings import bind

FAR = 10
"""Columns of a long step."""

HOW = "{left} {right} go along the curve, with Shift by ten columns; {close} leaves it"

CURSOR_KEYS: list[BindingType] = [
    bind("left", "cursor(-1)", "Read back", "Read the values one column further left"),
    bind("right", "cursor(1)", "Read on", "Read the values one column further right"),
    bind("far_left", f"cursor({-FAR})", "Read back", "Read the values ten columns further left"),
    bind("far_right", f"cursor({FAR})", "Read on", "Read the values ten columns further right"),
    bind("close", "leave_cursor", "Read no more", "Take the cursor off the curves"),
]
"""Bindings to `action_cursor` and `action_leave_cursor`."""
