"""The keys of the Configure pane, its boxes and its dialogs."""

from textual.binding import BindingType

from tui.keymap.bindings import bind

CONFIGURE_KEYS: list[BindingType] = [
    bind("undo", "undo", "Undo", show=True),
    bind("redo", "redo", "Redo"),
    bind("find_rates", "find_rates", "Find rates", "Measure between which learning rates the loss "
         "falls, and take them over", show=True),
    bind("check", "check", "Check", "Tell in a few seconds whether this network can learn: input, "
         "first loss, 20 images by heart"),
]  # fmt: skip

PRESET_KEYS: list[BindingType] = [
    bind("open", "open", "Load", "Load this preset afresh; {undo} brings back what it replaces",
         show=True),
]  # fmt: skip

LAYER_KEYS: list[BindingType] = [
    bind("add", "request('add')", "Add", "Add a layer below", show=True),
    bind("delete", "request('delete')", "Delete", "Delete this layer"),
    bind("move_up", "request('up')", "Move up", "Move this layer up"),
    bind("move_down", "request('down')", "Move down", "Move this layer down"),
    bind("open", "open", "Edit", "Change this layer's own numbers", show=True),
    bind("reset_all", "request('reset')", "Preset's layers", "Give the network the preset's layers "
         "again"),
]  # fmt: skip

EDITOR_KEYS: list[BindingType] = [
    bind("close", "dismiss", "Close", "Go back to the layers", show=True),
    bind("quit", "dismiss", "Close", "Go back to the layers"),
    bind("undo", "undo", "Undo", show=True),
    bind("redo", "redo", "Redo"),
]

CHOOSER_KEYS: list[BindingType] = [
    bind("close", "dismiss", "Close", "Add nothing", show=True),
    bind("quit", "dismiss", "Close", "Add nothing"),
]

KIND_KEYS: list[BindingType] = [
    bind("open", "open", "Add", "Add a layer of this kind", show=True),
]
