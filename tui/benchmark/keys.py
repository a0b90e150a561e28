"""The keys of the Benchmark pane."""

from textual.binding import BindingType

from tui.keymap.bindings import bind

BENCH_KEYS: list[BindingType] = [
    bind("start", "start", "Measure", "Measure the marked architectures; {stop} cancels, and keeps "
         "what is done", show=True),
    bind("inspect", "profile", "Layers", "Time every layer of this architecture, "
         "forward and backward", show=True),
    bind("mark", "mark", "Mark", "Measure this architecture, or leave it out",
         show=True),
    bind("mark_all", "mark_all", "Mark all", "Mark all architectures, or only this one"),
    bind("sort", "sort", "Sort", "Sort by the next column"),
    bind("reverse", "reverse", "Reverse", "Turn the order round"),
    bind("compare", "compare", "Compare", "Lay an earlier result beside this one; once more takes "
         "the one before it", show=True),
    bind("export", "export", "Export", "Write the result as a table, a page and a picture",
         show=True),
    bind("undo", "undo", "Undo", "Take the last change of a setting back"),
    bind("redo", "redo", "Redo"),
]  # fmt: skip

TABLE_KEYS: list[BindingType] = [
    bind("open", "open", "Mark", "Measure this architecture, or leave it out"),
]
