"""The signs of the best in drawings, and what is said below: as much as there is room for."""

from collections.abc import Sequence

from core.format import cut
from core.sweeps.analysis import judged
from core.sweeps.analysis.snapshot import TrialRow
from tui.widgets.digits import DIGITS

ROWS = ((8, 0), (14, 1), (24, 2))
"""Rows of the screen below which a drawing has at most so many lines of captions."""

MOST = 3
BETWEEN = "; "


def digit(slot: int, row: TrialRow) -> str:
    """Return the sign of one of the best: its digit, in parentheses if it was cut short."""
    return f"({DIGITS[slot]})" if judged.cut_short(row) else DIGITS[slot]


def bracketed(leading: Sequence[TrialRow]) -> list[str]:
    """Return the signs of those of the best that were cut short."""
    return [digit(slot, row) for slot, row in enumerate(leading) if judged.cut_short(row)]


def fitted(captions: Sequence[str], width: int, height: int) -> list[str]:
    """Return captions in lines; those for which there is no room are left out, the last ones first.

    Args:
        captions: the most important one first; empty ones are left out.
        width: columns.
        height: rows of drawing and captions together.
    """
    most = next((rows for below, rows in ROWS if height < below), MOST)
    lines: list[str] = []
    for words in filter(None, captions):
        joined = f"{lines[-1]}{BETWEEN}{words}" if lines else words
        if lines and len(joined) <= width:
            lines[-1] = joined
        elif len(lines) < most:
            lines.append(cut(words, width))
        else:
            break
    return lines
