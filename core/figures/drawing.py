"""Writing figures to files, with fixed Matplotlib settings that ignore those of the user."""

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
from core.figures import page
from core.figures.matplotlib_import import quiet

OF_THE_CALLER = {"backend", "backend_fallback", "interactive"}
"""Settings of windows, which are left as they are because no figure here opens one."""

SETTINGS: dict[Any, Any] = {
    **{name: value for name, value in mpl.rcParamsDefault.items() if name not in OF_THE_CALLER},
    "svg.hashsalt": "convsole",
    "pdf.fonttype": 42,
}
"""Settings for reproducible files, with text stored as text in PDF."""

_UNDATED = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}

_drawing = threading.RLock()
"""Held while drawing, because Matplotlib's settings are global to the process."""


class FigureError(Exception):
    """Figures could not be drawn or written; the message says which, and why.

    Attributes:
        files: the files that were written nevertheless.
    """

    def __init__(self, message: str, files: list[Path]) -> None:
        super().__init__(message)
        self.files = files


@contextmanager
def settings() -> Iterator[None]:
    """Apply `SETTINGS` during the body of a `with` statement, then restore those of the caller."""
    with _drawing, warnings.catch_warnings(), quiet(), mpl.rc_context(SETTINGS):
        # A character that no font has is drawn as a box; a warning would not help.
        warnings.filterwarnings("ignore", "Glyph .* missing")
        yield


def save(figures: Mapping[Path, Callable[[], Figure]], others: Sequence[str] = ()) -> list[Path]:
    """Draw figures and write each file atomically, in the format of its extension.

    Args:
        figures: the functions that draw the figures, by file; missing folders are created.
        others: extensions of other formats to write each figure in.

    Returns:
        The files.

    Raises:
        FigureError: if some could not be drawn or written; the others have been written.
    """
    written: list[Path] = []
    problems: list[str] = []
    with settings():
        for path, draw in figures.items():
            try:
                figure = draw()
                if others:  # compute the layout once, so that it is the same in all formats
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
    """Return a figure as the content of a file; call it within `settings`."""
    out = io.BytesIO()
    figure.savefig(out, format=ending, dpi=page.DPI, metadata=_UNDATED.get(ending))
    return out.getvalue()


def _words(error: Exception) -> str:
    if isinstance(error, OSError):
        return reason(error)
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    return f"{type(error).__name__}: {error}"
