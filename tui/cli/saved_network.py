"""Selection of the saved network for `evaluate`, `predict` and `export`."""

from core.predictions.choice import Choice, choose
from core.runs.records import Run
from core.runs.session import store
from tui.cli import say


def chosen(reference: str, best: bool) -> tuple[Run, Choice]:
    """Return a run and its chosen checkpoint, and print the notes on the choice on stderr.

    Raises:
        StoreError: if there is no such run, or it has no usable checkpoint.
    """
    run = store().find(reference)
    choice = choose(store(), run, best=best)
    print_notes(choice)
    return run, choice


def print_notes(choice: Choice) -> None:
    """Print the notes on a choice on stderr."""
    for note in choice.notes:
        say.note(note)
