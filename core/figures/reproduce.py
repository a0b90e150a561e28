"""The published figures, drawn from a study, and the report that contains them.

Each figure has the width of a column of a paper and is written as PNG, SVG and PDF.
"""

from collections.abc import Callable
from pathlib import Path

from matplotlib.figure import Figure

from core.figures.architectures import architectures
from core.figures.drawing import FigureError, save
from core.figures.dynamics import SMOOTHING, best, smoothing
from core.reproduce import curves, pages
from core.reproduce.report import Picture
from core.reproduce.results import Findings
from core.runs.store import Store


def export(findings: Findings, store: Store, folder: Path) -> list[Path]:
    """Write every figure of the report, and rewrite the report with the figures.

    Args:
        findings: the results of a study so far.
        store: the store of its runs.
        folder: output folder; created if it is missing.

    Returns:
        The files of the figures.

    Raises:
        FigureError: if some cannot be drawn or written; the report contains the others.
        OSError: if the report cannot be written.
        StoreError: if the runs cannot be read.
    """
    known = {name: curves.read(findings, name, store) for name in ("final", *SMOOTHING)}
    drawn: tuple[tuple[str, str, str, Callable[[], Figure]], ...] = (
        (
            "architectures",
            "Accuracies and training times of the architectures",
            "Bars: measured, with the standard deviation over the seeds; black marks: published. "
            "Below, seconds of training as published (on other machines) and as measured here.",
            lambda: architectures(findings),
        ),
        (
            "smoothing",
            "Training with and without label smoothing",
            "The network and schedule of final without any other regulariser. Means over the "
            "seeds, with their range; loss is the plain cross-entropy.",
            lambda: smoothing({name: known[name] for name in SMOOTHING}, findings),
        ),
        (
            "best",
            "Loss and accuracy of the best network",
            "final, trained by the long recipe: means over the seeds, with their range. Dotted "
            "lines: ends of cycles.",
            lambda: best(known["final"], findings),
        ),
    )
    problem = None
    try:
        files = save({folder / f"{stem}.png": draw for stem, _, _, draw in drawn}, (".svg", ".pdf"))
    except FigureError as error:
        problem, files = str(error), error.files
    pictures = [
        Picture(stem, title, caption, (folder / f"{stem}.svg").read_bytes())
        for stem, title, caption, _ in drawn
        if folder / f"{stem}.svg" in files
    ]
    pages.write(findings, folder, pictures)
    if problem is not None:
        raise FigureError(problem, files)
    return files
