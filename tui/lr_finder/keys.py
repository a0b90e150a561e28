"""The keys of the learning-rate range test."""

from textual.binding import BindingType

from tui.keymap.bindings import bind

RANGE_KEYS: list[BindingType] = [
    bind("take", "take_over", "Take over", "Let Configure have the suggested rates; {undo} takes "
         "it back there", show=True),
    bind("start", "start", "Measure", "Begin the test anew", show=True),
    bind("stop", "stop", "Stop", "End the test; the curve stays", show=True),
    bind("export", "export", "Export", "Write the curve as a picture", show=True),
    bind("undo", "undo", "Undo", "Take the last change of a setting back"),
    bind("redo", "redo", "Redo"),
]  # fmt: skip

SCREEN_KEYS: list[BindingType] = [
    bind("close", "close", "Close", "Go back to Configure", show=True),
    bind("quit", "close", "Close", "Go back to Configure"),
    bind("help", "app.help", "Keys"),
    bind("guide", "app.guide", "Guide"),
]
