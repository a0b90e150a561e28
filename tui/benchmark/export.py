"""A benchmark, written as files."""

from pathlib import Path

from core.benchmark import tables
from core.benchmark.results import Benchmark
from core.data import home
from tui import file_export
from tui.messages import ExportDone


def export(benchmark: Benchmark, earlier: Benchmark | None) -> ExportDone:
    """Write a benchmark, an earlier one beside it; return the message that says where, or why not.

    Takes a second, and must not run on the thread of the screen.
    """
    folder = home.saved_models_folder() / "reports"

    def draw() -> list[Path]:
        # Here, because Matplotlib comes with it.
        from core.figures import benchmark as figures

        return figures.export(benchmark, folder)

    def write() -> list[Path]:
        return tables.export(benchmark, folder, earlier)

    return file_export.write("the benchmark", folder, draw, write)
