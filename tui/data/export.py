"""Export of the pictures that are shown."""

from pathlib import Path

from core.data import home
from core.data.dataset import Dataset
from core.text_out import as_file_name
from tui import file_export
from tui.data import text as data_text
from tui.data.view_model import ImageBook, Item
from tui.messages import ExportDone


def stem(book: ImageBook, dataset: Dataset, places: range) -> str:
    """Return the name of the file without its extension: what is shown, from which number on."""
    if book.copies is not None:
        parts = [dataset.name, "image", str(book.row), "copies", str(places.start)]
    else:
        parts = [dataset.name, book.split, book.class_words, "from", str(places.start + 1)]
    return as_file_name("-".join(parts).replace(" ", "-"))


def export(items: list[Item], stem: str, title: str, augmentation: str, note: str) -> ExportDone:
    """Write the figure; return the message that says where, or why not.

    This takes about a second, and must not run on the UI thread.

    Args:
        items: what is shown, at least one.
        stem: name of the file without its extension.
        title: title of the figure.
        augmentation: the setting of that name, for the captions of copies.
        note: a line below the pictures.
    """
    folder = home.saved_models_folder() / "reports"

    def draw() -> list[Path]:
        # Imported here because it imports Matplotlib.
        from core.figures import images

        shown = [
            images.Captioned(item.image, tuple(data_text.lines(item, augmentation)))
            for item in items
        ]
        return [images.export(shown, folder / f"{stem}.png", title, note)]

    return file_export.write("the pictures", folder, draw)
