"""Export of the figures of a run into its folder."""

from pathlib import Path

from core.runs.session import Session
from tui import file_export
from tui.messages import ExportDone


def export(session: Session) -> ExportDone:
    """Write the figures of a run that has a folder; return the message that says where, or why not.

    This takes about a second, and must not run on the UI thread.
    """
    if session.folder is None:
        return ExportDone("there is no run yet to draw figures of", failed=True)
    folder = session.folder.path / "figures"
    title = f"{session.folder.id}, seed {session.experiment.seed}"

    def draw() -> list[Path]:
        # Imported here because it imports Matplotlib.
        from core.figures import run

        return run.export(session.history, folder, title)

    return file_export.write("the figures", folder, draw)
