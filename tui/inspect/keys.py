"""The keys of the screen that looks inside a run."""

from textual.binding import BindingType

from tui.keymap.app_keys import PANES
from tui.keymap.bindings import bind
from tui.keymap.verbs import VERBS

INSPECT_KEYS: list[BindingType] = [
    bind("view", "next_view", "View", "Show the next view: classes, mistakes, filters", show=True),
    bind("weights", "best", "Best or last", "Take the weights of the best validation accuracy, or "
         "the last", show=True),
    bind("picture", "picture", "A picture", "Say what the network takes any picture for",
         show=True),
    bind("inside", "look_inside", "Explain", "Show the last weights in Explain, value by value",
         show=True),
    bind("export", "export", "Export", "Write figures and tables", show=True),
    *(bind(name, f"go('{name}')", VERBS[name].words.partition(":")[0]) for name in PANES),
    bind("help", "app.help", "Keys", show=True),
    bind("guide", "app.guide", "Guide"),
    bind("close", "dismiss", "Close", "Go back to the runs", show=True),
    bind("quit", "dismiss", "Close", "Go back to the runs"),
]  # fmt: skip
