"""Export of tables and figures, and the message that reports it."""

from pathlib import Path

from core import format as fmt
from tui.figure_output import Write, figures
from tui.messages import ExportDone


def write(what: str, folder: Path, draw: Write, tables: Write = lambda: ()) -> ExportDone:
    """Write files; return the message that says where they are, or why some are missing.

    This takes about a second, and must not run on the UI thread.

    Args:
        what: a name for the files in messages, such as "the figures".
        folder: the output folder.
        draw: draws the figures, after everything else is written.
        tables: writes everything else.
    """
    try:
        files = list(tables())
    except OSError as error:
        reason = f"cannot write {what} to {folder}: {error.strerror or error}"
        return ExportDone(reason, failed=True)
    except Exception as error:
        # No failed export may end the app.
        return ExportDone(f"{what} could not be written: {error!r}", failed=True)
    drawn, problem = figures(what, draw)
    written = [file.name for file in (*drawn, *files)]
    # More names would hide the screen behind the notification.
    names = f"{written[0]} and {len(written) - 1} more" if len(written) > 3 else ", ".join(written)
    where = f"{names} in {fmt.place(folder)}" if names else ""
    return ExportDone("; ".join(filter(None, (problem, where))), failed=bool(problem))
