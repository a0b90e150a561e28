"""Export of a comparison of runs."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from core.data import home
from core.runs import compare
from core.runs.compare import Compared
from core.runs.records import Run
from tui import file_export
from tui.messages import ExportDone
from tui.runs.compare import RunCompare
from tui.runs.view_model import RunBook


def prepared(book: RunBook, chosen: list[Run], chart: RunCompare) -> Callable[[], ExportDone]:
    """Return a function that writes picture, table and points, and returns the message about it.

    That takes about a second, and must not run on the UI thread; the chart may have changed by
    then.

    Args:
        book: reads the points of the runs.
        chosen: the runs, at least one.
        chart: shows them.
    """
    folder = home.saved_models_folder() / "reports"
    axes, log_scale = (chart.over, chart.along, chart.weight), chart.log_scale
    found: list[Compared] = []
    stem: list[str] = []

    def write() -> list[Path]:
        found.extend(book.compared(chosen))
        files = compare.export_comparison(found, folder, *axes)
        stem.append(files[0].stem)
        return files

    def draw() -> list[Path]:
        # Imported here because it imports Matplotlib.
        from core.figures import compare as figures

        return figures.export(found, folder, stem[0], *axes, log_scale)

    return partial(file_export.write, "the comparison", folder, draw, write)
