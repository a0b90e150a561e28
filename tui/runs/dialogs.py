"""The dialogs that rename, annotate or delete a run."""

from collections.abc import Callable

from textual.app import App

from core.config.experiment import MAX_NAME
from core.runs.records import AT_WORK, Run
from tui.dialogs.prompt import LineScreen
from tui.dialogs.question import Question

Ask = App[None]


def name(app: Ask, run: Run, take: Callable[[str], object]) -> None:
    """Ask for a name, and call `take` if it differs."""
    screen = LineScreen("Name", run.name, f"The id stays {run.id}", reason_of_name, MAX_NAME)
    app.push_screen(screen, _if_changed(run.name, take))


def note(app: Ask, run: Run, take: Callable[[str], object]) -> None:
    """Ask for a note, and call `take` if it differs."""
    meaning = "What you want to remember of this run; filters find it"
    screen = LineScreen(f"Note on {run.name}", run.note, meaning)
    app.push_screen(screen, _if_changed(run.note, take))


def delete(app: Ask, run: Run, do: Callable[[], object]) -> None:
    """Ask for confirmation to delete a run, and call `do`; refuse a run that is in training."""
    if run.state in AT_WORK:
        words = f"{run.name} is being trained; stop it first"
        app.notify(words, severity="warning", title="Not deleted")
        return
    what = f"{run.name}: {run.updates:,} updates, {run.state.value}."
    yes = "delete it. u brings it back until the app closes."

    def answered(answer: bool | None) -> None:
        if answer:
            do()

    app.push_screen(Question("Delete?", what, yes, "keep it."), answered)


def reason_of_name(text: str) -> str | None:
    """Return why a text cannot be the name of a run; None if it can."""
    if text.strip() and text.isprintable():
        return None
    return "a name needs a character that can be seen, and none that cannot"


def _if_changed(before: str, take: Callable[[str], object]) -> Callable[[str | None], None]:
    def answered(text: str | None) -> None:
        if text is not None and text != before:
            take(text)

    return answered
