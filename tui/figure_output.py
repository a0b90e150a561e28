"""Drawing of figures, with every failure turned into a sentence instead of an exception."""

from collections.abc import Callable, Iterable
from pathlib import Path

Write = Callable[[], Iterable[Path]]
"""A function that writes files and returns their paths."""


def figures(what: str, draw: Write) -> tuple[list[Path], str | None]:
    """Draw figures; return the paths of those written, and a sentence on why others were not.

    Args:
        what: a name for the figures in messages, such as "the figures".
        draw: draws them; it must import `core.figures` itself.
    """
    try:
        # Imported here because it imports Matplotlib, which may be missing or broken.
        from core.figures.drawing import FigureError

        try:
            return list(draw()), None
        except FigureError as error:
            return error.files, str(error)
    except MemoryError:
        return [], f"{what} could not be drawn: there is not enough memory"
    except OSError as error:
        return [], f"{what} could not be drawn: {error.strerror or error}"
    except Exception as error:
        # No error of Matplotlib may cost more than the figure.
        return [], f"{what} could not be drawn: {error!r}"
