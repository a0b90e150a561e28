"""The keys of the Reproduce pane."""

from textual.binding import BindingType

from tui.keymap.bindings import bind

STUDY_KEYS: list[BindingType] = [
    bind("start", "start", "Start", "Run what is not done yet; {stop} stops it, and {start} goes "
         "on from there", show=True),
    bind("view", "length('quick')", "Quick", "Change to a quick look at every part, which judges "
         "nothing", show=True),
    bind("view", "length('full')", "Full", "Change to the whole study, which judges the published "
         "claims", show=True),
    bind("more", "seeds(1)", "Seeds", "Train every network with one seed more", show=True),
    bind("fewer", "seeds(-1)", "Fewer seeds", "Train every network with one seed less; what is "
         "done stays"),
    bind("right", "seeds(1)", "Seeds", "Train every network with one seed more"),
    bind("left", "seeds(-1)", "Fewer seeds", "Train every network with one seed less"),
    bind("export", "export", "Report", "Write the report so far, as HTML and Markdown with its "
         "figures", show=True),
    bind("undo", "undo", "Undo", "Take the last change of length or seeds back"),
    bind("redo", "redo", "Redo"),
]  # fmt: skip
