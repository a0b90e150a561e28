"""Export of the pictures that are shown."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from core.config.experiment import Experiment
from core.data import home
from core.text_out import as_file_name
from tui import file_export
from tui.data import text as data_text
from tui.data.view_model import ImageBook, Item
from tui.messages import ExportDone


def prepared(
    book: ImageBook, items: list[Item], places: range, experiment: Experiment
) -> Callable[[], ExportDone]:
    """Return a function that writes the figure, and returns where it is or why it is not.

    That takes about a second, and must not run on the UI thread; what is shown by then may have
    changed.

    Args:
        book: says what the items are.
        items: what is shown, at least one.
        places: their places in the book.
        experiment: the settings that make the copies.
    """
    title = data_text.titles(book, places)[0]
    dataset = book.dataset
    name = "" if dataset is None else dataset.name
    if book.copies is not None:
        parts = [name, "image", str(book.row), "copies", str(places.start)]
        note = data_text.note(experiment)
    else:
        parts = [name, book.split, book.class_words, "from", str(places.start + 1)]
        note = "" if dataset is None else dataset.source
    stem = as_file_name("-".join(parts).replace(" ", "-"))
    captions = [tuple(data_text.lines(item, experiment.augmentation)) for item in items]
    return partial(_export, items, captions, stem, title, note)


def _export(
    items: list[Item], captions: list[tuple[str, ...]], stem: str, title: str, note: str
) -> ExportDone:
    folder = home.saved_models_folder() / "reports"

    def draw() -> list[Path]:
        # Imported here because it imports Matplotlib.
        from core.figures import images

        shown = [
            images.Captioned(item.image, lines) for item, lines in zip(items, captions, strict=True)
        ]
        return [images.export(shown, folder / f"{stem}.png", title, note)]

    return file_export.write("the pictures", folder, draw)
