"""The report of a reproduction, written as files."""

from pathlib import Path

from core.reproduce.results import Findings
from core.reproduce.study import place
from core.runs.errors import StoreError, reason
from core.runs.session import store
from tui.messages import ExportDone
from tui.widgets import file_export


def folder(length: str) -> Path:
    """Return where the report of a study goes."""
    return place(length) / "report"


def page(length: str) -> Path | None:
    """Return the page of a study, None before it has been written."""
    found = folder(length) / "report.html"
    return found if found.exists() else None


def write(findings: Findings) -> list[Path]:
    """Write the report, and return its two pages; the figures lie beside them.

    Takes some seconds, and must not run on the thread of the screen.

    Raises:
        StoreError: if it cannot be written, or the runs cannot be read.
    """
    # Here, because Matplotlib comes with it.
    from core.figures import reproduce as figures

    where = folder(findings.settings.length)
    try:
        return figures.export(findings, store(), where)[:2]
    except OSError as error:
        raise StoreError(f"cannot write to {where}: {reason(error)}") from None


def export(findings: Findings) -> ExportDone:
    """Write the report; return the message that says where it is, or why it is not."""
    where = folder(findings.settings.length)
    return file_export.write("the report", where, lambda: write(findings))
