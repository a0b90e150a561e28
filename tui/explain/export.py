"""Export of a value of the Explain pane."""

from pathlib import Path

from core.data import home
from tui import file_export
from tui.explain.source import Traced
from tui.explain.walk import Walk
from tui.messages import ExportDone


def write(walk: Walk, traced: Traced) -> ExportDone:
    """Draw the value with its window and its products; this must not run on the UI thread."""
    found, here = walk.explained, walk.here
    gradients = here.gradients or walk.is_weight
    place = "-".join(map(str, here.at))
    folder = home.saved_models_folder() / "explained"
    file = folder / f"{'gradient-' * gradients}{here.name}-{place}.png"
    about = f"{traced.image}, {traced.network.words}"

    def draw() -> list[Path]:
        # Imported here because it imports Matplotlib.
        from core.figures import explain

        return [explain.export(walk.trace, found, gradients, file, about)]

    return file_export.write("the figure", folder, draw)
