"""The keys of the Train pane."""

from textual.binding import BindingType

from tui.keymap.bindings import bind
from tui.widgets.cursor_keys import CURSOR_KEYS

TRAIN_KEYS: list[BindingType] = [
    bind("view", "next_chart", "Chart", "Show the next chart: loss, accuracy, learning rate",
         show=True),
    bind("freeze", "freeze", "Freeze", "Hold the curves while the training runs on, or catch up",
         show=True),
    bind("open", "edit", "Edit", "Change rates, cycles, lambda, smoothing or clip norm while it "
         "trains", show=True),
    bind("resume", "resume", "Resume", "Resume the run that is shown, to the bit", show=True),
    # Bound twice: during a training, the footer has no room for it.
    bind("export", "export(False)", "Export", "Write the figures as files", show=True),
    bind("export", "export(True)", "Export", "Write the figures of the run so far as files"),
    bind("rename", "rename", "Rename", "Give the run that is shown another name"),
    bind("log_scale", "log_scale", "Log scale", "Draw the loss on a logarithmic axis, or a linear "
         "one"),
    bind("up", "scroll_log(-1)", "Earlier", "Scroll back in what happened"),
    bind("down", "scroll_log(1)", "Later", "Scroll on in what happened"),
    *CURSOR_KEYS,
]  # fmt: skip
