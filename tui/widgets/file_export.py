"""Files that are written for a person, and what is said about them."""

from collections.abc import Callable, Iterable
from pathlib import Path

from tui.messages import ExportDone
from tui.widgets import units


def write(what: str, folder: Path, draw: Callable[[], Iterable[Path]]) -> ExportDone:
    """Write files; return the message that says where they are, or why they are not.

    Takes a second, and must not run on the thread of the screen.

    Args:
        what: the files, as in "the figures".
        folder: where they go.
        draw: writes them and returns their paths.
    """
    try:
        files = list(draw())
    except OSError as error:
        reason = f"cannot write {what} to {folder}: {error.strerror or error}"
        return ExportDone(reason, failed=True)
    except Exception as error:
        # The app must go on, whatever Matplotlib thinks of this machine.
        return ExportDone(f"{what} could not be drawn: {error!r}", failed=True)
    names = ", ".join(file.name for file in files)
    return ExportDone(f"{names} in {units.place(folder)}")
