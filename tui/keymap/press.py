"""Keys pressed by the mouse."""

from typing import Any

from textual.app import App
from textual.events import Key


def press(app: App[Any], key: str) -> None:
    """Press a key, as if it had come from the keyboard.

    Not `App.simulate_key`, whose events end at the widget that asked for them if they pass it.
    """
    event = Key(key, None)
    event.set_sender(app)
    app.post_message(event)
