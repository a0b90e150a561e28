"""The keys of the Gradients pane."""

from textual.binding import Binding, BindingType

GRADIENT_KEYS: list[BindingType] = [
    Binding(
        "c",
        "check",
        "Check",
        id="gradients.check",
        tooltip="Check every gradient of what Configure shows; x cancels",
    ),
    Binding(
        "e",
        "export",
        "Export",
        id="gradients.export",
        tooltip="Write the report as a table, a page and a picture",
    ),
    Binding(
        "u",
        "undo",
        "Undo",
        show=False,
        id="gradients.undo",
        tooltip="Take the last change of a setting back",
    ),
    Binding(
        "U,ctrl+y",
        "redo",
        "Redo",
        show=False,
        id="gradients.redo",
        tooltip="Bring back what was undone",
    ),
]
