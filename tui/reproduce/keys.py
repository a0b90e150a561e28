"""The keys of the Reproduce pane."""

from textual.binding import Binding, BindingType

STUDY_KEYS: list[BindingType] = [
    Binding(
        "g",
        "go",
        "Go",
        id="reproduce.go",
        tooltip="Run what is not done yet; x stops it, and g goes on from there",
    ),
    Binding(
        "v",
        "length('quick')",
        "Quick",
        id="reproduce.quick",
        tooltip="Change to a quick look at every part, which judges nothing",
    ),
    Binding(
        "v",
        "length('full')",
        "Full",
        id="reproduce.full",
        tooltip="Change to the whole study, which judges the published claims",
    ),
    Binding(
        "plus,right",
        "seeds(1)",
        "Seeds",
        key_display="+",
        id="reproduce.more_seeds",
        tooltip="Train every network with one seed more",
    ),
    Binding(
        "minus,left",
        "seeds(-1)",
        "Fewer seeds",
        show=False,
        key_display="-",
        id="reproduce.fewer_seeds",
        tooltip="Train every network with one seed less; what is done stays",
    ),
    Binding(
        "e",
        "export",
        "Report",
        id="reproduce.export",
        tooltip="Write the report so far, as HTML and Markdown with its figures",
    ),
    Binding(
        "u",
        "undo",
        "Undo",
        show=False,
        id="reproduce.undo",
        tooltip="Take the last change of length or seeds back",
    ),
    Binding(
        "U,ctrl+y",
        "redo",
        "Redo",
        show=False,
        id="reproduce.redo",
        tooltip="Bring back what was undone",
    ),
]
