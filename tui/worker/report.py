"""The report of a reproduction, written as files."""

from pathlib import Path

from core.reproduce import pages
from core.reproduce.results import Findings
from core.reproduce.study import place
from core.runs.session import store
from tui import file_export
from tui.messages import ExportDone


def folder(length: str) -> Path:
    """Return where the report of a study goes."""
    return place(length) / "report"


def page(length: str) -> Path | None:
    """Return the page of a study, None before it has been written."""
    found = folder(length) / pages.PAGE
    return found if found.exists() else None


def export(findings: Findings) -> ExportDone:
    """Write the report, its figures beside it; return the message that says where, or why not.

    Takes some seconds, and must not run on the thread of the screen.
    """
    where = folder(findings.settings.length)

    def draw() -> list[Path]:
        # Here, because Matplotlib comes with it.
        from core.figures import reproduce as figures

        figures.export(findings, store(), where)
        return []  # that the report is there says enough

    return file_export.write("the report", where, draw, lambda: pages.write(findings, where))
