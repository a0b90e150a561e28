"""The list of classes, with the number of their images in every split."""

from textual.content import Content
from textual.message import Message
from textual.reactive import reactive

from core.data.source import SplitCounts
from core.format import cut
from tui.data.view_model import ALL
from tui.widgets.row_list import CURSOR, DIM, RowList

HEADS = {"train": "train", "validation": "valid.", "test": "test"}
"""Headings by the names of the splits."""

COLUMN, NAME = 7, 10
"""Columns of a number with the blank before it, and of the longest name that all splits allow."""


class ClassList(RowList):
    """One line for all classes and one for each; the cursor chooses what is shown."""

    split: reactive[str] = reactive("train", init=False)
    """Name of the split that is shown."""

    counts: tuple[SplitCounts, ...] = ()
    """Numbers of images; none before there is a data set."""

    names: tuple[str, ...] = ()
    """Names of the classes."""

    class SplitClicked(Message):
        """The heading of a split was clicked."""

        def __init__(self, split: str) -> None:
            super().__init__()
            self.split = split

    @property
    def label(self) -> int | None:
        """Index of the class under the cursor; None for all."""
        return self.cursor - 1 if self.cursor else None

    def count(self) -> int:
        """Return the number of lines."""
        return 1 + len(self.names)

    def header(self, width: int) -> Content:
        """Return the headings; that of the split that is shown has a sign."""
        shown = self._shown(width)
        head = Content(f"{'  class':<{max(0, width - COLUMN * len(shown))}}")
        for each in shown:
            text = f"{HEADS[each]:>{COLUMN}}"
            head += Content.styled(text, "bold $foreground" if each == self.split else DIM)
        return head

    def lines(self, width: int) -> list[Content]:
        """Return a line for each class with its numbers of images."""
        shown = [each for each in self.counts if each.name in self._shown(width)]
        room = max(0, width - COLUMN * len(shown) - 2)
        rows = []
        for item, name in enumerate((ALL, *self.names)):
            numbers = [each.per_class[item - 1] if item else each.images for each in shown]
            sign = "▸" if item == self.cursor else " "
            line = Content(f"{sign} {cut(name, room):<{room}}")
            for each, number in zip(shown, numbers, strict=True):
                text = f"{number:>{COLUMN},}"
                line += Content(text) if each.name == self.split else Content.styled(text, DIM)
            rows.append(line.stylize(CURSOR if item == self.cursor and self.has_focus else ""))
        return rows

    def _shown(self, width: int) -> list[str]:
        """Return the splits with a column: all, or the one whose images are shown."""
        every = [each.name for each in self.counts] or list(HEADS)
        return every if width >= 2 + NAME + COLUMN * len(every) else [self.split]

    def heading_clicked(self, x: int) -> None:
        """Show the split whose heading was clicked."""
        width = self.scrollable_content_region.width
        shown = self._shown(width)
        at = (x - (width - COLUMN * len(shown))) // COLUMN
        if 0 <= at < len(shown):
            self.post_message(self.SplitClicked(shown[at]))

    def show(self, names: tuple[str, ...], counts: tuple[SplitCounts, ...]) -> None:
        """Show the classes of a data set, with the cursor on one of them."""
        self.names, self.counts = names, counts
        self.cursor = min(self.cursor, self.count() - 1)
        self.draw()

    def watch_split(self) -> None:
        """Draw with another split emphasised."""
        self.draw()
