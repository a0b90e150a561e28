"""Figures are drawn last, and one that fails costs nothing but itself."""

from collections.abc import Callable, Iterable
from pathlib import Path

Write = Callable[[], Iterable[Path]]
"""Writes files and returns their paths."""


def figures(what: str, draw: Write) -> tuple[list[Path], str | None]:
    """Draw figures; return those that are there, and in a sentence why others are not.

    Args:
        what: the figures, as in "the figures".
        draw: draws them. Whatever it needs of `core.figures` it imports itself.
    """
    try:
        # Here, because Matplotlib comes with it, and may not be as it should.
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
        # Nothing is lost but a picture, whatever Matplotlib thinks of this machine.
        return [], f"{what} could not be drawn: {error!r}"
