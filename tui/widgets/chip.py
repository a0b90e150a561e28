"""A key in a text, drawn like a key cap; a click on it presses the key."""

from textual.content import Content
from textual.style import Style

from tui.keymap.keys import key, keys_of


def chip(verb: str, style: str = "bold reverse") -> Content:
    """Return the first key of a verb between blanks."""
    pressed = Style.from_meta({"@click": f"app.press({keys_of(verb)[0]!r})"})
    return Content.styled(f" {key(verb)} ", style).stylize(pressed)
