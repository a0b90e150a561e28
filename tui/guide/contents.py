"""The list of the chapters of the guide."""

from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.message import Message

from core.format import cut
from tui.chapters.catalogue import CHAPTERS, Chapter
from tui.guide.keys import CONTENTS_KEYS
from tui.widgets.row_list import CURSOR, RowList


class Contents(RowList):
    """One row for each chapter."""

    BINDINGS: ClassVar[list[BindingType]] = CONTENTS_KEYS

    class Chosen(Message):
        """The user wants to read a chapter."""

        def __init__(self, chapter: Chapter) -> None:
            super().__init__()
            self.chapter = chapter

    def count(self) -> int:
        """Return the number of chapters."""
        return len(CHAPTERS)

    def lines(self, width: int) -> list[Content]:
        """Return one line per chapter."""
        lines = []
        for item, chapter in enumerate(CHAPTERS):
            here = item == self.cursor
            text = cut(f"{'▸' if here else ' '} {chapter.title}", width)
            style = (CURSOR if self.has_focus else "bold") if here else ""
            lines.append(Content.styled(f"{text:<{width}}", style))
        return lines

    def action_open(self) -> None:
        """Ask for the chapter under the cursor."""
        self.post_message(self.Chosen(CHAPTERS[self.cursor]))
