"""Export of a benchmark."""

from pathlib import Path

from core.benchmark import tables
from core.benchmark.results import Benchmark
from core.data import home
from tui import file_export
from tui.messages import ExportDone


def export(benchmark: Benchmark, earlier: Benchmark | None) -> ExportDone:
    """Write a benchmark, compared with an earlier one; return the message about it.

    This takes about a second, and must not run on the UI thread.
    """
    folder = home.saved_models_folder() / "reports"

    def draw() -> list[Path]:
        # Imported here because it imports Matplotlib.
        from core.figures import benchmark as figures

        return figures.export(benchmark, folder)

    def write() -> list[Path]:
        return tables.export(benchmark, folder, earlier)

    return file_export.write("the benchmark", folder, draw, write)
