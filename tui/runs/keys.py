"""The keys of the Runs pane."""

from textual.binding import BindingType

from tui.keymap.bindings import bind
from tui.widgets.cursor_keys import CURSOR_KEYS
from tui.widgets.filter_line import FILTER_KEYS

RUN_KEYS: list[BindingType] = [
    bind("mark", "mark", "Mark", "Lay this run beside the other marked ones, or not", show=True),
    bind("open", "open", "Open", "Show the curves in the Train pane"),
    bind("resume", "resume", "Resume", "Go on with this run, to the bit", show=True),
    bind("sort", "sort", "Sort", "Sort by the next column"),
    bind("reverse", "reverse", "Reverse", "Sort the other way round"),
    bind("filter", "filter", "Filter", "Show only runs that fit: words, or fields such as "
         "lambda<0.003 state:finished", show=True),
    bind("inside", "look_inside", "Look inside", "Show the last weights of the run in Explain, "
         "value by value"),
    bind("inspect", "inspect", "Inspect", "Show confusions, worst mistakes and filters; try a "
         "picture of your own", show=True),
    bind("view", "next_view", "View", "Show the next curve: losses, accuracies, learning rates, "
         "ratios, gradients, silent units; the details, where there is no room beside"),
    bind("compare", "mark", "Compare", "Lay this run beside the other marked ones, or not"),
    bind("mark_all", "unmark", "Unmark all", "Take all marks away"),
    bind("fold", "fold", "Fold", "Leave out the runs of reproductions, quick looks and studies, or "
         "show them"),
    bind("take", "take", "Take settings", "Bring the settings of this run to Configure, to start a "
         "new one from them"),
    bind("rename", "rename", "Rename", "Give it another name"),
    bind("note", "note", "Note", "Write a note about it"),
    bind("delete", "delete", "Delete", "Delete it, after a question; {undo} brings it back"),
    bind("undo", "undo", "Undo", "Take back the last name, note, mark or deletion, until the app "
         "closes"),
    bind("axis", "next_axis", "Axis", "Draw over updates, epochs, or seconds of training"),
    bind("smooth", "smooth", "Smoothing", "Smooth more, or not"),
    bind("log_scale", "log_scale", "Log scale"),
    bind("export", "export", "Export", "Write the picture, the table and the points as files"),
    bind("scroll_up", "scroll_details(-1)", "Details up", "Scroll up in the details"),
    bind("scroll_down", "scroll_details(1)", "Details down", "Scroll down in the details"),
    *CURSOR_KEYS,
]  # fmt: skip

TABLE_KEYS: list[BindingType] = [
    bind("up", "cursor_up", "Up", "Go one run up"),
    bind("down", "cursor_down", "Down", "Go one run down"),
    bind("page_up", "page_up", "Page up", "Go a page up"),
    bind("page_down", "page_down", "Page down", "Go a page down"),
    bind("first", "scroll_top", "First", "Go to the first run"),
    bind("last", "scroll_bottom", "Last", "Go to the last run"),
]

__all__ = ["FILTER_KEYS", "RUN_KEYS", "TABLE_KEYS"]
