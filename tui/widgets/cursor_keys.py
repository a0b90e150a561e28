"""The keys of the cursor with which charts are read, for panes and for charts with the focus."""

from textual.binding import Binding, BindingType

FAR = 10
"""Columns of a long step."""

HOW = "← → go along the curve, with Shift by ten columns; Esc leaves it"


def cursor_keys(area: str) -> list[BindingType]:
    """Return the bindings to `action_cursor` and `action_leave_cursor`.

    Args:
        area: first part of their ids.
    """
    ways = (
        ("left", -1, "one column"),
        ("right", 1, "one column"),
        ("shift+left", -FAR, "ten columns"),
        ("shift+right", FAR, "ten columns"),
    )
    return [
        *(
            Binding(
                key,
                f"cursor({columns})",
                f"Read {'back' if columns < 0 else 'on'}",
                show=False,
                id=f"{area}.cursor_{'far_' if abs(columns) == FAR else ''}{key.split('+')[-1]}",
                tooltip=f"Read the values {step} further {key.split('+')[-1]}",
            )
            for key, columns, step in ways
        ),
        Binding(
            "escape",
            "leave_cursor",
            "Read no more",
            show=False,
            id=f"{area}.cursor_leave",
            tooltip="Take the cursor off the curves",
        ),
    ]
