"""The figures of a run, written as files beside its other results."""

from core.runs.session import Session
from tui.messages import ExportDone
from tui.widgets import units


def export(session: Session) -> ExportDone:
    """Write the figures of a run that has a folder; return the message that says where, or why not.

    Takes a second, and must not run on the thread of the screen.
    """
    if session.folder is None:
        return ExportDone("there is no run yet to draw figures of", failed=True)
    folder = session.folder.path / "figures"
    title = f"{session.folder.id}, seed {session.experiment.seed}"
    try:
        # Here, because Matplotlib comes with it.
        from core import figures

        files = figures.export(session.history, folder, title)
    except OSError as error:
        reason = f"cannot write the figures to {folder}: {error.strerror or error}"
        return ExportDone(reason, failed=True)
    except Exception as error:
        # The app must go on, whatever Matplotlib thinks of this machine.
        return ExportDone(f"the figures could not be drawn: {error!r}", failed=True)
    names = ", ".join(file.name for file in files)
    return ExportDone(f"{names} in {units.place(folder)}")
