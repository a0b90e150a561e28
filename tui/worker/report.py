"""Export of the report of a reproduction."""

from pathlib import Path

from core.reproduce import pages
from core.reproduce.results import Findings
from core.reproduce.study import place
from core.runs.session import store
from tui import file_export
from tui.messages import ExportDone


def folder(length: str) -> Path:
    """Return the folder of a study's report."""
    return place(length) / "report"


def page(length: str) -> Path | None:
    """Return the page of a study's report, None before it has been written."""
    found = folder(length) / pages.PAGE
    return found if found.exists() else None


def export(findings: Findings) -> ExportDone:
    """Write the report and its figures; return the message that says where, or why not.

    This takes some seconds, and must not run on the UI thread.
    """
    where = folder(findings.settings.length)

    def draw() -> list[Path]:
        # Imported here because it imports Matplotlib.
        from core.figures import reproduce as figures

        figures.export(findings, store(), where)
        return []  # the message names only the report

    return file_export.write("the report", where, draw, lambda: pages.write(findings, where))
