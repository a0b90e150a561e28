"""Export of a gradient check."""

from pathlib import Path

from core.checks import tables
from core.checks.report import Report
from core.data import home
from tui import file_export
from tui.messages import ExportDone


def export(report: Report) -> ExportDone:
    """Write a report, complete or not; return the message that says where, or why not.

    This takes about a second, and must not run on the UI thread.
    """
    folder = home.saved_models_folder() / "reports"

    def draw() -> list[Path]:
        # Imported here because it imports Matplotlib.
        from core.figures import gradients

        return gradients.export(report, folder)

    return file_export.write("the report", folder, draw, lambda: tables.export(report, folder))
