"""The keys of the Sweeps pane."""

from textual.binding import BindingType

from tui.keymap.bindings import bind
from tui.widgets.cursor_keys import CURSOR_KEYS
from tui.widgets.filter_line import FILTER_KEYS

SWEEP_KEYS: list[BindingType] = [
    bind("add", "new", "New", "Make a study of the settings in Configure", show=True),
    bind("start", "resume", "Go on", "Go on with the study, to the bit; {stop} stops it, {pause} "
         "lets it wait", show=True),
    bind("resume", "resume", "Go on", "Go on with the study, to the bit"),
    bind("open", "open", "Open", "Open the study; of a trial, show its curves in Train"),
    bind("back", "leave", "Back", "Back to the list of all studies", show=True),
    bind("view", "next_view", "View", "Show the next picture: curves, coordinates, one setting, "
         "importance, workers", show=True),
    bind("whole", "whole", "Large", "Show the picture alone, or the table with it"),
    bind("sort", "sort", "Sort", "Sort by the next column", show=True),
    bind("reverse", "reverse", "Reverse", "Sort the other way round"),
    bind("filter", "filter", "Filter", "Show only trials that fit: words, or fields such as "
         "eta_max>0.01 state:pruned", show=True),
    bind("axis", "next_axis", "Axis", "Choose the next setting, of the coordinates or of the "
         "picture of one setting", show=True),
    bind("raise_low", "brush('low', 1)", "Narrow", "Leave out the lowest values of the setting"),
    bind("lower_high", "brush('high', -1)", "Narrow", "Leave out the highest values of the "
         "setting"),
    bind("lower_low", "brush('low', -1)", "Widen", "Bring back lower values of the setting"),
    bind("raise_high", "brush('high', 1)", "Widen", "Bring back higher values of the setting"),
    bind("reset", "unbrush(False)", "Whole", "Bring back all values of the setting"),
    bind("reset_all", "unbrush(True)", "All whole", "Bring back all values of all settings"),
    bind("more", "best(1)", "More", "Colour one more of the best trials"),
    bind("fewer", "best(-1)", "Fewer", "Colour one less of the best trials"),
    bind("take", "take", "Take", "Bring the settings of this trial to Configure",
         show=True),
    bind("another_seed", "another_seed", "More seeds", "Train this trial with more seeds, within "
         "its study"),
    bind("compare", "find", "In Runs", "Show the run of this trial in Runs, beside others"),
    bind("inside", "look_inside", "Look inside", "Show the last weights of the trial in Explain, "
         "value by value"),
    bind("inspect", "inspect", "Inspect", "Show confusions, worst mistakes and filters"),
    bind("log_scale", "log_scale", "Log scale"),
    bind("export", "export", "Export", "Write all pictures as PNG, SVG and PDF, the table as CSV "
         "and JSON", show=True),
    *CURSOR_KEYS,
]  # fmt: skip

COLUMN_KEYS: list[BindingType] = [
    bind("far_left", "scroll_columns(-1)", "Columns", "Show the column before, where not all fit"),
    bind("far_right", "scroll_columns(1)", "Columns", "Show the next column, where not all fit"),
]

FORM_KEYS: list[BindingType] = [
    bind("start", "start", "Start", "Start the study", show=True),
    bind("mark", "vary", "Vary", "Let the setting vary, or not", show=True),
    bind("open", "type", "Type", "Type a value, or the bounds between which it varies", show=True),
    bind("left", "step(-1)", "Other", "Choose another way to vary it, or the value before",
         show=True, display="← →"),
    bind("right", "step(1)", "Other", "Choose another way to vary it, or the next value"),
    bind("fold", "fold", "Varying only", "Show only settings that vary, or all"),
    bind("reset", "reset", "Reset", "Give it its first value"),
    bind("reset_all", "start_anew", "Anew", "Give everything its first value, around what "
         "Configure shows; {undo} takes it back"),
    bind("undo", "undo", "Undo", "Take the last change back"),
    bind("redo", "redo", "Redo"),
    bind("export", "export", "Write", "Write the study as a file, for the command line"),
    bind("help", "app.help", "Keys", show=True),
    bind("close", "leave", "Leave", "Make no study now; {add} opens it again as it was left",
         show=True),
    bind("quit", "leave", "Leave", "Make no study now; {add} opens it again as it was left"),
]  # fmt: skip

__all__ = ["COLUMN_KEYS", "FILTER_KEYS", "FORM_KEYS", "SWEEP_KEYS"]
