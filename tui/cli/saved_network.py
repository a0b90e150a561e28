"""The saved network that `evaluate`, `predict` and `export` work with."""

from core.predictions.choice import Choice, choose
from core.runs.records import Run
from core.runs.session import store
from tui.cli import say


def chosen(reference: str, best: bool) -> tuple[Run, Choice]:
    """Return a run and its network; what is to be said of the choice goes to stderr.

    Raises:
        StoreError: if there is no such run, or it has no network that can be used.
    """
    run = store().find(reference)
    choice = choose(store(), run, best=best)
    print_notes(choice)
    return run, choice


def print_notes(choice: Choice) -> None:
    """Say on stderr what is to be said of a choice."""
    for note in choice.notes:
        say.note(note)
