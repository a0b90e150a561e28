"""The modal screen with the chapters of the guide."""

from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen, Screen
from textual.widgets import Markdown

import tui
from tui.chapters.catalogue import BELONGS, CHAPTERS, GuideError, chapter_of, file_of, text
from tui.frame.key_footer import KeyFooter
from tui.guide.contents import Contents
from tui.guide.keys import GUIDE_KEYS, TEXT_KEYS
from tui.keymap.refusals import Refusing
from tui.widgets.modal import ClosesOnce

NARROW = 90
"""Columns below which the list of chapters takes the place of the text."""


class ChapterText(VerticalScroll, can_focus=True, inherit_bindings=False):
    """The scrolling text of one chapter."""

    BINDINGS: ClassVar[list[BindingType]] = TEXT_KEYS


class GuideScreen(Refusing, ModalScreen[None], ClosesOnce[None]):
    """Shows the guide.

    Args:
        place: a chapter, and after # a place in it.
    """

    AUTO_FOCUS = "ChapterText"

    BINDINGS: ClassVar[list[BindingType]] = GUIDE_KEYS

    def __init__(self, place: str) -> None:
        super().__init__()
        self._place = place
        self._shown = ""
        """Name of the chapter on the screen; empty before the first."""

    def compose(self) -> ComposeResult:
        """Lay out the chapters, the text and the keys."""
        with Horizontal(id="guide"):
            contents = Contents(id="contents")
            contents.border_title = "Guide"
            yield contents
            with ChapterText(id="chapter"):
                yield Markdown(open_links=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Open the first chapter."""
        name, _, anchor = self._place.partition("#")
        self._open(name, anchor)

    def on_resize(self, event: Resize) -> None:
        """Choose the layout for the width."""
        self.set_class(event.size.width < NARROW, "narrow")

    @property
    def _number(self) -> int:
        """Position of the chapter on the screen."""
        return next(at for at, each in enumerate(CHAPTERS) if each.name == self._shown)

    @work(exclusive=True)
    async def _open(self, name: str, anchor: str = "") -> None:
        """Show a chapter, at one of its headings."""
        self._shown = name
        box, document = self.query_one(ChapterText), self.query_one(Markdown)
        self.query_one(Contents).cursor = self._number
        box.border_title = Content(CHAPTERS[self._number].title)
        self.refresh_bindings()
        try:
            await document.update(text(name))
        except GuideError as error:
            await document.update(f"✗ {error}")
            return
        box.scroll_home(animate=False)
        if anchor:
            self.call_after_refresh(document.goto_anchor, anchor)

    @on(Contents.Chosen)
    def _choose(self, message: Contents.Chosen) -> None:
        self._open(message.chapter.name)
        self._read()

    @on(Markdown.LinkClicked)
    def _follow(self, message: Markdown.LinkClicked) -> None:
        """Open the chapter that a link leads to, or say where else it leads."""
        link = message.href
        found = chapter_of(link)
        if found is not None:
            self._open(*found)
        elif link.startswith("#"):
            self.query_one(Markdown).goto_anchor(link[1:])
        elif "://" in link:
            self.notify(f"{link} is not part of the guide", title="A page of the web")
        else:
            self.notify(_where(file_of(link)), title="A file of the repository")

    # Actions

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now."""
        if action == "turn" and self._shown:
            at = self._number + int(str(parameters[0]))
            if at < 0:
                return "this is the first chapter"
            if at >= len(CHAPTERS):
                return "this is the last chapter"
        return ""

    def action_turn(self, by: int) -> None:
        """Open the chapter before or after."""
        self._open(CHAPTERS[self._number + by].name)
        self._read()

    def action_contents(self) -> None:
        """Go to the list of chapters, or from there to the text."""
        contents = self.query_one(Contents)
        if contents.has_focus:
            self._read()
        else:
            self.add_class("contents")
            contents.focus()

    def _read(self) -> None:
        """Go to the text."""
        self.remove_class("contents")
        self.query_one(ChapterText).focus()


def belonging(screen: Screen[object], pane: str) -> str:
    """Return the chapter that belongs to a screen, or to the pane on it."""
    area = type(screen).__module__.split(".")[1]
    return BELONGS.get(area, BELONGS[pane])


def _where(path: str) -> str:
    """Return where a file of the repository is to be found, in a sentence."""
    here = Path(tui.__file__).parents[1] / path
    if here.exists():
        return f"{path} lies in {here.parent}"
    return f"{path} is not part of this installation; it is in the repository"
