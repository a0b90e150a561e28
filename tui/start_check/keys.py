"""The keys of the check before a training."""

from textual.binding import BindingType

from tui.keymap.bindings import bind

START_CHECK_KEYS: list[BindingType] = [
    bind("start", "start", "Check again", "Begin the check anew", show=True),
    bind("stop", "stop", "Stop", "End the check; what it has found stays", show=True),
    bind("close", "close", "Close", "Go back to Configure", show=True),
    bind("quit", "close", "Close", "Go back to Configure"),
    bind("help", "app.help", "Keys", show=True),
    bind("guide", "app.guide", "Guide"),
]
