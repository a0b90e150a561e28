"""Selection of the saved network for `evaluate`, `predict` and `export`."""

from core.predictions.choice import Choice, choose
from core.runs.records import Run
from core.runs.session import store
from tui.cli import inputs, say


def chosen(reference: str, best: bool, updates: int | None) -> tuple[Run, Choice]:
    """Return a run and its chosen checkpoint, and print the notes on the choice on stderr.

    Args:
        reference: names the run.
        best: whether to take the checkpoint of the best validation accuracy.
        updates: number of updates of the checkpoint; None for the last.

    Raises:
        SettingError: if both are given.
        StoreError: if there is no such run, or it has no usable checkpoint.
    """
    inputs.check_choice(best, updates)
    run = store().find(reference)
    choice = choose(store(), run, best=best, updates=updates)
    print_notes(choice)
    return run, choice


def print_notes(choice: Choice) -> None:
    """Print the notes on a choice on stderr."""
    for note in choice.notes:
        say.note(note)
