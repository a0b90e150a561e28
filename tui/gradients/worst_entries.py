"""The entries of one tensor with the largest relative errors."""

from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from core.checks.report import Row
from tui.gradients import text as check_text
from tui.gradients.text import number
from tui.widgets.row_list import DIM

DIGITS = (8, 7, 6, 5, 4, 3, 2, 1)
"""Digits after the point of a value; as many as fit are shown, because the last ones differ."""


class WorstEntries(Widget):
    """Index, both values and relative error of each entry, the worst first."""

    row: reactive[Row | None] = reactive(None, layout=True)
    """The tensor; None for none."""

    eps: reactive[float] = reactive(0.0, layout=True)
    """Floor of the denominator of the relative errors."""

    def render(self) -> RenderResult:
        """Return heading, entries, and the definition of the relative error."""
        return Content("\n").join(self.lines(self.size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of lines."""
        return max(1, len(self.lines(width)))

    def lines(self, width: int) -> list[Content]:
        """Return all lines, at most `width` wide."""
        if self.row is None:
            return [Content.styled("And where they are largest", DIM)]
        for digits in DIGITS:
            table = entry_lines(self.row, digits)
            if max(map(len, table)) <= width:
                break
        spare = width - max(map(len, table))
        lines = [Content.styled(table[0], "bold"), *map(Content, table[1:])]
        if spare < 0:
            lines = [line.truncate(max(0, width), ellipsis=True) for line in lines]
        words = check_text.eps_words(self.eps)
        if len(words) > width:
            words = words.replace("error ", "error\n")  # keeps the formula on one line
        return [*lines, Content(""), *Content.styled(words, DIM).split("\n")]


def entry_lines(row: Row, digits: int) -> list[str]:
    """Return heading and entries, the values with `digits` digits after the point."""
    table = [("entry", "by hand", check_text.SHORT[row.reference], "relative")]
    table += [
        (
            check_text.index(entry.index),
            number(entry.value, digits),
            number(entry.reference, digits),
            number(entry.relative),
        )
        for entry in row.comparison.worst
    ]
    widths = [max(len(line[column]) for line in table) for column in range(4)]
    return [
        f"{line[0]:<{widths[0]}}"
        + "".join(f" {cell:>{w}}" for cell, w in zip(line[1:], widths[1:], strict=True))
        for line in table
    ]
