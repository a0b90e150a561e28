"""Files that are written for a person, and what is said about them."""

from pathlib import Path

from core import format as fmt
from tui.figure_output import Write, figures
from tui.messages import ExportDone


def write(what: str, folder: Path, draw: Write, tables: Write = lambda: ()) -> ExportDone:
    """Write files; return the message that says where they are, or why some are not.

    Takes a second, and must not run on the thread of the screen.

    Args:
        what: the files, as in "the figures".
        folder: where they go.
        draw: draws figures, when everything else is written.
        tables: writes everything else.
    """
    try:
        files = list(tables())
    except OSError as error:
        reason = f"cannot write {what} to {folder}: {error.strerror or error}"
        return ExportDone(reason, failed=True)
    except Exception as error:
        # The app must go on, whatever is the matter.
        return ExportDone(f"{what} could not be written: {error!r}", failed=True)
    drawn, problem = figures(what, draw)
    names = ", ".join(file.name for file in (*drawn, *files))
    where = f"{names} in {fmt.place(folder)}" if names else ""
    return ExportDone("; ".join(filter(None, (problem, where))), failed=bool(problem))
