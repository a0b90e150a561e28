"""The question for a picture file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.app import App

from core import paths
from tui.dialogs.prompt import LineScreen

MEANING = "Type its path, or drop it here; its middle is looked at"


def ask_for_picture(app: App[Any], take: Callable[[Path], None]) -> None:
    """Ask for the path of a picture, and pass it on unless the question is cancelled."""

    def answered(text: str | None) -> None:
        if text:
            take(paths.typed(text))

    app.push_screen(LineScreen("Picture", "", MEANING, _no_path, most=4096, path=True), answered)


def _no_path(text: str) -> str | None:
    """Return why a text is not the path of a picture; None if it is."""
    if not text.strip():
        return "name a file, such as photos/cat.jpg"
    try:
        paths.typed(text)
    except paths.PathError as error:
        return str(error)
    return None
