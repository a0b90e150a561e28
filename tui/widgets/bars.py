"""Vertical bars in eighths of a row."""

from collections.abc import Sequence

EIGHTHS = " ▁▂▃▄▅▆▇█"


def bars(counts: Sequence[int], rows: int) -> list[str]:
    """Return one character per bar, line by line from the top; the largest count fills all rows."""
    # A single entry among thousands is what matters, so it must be visible.
    most = max(1, *counts)
    eighths = [max(1, round(8 * rows * n / most)) if n else 0 for n in counts]
    return [
        "".join(EIGHTHS[max(0, min(8, e - 8 * below))] for e in eighths)
        for below in range(rows - 1, -1, -1)
    ]
