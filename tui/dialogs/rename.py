"""The dialog that gives a run another name."""

from collections.abc import Callable

from textual.app import App

from core.config.experiment import MAX_NAME
from core.runs.records import Run
from tui.dialogs.prompt import LineScreen


def rename(app: App[None], run: Run, take: Callable[[str], object]) -> None:
    """Ask for a name, and call `take` if it differs from the present one."""

    def answered(text: str | None) -> None:
        if text is not None and text != run.name:
            take(text)

    screen = LineScreen("Name", run.name, f"The id stays {run.id}", reason_of_name, MAX_NAME)
    app.push_screen(screen, answered)


def reason_of_name(text: str) -> str | None:
    """Return why a text cannot be the name of a run; None if it can."""
    if text.strip() and text.isprintable():
        return None
    return "a name needs a character that can be seen, and none that cannot"
