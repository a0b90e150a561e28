"""Export of what a saved network takes images for."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from core.data import home
from core.errors import StoreError
from core.predictions import evaluation as evaluations
from core.predictions import filters
from core.runs.records import Run
from tui import file_export
from tui.inspect.found import Found, PredictedFile
from tui.messages import ExportDone


def prepared(run: Run, found: Found, predicted: PredictedFile | None) -> Callable[[], ExportDone]:
    """Return a function that writes figures and tables, and returns the message about them.

    That takes some seconds, and must not run on the UI thread.

    Args:
        run: the run that has learned the network.
        found: the network and its evaluation.
        predicted: a picture of the user with its prediction; None for none.
    """
    folder = home.saved_models_folder() / "reports" / f"{run.id}-predictions"

    def draw() -> list[Path]:
        # Imported here because it imports Matplotlib.
        from core.figures import picture
        from core.figures import predictions as figures

        try:
            shown = filters.pictures(found.choice.checkpoint)
        except StoreError:
            shown = None
        files = figures.export(found.evaluation, shown, folder)
        if predicted is not None:
            by = f"{run.id} after {found.evaluation.updates:,} updates"
            files.append(
                picture.export(predicted.image, predicted.likely, folder, predicted.name, by)
            )
        return files

    def write() -> list[Path]:
        return evaluations.export(found.evaluation, folder)

    return partial(file_export.write, "the predictions", folder, draw, write)
