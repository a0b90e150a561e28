"""The keys of the Gradients pane and of the screen of one tensor."""

from textual.binding import BindingType

from tui.keymap.bindings import bind

GRADIENT_KEYS: list[BindingType] = [
    bind("start", "start", "Check", "Check every gradient of what Configure shows; {stop} cancels",
         show=True),
    bind("break", "break", "Break", "Scale the gradient of this tensor by 1.001 and check again; "
         "once more restores it", show=True),
    bind("sort", "sort", "Sort", "Sort by the next column", show=True),
    bind("reverse", "reverse", "Reverse", "Turn the order round"),
    bind("export", "export", "Export", "Write the report as a table, a page and a picture",
         show=True),
    bind("undo", "undo", "Undo", "Take the last change of a setting back"),
    bind("redo", "redo", "Redo"),
]  # fmt: skip

TABLE_KEYS: list[BindingType] = [
    bind("open", "open", "Detail", "Show how the errors of this tensor are spread, and its worst "
         "entries", show=True),
]  # fmt: skip

TENSOR_KEYS: list[BindingType] = [
    bind(verb, "dismiss", "Close", "Go back to the table", show=verb == "close")
    for verb in ("close", "quit", "open")
]
