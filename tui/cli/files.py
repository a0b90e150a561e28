"""Tables and figures that a command writes after its result is printed."""

from pathlib import Path

from core.errors import writing_to
from tui.cli import say
from tui.figure_output import Write
from tui.figure_output import figures as drawn


def write(folder: Path, tables: Write, draw: Write) -> None:
    """Write tables and figures, and print where they are.

    Args:
        folder: the output folder.
        tables: writes the tables.
        draw: draws the figures, as for `figures`.

    Raises:
        StoreError: if the tables cannot be written.
    """
    with writing_to(folder):
        files = list(tables())
    say.note(f"wrote {', '.join(file.name for file in files)} in {folder}")
    figures(folder, draw)


def figures(folder: Path, draw: Write) -> None:
    """Draw figures and print where they are; a failure is only printed as a note.

    Args:
        folder: the output folder.
        draw: draws them; it must import `core.figures` itself.
    """
    files, problem = drawn("the figures", draw)
    if files:
        say.note(f"drew {', '.join(file.name for file in files)} in {folder}")
    if problem is not None:
        say.note(f"convsole: {problem}")
