"""The dialogs that annotate or delete a run."""

from collections.abc import Callable

from textual.app import App

from core.runs.records import Run
from tui.dialogs.prompt import LineScreen
from tui.dialogs.question import Question
from tui.keymap.keys import fill

Ask = App[None]


def note(app: Ask, run: Run, take: Callable[[str], object]) -> None:
    """Ask for a note, and call `take` if it differs."""
    meaning = "What you want to remember of this run; filters find it"

    def answered(text: str | None) -> None:
        if text is not None and text != run.note:
            take(text)

    app.push_screen(LineScreen(f"Note on {run.name}", run.note, meaning), answered)


def delete(app: Ask, run: Run, do: Callable[[], object]) -> None:
    """Ask for confirmation to delete a run, and call `do`."""
    what = f"{run.name}: {run.updates:,} updates, {run.state.value}."
    yes = fill("delete it. {undo} brings it back until the app closes.")

    def answered(answer: bool | None) -> None:
        if answer:
            do()

    app.push_screen(Question("Delete?", what, yes, "keep it."), answered)
