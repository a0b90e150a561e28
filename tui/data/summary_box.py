"""The box with the numbers of a data set: shape, bytes, normalisation, and a histogram."""

from itertools import pairwise

import numpy as np
from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from core import format as fmt
from core.data.summary import VALUES, Column, Summary
from core.format import first_fitting
from tui.data.text import shape_words
from tui.widgets.bars import bars
from tui.widgets.row_list import DIM

TALLEST = 6
"""Most rows of the histogram."""

LABEL = 10
"""Columns of the words before numbers."""


class SummaryBox(Widget):
    """Draws the numbers, and the histogram in the rows that are left."""

    summary: reactive[Summary | None] = reactive(None)
    """The numbers; None until they are computed."""

    waiting: reactive[str] = reactive("")
    """Text shown while there are none."""

    def render(self) -> RenderResult:
        """Return all lines."""
        width, height = self.size
        if not width:
            return ""  # while it is hidden
        if self.summary is None:
            return Content.styled(self.waiting, DIM)
        lines = [Content(line) for line in words(self.summary, width)]
        room = min(TALLEST, height - len(lines) - 1)
        if room > 0:
            drawn = histogram(self.summary.histogram.tolist(), width, room)
            lines += [Content.styled(line, "$text-primary") for line in drawn]
            last = f"0{VALUES - 1:>{width - 1}}"
            caption = first_fitting(width - 6, "values of the training images", "values", "")
            at = (width - len(caption)) // 2
            lines.append(Content(f"{last[:at]}{caption}{last[at + len(caption) :]}"))
        return Content("\n").join(lines)


def words(summary: Summary, width: int) -> list[str]:
    """Return the lines of numbers, at most `width` wide as far as there are shorter forms."""
    size, count = fmt.size(summary.bytes), sum(split.images for split in summary.splits)
    shape = shape_words(summary.shape)
    first = first_fitting(width, f"{shape} · {count:,} images · {size}", f"{shape} · {size}", shape)
    named = (("mean", summary.mean), ("deviation", summary.deviation))
    whole = " · ".join(f"{name} {_numbers(values, width)}" for name, values in named)
    lines = [first, whole]
    if len(whole) > width:
        lines = [first, *(f"{name:<{LABEL}}{_numbers(v, width - LABEL)}" for name, v in named)]
    if summary.per == "pixel":
        lines.append(
            first_fitting(
                width,
                f"for each of the {summary.mean.size:,} values",
                f"for each of {summary.mean.size:,} values",
                "for each value",
            )
        )
    else:
        lines.append(first_fitting(width, "for each channel, of 0 to 255", "for each channel"))
    return lines


def _numbers(values: Column, room: int) -> str:
    """Return the values of every channel, or the least and the largest where there are many."""
    each = " ".join(f"{value:.1f}" for value in values.ravel()) if values.ndim == 1 else ""
    low, high = float(np.min(values)), float(np.max(values))
    ends = f"{low:.1f} to {high:.1f}"
    return first_fitting(room, *filter(None, (each, ends)), f"{low:.0f} to {high:.0f}")


def histogram(counts: list[int], width: int, rows: int) -> list[str]:
    """Return the lines of a histogram of 256 counts, as wide as `width` columns."""
    edges = [at * len(counts) // width for at in range(width + 1)]
    # Bins of different numbers of values are compared by their mean.
    means = [sum(counts[a : max(a + 1, b)]) / max(1, b - a) for a, b in pairwise(edges)]
    return bars([round(1000 * mean) for mean in means], rows)
