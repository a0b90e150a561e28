"""How figures become files: by our settings alone, whoever calls and whatever has been set up."""

import io
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from core import files
from core.errors import reason
from core.figures.matplotlib_import import quiet
from core.figures.page import DPI

OF_THE_CALLER = {"backend", "backend_fallback", "interactive"}
"""What says where windows are opened, which no figure here needs."""

SETTINGS: dict[Any, Any] = {
    **{name: value for name, value in mpl.rcParamsDefault.items() if name not in OF_THE_CALLER},
    "svg.hashsalt": "convsole",
    "pdf.fonttype": 42,
}
"""The same figure gives the same file, and its type stays type."""

_UNDATED = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}

_drawing = threading.RLock()
"""Held by who draws: Matplotlib's settings are those of the whole process."""


class FigureError(Exception):
    """Figures could not be drawn or written; the message says which, and why.

    Attributes:
        files: those that were written all the same.
    """

    def __init__(self, message: str, files: list[Path]) -> None:
        super().__init__(message)
        self.files = files


@contextmanager
def settings() -> Iterator[None]:
    """Let Matplotlib draw by our settings; those of the caller are back at the end."""
    with _drawing, warnings.catch_warnings(), quiet(), mpl.rc_context(SETTINGS):
        # A letter that no font has is drawn as a box, which says enough.
        warnings.filterwarnings("ignore", "Glyph .* missing")
        yield


def save(figures: Mapping[Path, Callable[[], Figure]], others: Sequence[str] = ()) -> list[Path]:
    """Draw figures and write them, each file whole or not at all, in the format of its name.

    Args:
        figures: what draws each, by its file; folders are made where they are missing.
        others: endings of other formats that each is written in as well.

    Returns:
        The files.

    Raises:
        FigureError: if some could not be drawn or written, after all others were.
    """
    written: list[Path] = []
    problems: list[str] = []
    with settings():
        for path, draw in figures.items():
            try:
                figure = draw()
                if others:  # everything is at the same place in all formats
                    figure.draw_without_rendering()
                    figure.set_layout_engine("none")
                path.parent.mkdir(parents=True, exist_ok=True)
                for file in (path, *map(path.with_suffix, others)):
                    content = rendered(figure, file.suffix[1:].lower())
                    files.write(file, content, files.SHARED_FILE)
                    written.append(file)
            except Exception as error:
                problems.append(f"{path.name} could not be drawn: {_words(error)}")
    if problems:
        raise FigureError("; ".join(problems), written)
    return written


def rendered(figure: Figure, ending: str) -> bytes:
    """Return a figure as the content of a file, within `settings`."""
    out = io.BytesIO()
    figure.savefig(out, format=ending, dpi=DPI, metadata=_UNDATED.get(ending))
    return out.getvalue()


def _words(error: Exception) -> str:
    if isinstance(error, OSError):
        return reason(error)
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    return f"{type(error).__name__}: {error}"
