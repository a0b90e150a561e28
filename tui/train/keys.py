"""The keys of the Train pane."""

from textual.binding import BindingType

from tui.keymap.bindings import bind
from tui.widgets.cursor_keys import CURSOR_KEYS, FAR

TRAIN_KEYS: list[BindingType] = [
    bind("view", "next_chart", "View", "Show the next view: loss, accuracy, learning rate, or the "
         "health of the layers", show=True),
    bind("warnings", "warnings", "Warnings", "List what is wrong with the training, and go to "
         "where it is seen", show=True),
    bind("freeze", "freeze", "Freeze", "Hold the curves while the training runs on, or catch up",
         show=True),
    bind("open", "edit", "Edit", "Change rates, cycles, lambda, smoothing or clip norm while it "
         "trains", show=True),
    bind("resume", "resume", "Resume", "Resume the run that is shown, to the bit", show=True),
    # Bound twice: during a training, the footer has no room for it.
    bind("export", "export(False)", "Export", "Write the figures as files", show=True),
    bind("export", "export(True)", "Export", "Write the figures of the run so far as files"),
    bind("rename", "rename", "Rename", "Give the run that is shown another name"),
    bind("inside", "look_inside", "Look inside", "Show the last weights of the run in Explain, "
         "value by value"),
    bind("log_scale", "log_scale", "Log scale", "Draw the loss on a logarithmic axis, or a linear "
         "one"),
    bind("up", "scroll_log(-1)", "Earlier", "Scroll back in what happened"),
    bind("down", "scroll_log(1)", "Later", "Scroll on in what happened"),
    # These also while the strip has the arrows.
    bind("scroll_up", "scroll_log(-1)", "Earlier", "Scroll back in what happened"),
    bind("scroll_down", "scroll_log(1)", "Later", "Scroll on in what happened"),
    *CURSOR_KEYS,
]  # fmt: skip

STRIP_KEYS: list[BindingType] = [
    bind("quantity", "next_quantity", "Quantity", "Show the next quantity: ratio of update to "
         "weight, norms, units that never fire, mean, deviation", show=True),
    bind("open", "explain", "Explain", "Show the layer under the cursor in Explain, value by value",
         show=True),
    bind("explain", "explain", "Explain", "Show the layer under the cursor in Explain"),
    bind("up", "move(-1, 0)", "Up", "Read the layer above"),
    bind("down", "move(1, 0)", "Down", "Read the layer below"),
    bind("left", "move(0, -1)", "Read back", "Read the update before"),
    bind("right", "move(0, 1)", "Read on", "Read the next update"),
    bind("far_left", f"move(0, {-FAR})", "Read back", "Read ten columns further left"),
    bind("far_right", f"move(0, {FAR})", "Read on", "Read ten columns further right"),
    bind("first", "move(0, -100000)", "First", "Read the first update"),
    bind("last", "move(0, 100000)", "Last", "Read the latest update"),
    bind("close", "leave", "Read no more", "Take the cursor off the strip"),
]  # fmt: skip
