"""The keys of the Runs pane."""

from textual.binding import Binding, BindingType

from tui.widgets.cursor_keys import cursor_keys

RUN_KEYS: list[BindingType] = [
    Binding("space", "mark", "Mark", id="runs.mark", tooltip="Lay this run beside others, or not"),
    Binding(
        "enter",
        "open",
        "Open",
        show=False,
        id="runs.open",
        tooltip="Show the curves in the Train pane",
    ),
    Binding("r", "resume", "Resume", id="runs.resume", tooltip="Go on with this run, to the bit"),
    Binding(
        "slash",
        "filter",
        "Filter",
        key_display="/",
        id="runs.filter",
        tooltip="Show only runs that fit: words, or fields such as lambda<0.003 state:finished",
    ),
    Binding(
        "v",
        "next_view",
        "View",
        show=False,
        id="runs.view",
        tooltip="Show curves or details, where there is room for one",
    ),
    Binding(
        "shift+up,K",
        "scroll_details(-1)",
        "Details up",
        show=False,
        id="runs.details_up",
        tooltip="Scroll up in the details",
    ),
    Binding(
        "shift+down,J",
        "scroll_details(1)",
        "Details down",
        show=False,
        id="runs.details_down",
        tooltip="Scroll down in the details",
    ),
    Binding(
        "i",
        "inspect",
        "Inspect",
        id="runs.inspect",
        tooltip="Show confusions, worst mistakes and filters; try a picture of your own",
    ),
    Binding(
        "t",
        "take",
        "Take settings",
        show=False,
        id="runs.take",
        tooltip="Bring the settings of this run to Configure, to start a new one from them",
    ),
    Binding("o", "sort", "Sort", show=False, id="runs.sort", tooltip="Sort by the next column"),
    Binding(
        "O", "reverse", "Reverse", show=False, id="runs.reverse", tooltip="Sort the other way round"
    ),
    Binding("n", "rename", "Rename", show=False, id="runs.rename", tooltip="Give it another name"),
    Binding("N", "note", "Note", show=False, id="runs.note", tooltip="Write a note about it"),
    Binding(
        "d",
        "delete",
        "Delete",
        show=False,
        id="runs.delete",
        tooltip="Delete it, after a question; u brings it back",
    ),
    Binding(
        "u",
        "undo",
        "Undo",
        show=False,
        id="runs.undo",
        tooltip="Take back the last name, note, mark or deletion, until the app closes",
    ),
    Binding(
        "a", "unmark", "Unmark all", show=False, id="runs.unmark", tooltip="Take all marks away"
    ),
    Binding(
        "c",
        "next_quantity",
        "Quantity",
        show=False,
        id="runs.quantity",
        tooltip="Compare losses, accuracies or learning rates",
    ),
    Binding(
        "w",
        "next_axis",
        "Axis",
        show=False,
        id="runs.axis",
        tooltip="Draw over updates, epochs, or seconds of training",
    ),
    Binding(
        "m", "smooth", "Smoothing", show=False, id="runs.smooth", tooltip="Smooth more, or not"
    ),
    Binding(
        "l",
        "log_scale",
        "Log scale",
        show=False,
        id="runs.log_scale",
        tooltip="Draw on a logarithmic axis, or a linear one",
    ),
    Binding(
        "e",
        "export",
        "Export",
        show=False,
        id="runs.export",
        tooltip="Write the picture, the table and the points as files",
    ),
    *cursor_keys("runs"),
]
