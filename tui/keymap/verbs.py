"""The key map itself: one meaning for each key, in every pane and dialog."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verb:
    """Something that can be done by a key, whatever it is done to."""

    group: str
    """Heading under which the lists show it."""
    keys: tuple[str, ...]
    """Textual's names of its keys; texts name the first."""
    words: str
    """What it means, wherever it means something."""


APP, JOBS, LISTS = "Panes and the app", "What runs", "Tables and lists"
SETTINGS, PICTURES = "Settings and layers", "Charts and pictures"
RUNS, DIALOGS, MOVES = "Runs", "Dialogs", "Moving"

VERBS = {
    "configure": Verb(APP, ("1",), "Configure: set what will run"),
    "train": Verb(APP, ("2",), "Train: watch the training"),
    "gradients": Verb(APP, ("3",), "Gradients: hold every gradient against a reference"),
    "benchmark": Verb(APP, ("4",), "Benchmark: measure the speed beside PyTorch"),
    "runs": Verb(APP, ("5",), "Runs: compare, resume and look up what was trained"),
    "reproduce": Verb(APP, ("6",), "Reproduce: run the published results again"),
    "explain": Verb(APP, ("7",), "Explain: one image through the network, value by value"),
    "data": Verb(APP, ("8",), "Data: look at the images"),
    "sweeps": Verb(APP, ("9",), "Sweeps: vary settings, and see which matter"),
    "help": Verb(APP, ("question_mark",), "show every key that works here"),
    "guide": Verb(APP, ("f1", "G"), "open the guide, at the chapter that belongs here"),
    "quit": Verb(APP, ("q",), "leave the dialog that is open, or the app"),
    "quit_anywhere": Verb(APP, ("ctrl+q",), "leave the app, even while typing"),
    "theme": Verb(APP, ("ctrl+t",), "change between the dark and the light theme"),
    "refresh": Verb(APP, ("f5", "ctrl+r"), "read again what is shown, and draw it anew"),
    "start": Verb(JOBS, ("g",), "go: start what the pane is for"),
    "pause": Verb(JOBS, ("p",), "let the training or the study wait, and go on"),
    "stop": Verb(JOBS, ("x",), "stop what runs; what is done stays"),
    "resume": Verb(JOBS, ("r",), "resume the run or the study, to the bit"),
    "warnings": Verb(JOBS, ("W",), "list the warnings, and go to where they are seen"),
    "open": Verb(LISTS, ("enter",), "open, edit or take what the cursor is on"),
    "mark": Verb(LISTS, ("space",), "mark the row, or not"),
    "mark_all": Verb(LISTS, ("A",), "mark all rows, or none"),
    "sort": Verb(LISTS, ("s",), "sort by the next column"),
    "reverse": Verb(LISTS, ("S",), "turn the order round"),
    "filter": Verb(LISTS, ("slash",), "show only rows that fit"),
    "fold": Verb(LISTS, ("F",), "fold away what is of less interest, or show it"),
    "compare": Verb(LISTS, ("c",), "lay results beside each other"),
    "delete": Verb(LISTS, ("d", "delete"), "delete"),
    "inspect": Verb(LISTS, ("i",), "look inside: predictions of a run, the time of each layer"),
    "export": Verb(LISTS, ("e",), "write figures and tables as files"),
    "take": Verb(LISTS, ("t",), "take values over to where they will be used"),
    "undo": Verb(SETTINGS, ("u",), "take the last change back"),
    "redo": Verb(SETTINGS, ("U", "ctrl+y"), "bring back what was undone"),
    "reset": Verb(SETTINGS, ("z",), "give the setting its first value"),
    "reset_all": Verb(SETTINGS, ("Z",), "give everything in the box its first value"),
    "add": Verb(SETTINGS, ("a",), "add a layer or a study"),
    "move_up": Verb(SETTINGS, ("K", "shift+up"), "move the layer up"),
    "move_down": Verb(SETTINGS, ("J", "shift+down"), "move the layer down"),
    "more": Verb(SETTINGS, ("plus",), "one more"),
    "fewer": Verb(SETTINGS, ("minus",), "one less"),
    "find_rates": Verb(SETTINGS, ("f",), "find the learning rates"),
    "check": Verb(SETTINGS, ("V",), "check whether the network can learn, before it is trained"),
    "break": Verb(SETTINGS, ("b",), "break a gradient on purpose, to see the check find it"),
    "view": Verb(PICTURES, ("v",), "show the next view"),
    "raise_low": Verb(PICTURES, ("left_parenthesis",), "narrow a range from below"),
    "lower_high": Verb(PICTURES, ("right_parenthesis",), "narrow a range from above"),
    "lower_low": Verb(PICTURES, ("left_curly_bracket",), "widen a range downwards"),
    "raise_high": Verb(PICTURES, ("right_curly_bracket",), "widen a range upwards"),
    "class": Verb(PICTURES, ("C",), "show the next class"),
    "log_scale": Verb(PICTURES, ("L",), "draw on a logarithmic axis, or a linear one"),
    "quantity": Verb(PICTURES, ("Y",), "draw the next quantity"),
    "axis": Verb(PICTURES, ("H",), "draw over the next horizontal axis"),
    "smooth": Verb(PICTURES, ("m",), "smooth curves more, or not"),
    "freeze": Verb(PICTURES, ("P",), "hold the picture while the training goes on"),
    "whole": Verb(PICTURES, ("O",), "show all pictures at a glance, or one large"),
    "largest": Verb(PICTURES, ("circumflex_accent",), "to the largest value"),
    "parameters": Verb(PICTURES, ("B",), "show weights and biases"),
    "inside": Verb(PICTURES, ("X",), "look inside: explain this network, value by value"),
    "input": Verb(PICTURES, ("I",), "take another input: an image, noise, the mean image"),
    "earlier": Verb(PICTURES, ("less_than_sign",), "the weights before, as the training went"),
    "later": Verb(PICTURES, ("greater_than_sign",), "the weights after, as the training went"),
    "play": Verb(PICTURES, ("E",), "show how it came to be, one picture after the other"),
    "learn": Verb(PICTURES, ("D",), "try one step of learning on this image alone"),
    "weights": Verb(PICTURES, ("w",), "show the next of a run's weights: the best, the last"),
    "picture": Verb(PICTURES, ("o",), "open a picture file"),
    "next_image": Verb(PICTURES, ("full_stop",), "the next image"),
    "image_before": Verb(PICTURES, ("comma",), "the image before"),
    "alike": Verb(PICTURES, ("equals_sign",), "the next image of the same class"),
    "mistake": Verb(PICTURES, ("M",), "the next image that the network gets wrong"),
    "batch": Verb(PICTURES, ("T",), "compute as in training, with a whole batch, or as in use"),
    "back": Verb(PICTURES, ("backspace",), "back to where one came from"),
    "rename": Verb(RUNS, ("R",), "give the run another name"),
    "note": Verb(RUNS, ("N",), "write a note about the run"),
    "another_seed": Verb(RUNS, ("asterisk",), "train it with more seeds"),
    "close": Verb(DIALOGS, ("escape",), "close, leave, or cancel"),
    "yes": Verb(DIALOGS, ("y",), "yes"),
    "no": Verb(DIALOGS, ("n",), "no"),
    "up": Verb(MOVES, ("up", "k"), "up"),
    "down": Verb(MOVES, ("down", "j"), "down"),
    "left": Verb(MOVES, ("left", "h"), "left, or a smaller value"),
    "right": Verb(MOVES, ("right", "l"), "right, or a larger value"),
    "far_left": Verb(MOVES, ("shift+left",), "far to the left"),
    "far_right": Verb(MOVES, ("shift+right",), "far to the right"),
    "page_up": Verb(MOVES, ("pageup",), "a page up"),
    "page_down": Verb(MOVES, ("pagedown",), "a page down"),
    "first": Verb(MOVES, ("home",), "to the first"),
    "last": Verb(MOVES, ("end",), "to the last"),
    "scroll_up": Verb(MOVES, ("left_square_bracket",), "scroll the text beside up"),
    "scroll_down": Verb(MOVES, ("right_square_bracket",), "scroll the text beside down"),
}
"""All verbs by name, in the order in which the lists show them."""

FIXED = ("tab", "shift+tab", "ctrl+p", "ctrl+c", "ctrl+i", "ctrl+m", "ctrl+j")
"""Keys with a meaning of Textual's or of the terminal's own, which no verb can have."""
