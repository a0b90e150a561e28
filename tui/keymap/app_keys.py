"""The keys of the app, which work in every pane."""

from textual.binding import BindingType

from tui.keymap.bindings import bind
from tui.keymap.verbs import VERBS

PANES = (
    "configure",
    "train",
    "gradients",
    "benchmark",
    "runs",
    "reproduce",
    "explain",
    "data",
    "sweeps",
)
"""Names of the panes, which are the verbs of their keys, too; a pane keeps its number for good."""


def _pane(name: str) -> BindingType:
    title, words = VERBS[name].words.split(": ")
    return bind(name, f"show('{name}')", title, words[0].upper() + words[1:])


PANE_KEYS: list[BindingType] = [_pane(name) for name in PANES]

TRAINING_KEYS: list[BindingType] = [
    bind("start", "start", "Start", "Train what Configure shows", show=True),
    bind("pause", "pause", "Pause", "Let the training wait before its next update", show=True),
    bind("pause", "go_on", "Go on", "Let the training go on", show=True),
    bind("stop", "stop", "Stop", "End what runs; a training is saved as far as it came", show=True),
]

APP_KEYS: list[BindingType] = [
    bind("theme", "switch_theme", "Light or dark"),
    bind("refresh", "read_again", "Read again"),
    bind("help", "help", "Keys", show=True),
    bind("guide", "guide", "Guide"),
    bind(
        "quit",
        "quit",
        "Quit",
        "Leave the app; asks first while something runs. {quit_anywhere} "
        "leaves it even while typing",
        show=True,
    ),
    bind("quit_anywhere", "quit", "Quit", priority=True),
]
