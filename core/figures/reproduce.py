"""The published figures, drawn anew from a study, and the report that holds them.

Each is as wide as a column of a paper and is written as PNG, SVG and PDF.
"""

import io
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from core.figures.architectures import architectures
from core.figures.dynamics import SMOOTHING, best, smoothing
from core.figures.page import DPI
from core.reproduce import curves, html, report
from core.reproduce.claims import judge
from core.reproduce.report import Picture
from core.reproduce.results import Findings
from core.runs.store import Store

ENDINGS = ("png", "svg", "pdf")

SETTINGS: dict[Any, Any] = {"svg.hashsalt": "convsole", "pdf.fonttype": 42, "hatch.linewidth": 0.5}
"""The same figure gives the same file, and its type stays type."""


def export(findings: Findings, store: Store, folder: Path) -> list[Path]:
    """Write the report as Markdown and HTML, and every figure of it.

    Args:
        findings: whatever there is of a study.
        store: where its runs are.
        folder: where to; made where it is missing.

    Returns:
        The files, the page first.

    Raises:
        OSError: if they cannot be written.
        StoreError: if the runs cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known = {name: curves.read(findings, name, store) for name in ("final", *SMOOTHING)}
    drawn = (
        (
            "architectures",
            "Accuracies and training times of the architectures",
            "Bars: measured, with the standard deviation over the seeds; black marks: published. "
            "Below, seconds of training as published (on other machines) and as measured here.",
            architectures(findings),
        ),
        (
            "smoothing",
            "Training with and without label smoothing",
            "The network and schedule of final without any other regulariser. Means over the "
            "seeds, with their range; loss is the plain cross-entropy.",
            smoothing({name: known[name] for name in SMOOTHING}, findings),
        ),
        (
            "best",
            "Loss and accuracy of the best network",
            "final, trained by the long recipe: means over the seeds, with their range. Dotted "
            "lines: ends of cycles.",
            best(known["final"], findings),
        ),
    )
    files, pictures = [], []
    for stem, title, caption, figure in drawn:
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # everything is at its place now, whatever the format
        made = {ending: rendered(figure, ending) for ending in ENDINGS}
        for ending, content in made.items():
            path = folder / f"{stem}.{ending}"
            path.write_bytes(content)
            files.append(path)
        pictures.append(Picture(stem, title, caption, made["svg"]))
    judged = judge(findings)
    pages = [folder / "report.html", folder / "report.md"]
    pages[0].write_text(html.page(findings, judged, pictures), encoding="utf-8")
    pages[1].write_text(report.markdown(findings, judged, pictures), encoding="utf-8")
    return [*pages, *files]


def rendered(figure: Figure, ending: str) -> bytes:
    """Return a figure as the content of a file."""
    out = io.BytesIO()
    undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(ending)
    with mpl.rc_context(SETTINGS):
        figure.savefig(out, format=ending, dpi=DPI, metadata=undated)
    return out.getvalue()
