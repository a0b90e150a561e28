"""Whether a widget can be seen, asked several times a second by what is redrawn by a timer."""

from textual.widget import Widget


def seen(widget: Widget) -> bool:
    """Return whether a widget, such as a pane that another may have replaced, is on the screen."""
    # Textual alone would take a millisecond to find out that a hidden one is not.
    return bool(widget.display) and widget.is_on_screen
