"""The keys of a training, which work in every pane, and those of the Train pane."""

from textual.binding import Binding, BindingType

from tui.widgets.cursor_keys import cursor_keys

TRAINING_KEYS: list[BindingType] = [
    Binding("s", "start", "Start", id="app.start", tooltip="Train what Configure shows"),
    Binding(
        "p",
        "pause",
        "Pause",
        id="app.pause",
        tooltip="Let the training wait before its next update",
    ),
    Binding("p", "resume", "Go on", id="app.resume", tooltip="Let the training go on"),
    Binding(
        "x",
        "stop",
        "Stop",
        id="app.stop",
        tooltip="End what runs; a training is saved as far as it came",
    ),
]

TRAIN_KEYS: list[BindingType] = [
    Binding(
        "c",
        "next_chart",
        "Chart",
        id="train.chart",
        tooltip="Show the next chart: loss, accuracy, learning rate",
    ),
    Binding(
        "f",
        "freeze",
        "Freeze",
        id="train.freeze",
        tooltip="Hold the curves while the training runs on, or catch up",
    ),
    Binding(
        "enter",
        "edit",
        "Edit",
        id="train.edit",
        tooltip="Change rates, cycles, lambda, smoothing or clip norm while it trains",
    ),
    # Bound twice: during a training, the footer has no room for it.
    Binding(
        "e",
        "export(False)",
        "Export",
        id="train.export",
        tooltip="Write the figures as PNG files",
    ),
    Binding(
        "e",
        "export(True)",
        "Export",
        show=False,
        id="train.export_running",
        tooltip="Write the figures of the run so far as PNG files",
    ),
    Binding(
        "l",
        "log_scale",
        "Log scale",
        show=False,
        id="train.log_scale",
        tooltip="Draw the loss on a logarithmic axis, or a linear one",
    ),
    Binding(
        "up,k",
        "scroll_log(-1)",
        "Earlier",
        show=False,
        id="train.log_up",
        tooltip="Scroll back in what happened",
    ),
    Binding(
        "down,j",
        "scroll_log(1)",
        "Later",
        show=False,
        id="train.log_down",
        tooltip="Scroll on in what happened",
    ),
    *cursor_keys("train"),
]
