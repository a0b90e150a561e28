"""What the command palette offers beside Textual's own commands."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.app import SystemCommand

if TYPE_CHECKING:
    from tui.app import Convsole


def commands(app: "Convsole", panes: dict[str, str]) -> Iterator[SystemCommand]:
    """Yield the app's own commands.

    Args:
        app: does the work.
        panes: title of each pane by its name.
    """
    for name, title in panes.items():
        yield SystemCommand(title, f"Show the {title} pane", partial(app.action_show, name))
    yield SystemCommand("Start", "Train what Configure shows", app.action_start)
    yield SystemCommand(
        "Pause or resume", "Let the training wait, or go on", app.action_pause_or_resume
    )
    yield SystemCommand(
        "Check gradients",
        "Hold every gradient of what Configure shows against a reference",
        app.check_gradients,
    )
    yield SystemCommand("Stop", "End the job and keep what there is of a training", app.action_stop)
    yield SystemCommand("Fetch CIFAR-10", "Download it into the data folder", app.fetch)
