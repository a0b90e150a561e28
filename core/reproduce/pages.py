"""The report of a study as files."""

from collections.abc import Sequence
from pathlib import Path

from core.reproduce import html, report
from core.reproduce.claims import judge
from core.reproduce.report import Picture
from core.reproduce.results import Findings

PAGE = "report.html"


def write(findings: Findings, folder: Path, pictures: Sequence[Picture] = ()) -> list[Path]:
    """Write the report as HTML and Markdown.

    Args:
        findings: the results of a study so far.
        folder: output folder; created if it is missing.
        pictures: the figures of the report.

    Returns:
        The two files, the page first.

    Raises:
        OSError: if they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    judged = judge(findings)
    files = [folder / PAGE, folder / "report.md"]
    files[0].write_text(html.page(findings, judged, pictures), encoding="utf-8")
    files[1].write_text(report.markdown(findings, judged, pictures), encoding="utf-8")
    return files
