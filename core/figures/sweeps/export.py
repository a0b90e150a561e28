"""Writing the figures of a study."""

from collections.abc import Callable, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from core.figures.drawing import save
from core.figures.sweeps import coordinates, curves, importance, slices
from core.runs.compare import Compared
from core.sweeps.analysis.importance import Importance
from core.sweeps.analysis.snapshot import Snapshot
from core.text_out import as_file_name

OTHERS = (".svg", ".pdf")
"""Formats in which every figure is written besides PNG."""


def export(
    snapshot: Snapshot,
    folder: Path,
    stem: str,
    best: int = 5,
    shares: Sequence[Importance] = (),
    runs: Sequence[Compared] = (),
) -> list[Path]:
    """Write all figures of a study: curves, coordinates, a slice for each setting, importance.

    Args:
        snapshot: the study.
        folder: output folder; created if it is missing.
        stem: the first part of the file names.
        best: how many trials are in colour.
        shares: importance of the settings; none, and there is no figure of it.
        runs: the runs of the trials, with their points.

    Returns:
        The files, each figure as PNG, SVG and PDF.

    Raises:
        FigureError: if some cannot be drawn or written.
    """

    def slice_of(name: str) -> Callable[[], Figure]:
        return lambda: slices.figure(snapshot, name, best)

    figures: dict[Path, Callable[[], Figure]] = {
        folder / f"{stem}-curves.png": lambda: curves.figure(snapshot, best, runs),
        folder / f"{stem}-coordinates.png": lambda: coordinates.figure(snapshot, best),
    }
    for one in snapshot.dimensions:
        figures[folder / f"{stem}-{as_file_name(one.name)}.png"] = slice_of(one.name)
    if shares:
        title = f"Importance of the settings of {snapshot.study.name}"
        figures[folder / f"{stem}-importance.png"] = lambda: importance.figure(shares, title)
    return save(figures, OTHERS)
