"""The Data pane: the images of the chosen data set, by split and class, and their copies."""

from pathlib import Path
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive

from core import memory
from core.config.experiment import Experiment
from core.data import source
from core.data.dataset import Dataset
from core.data.summary import Summary
from core.format import first_fitting
from tui.data import export as data_export
from tui.data import reading
from tui.data import text as data_text
from tui.data.class_list import ClassList
from tui.data.keys import DATA_KEYS
from tui.data.picture_sheet import PictureSheet, Tile
from tui.data.reading import Receivers, Wanted
from tui.data.summary_box import SummaryBox
from tui.data.view_model import ImageBook, Item
from tui.dialogs.prompt import LineScreen
from tui.exporting import Exporting
from tui.keymap.refusals import Refusing
from tui.widgets.explanation import Explanation
from tui.widgets.row_list import RowList
from tui.widgets.seen import seen

NARROW, SLIM = 110, 70
"""Columns below which the box beside is narrow, and below which it has no room."""

NEED_IMAGES = ("next_split", "next_class", "find", "zoom", "export")
"""Actions on images."""


class DataPane(Refusing, Exporting, Container):
    """Pictures of a data set, the numbers of images of its classes, and its statistics.

    Args:
        data: a folder or archive of CIFAR-10; None searches the data folder.
    """

    BINDINGS: ClassVar[list[BindingType]] = DATA_KEYS

    experiment: reactive[Experiment | None] = reactive(None, init=False)
    """The settings in Configure; None if not set."""

    dataset: reactive[str] = reactive("", init=False)
    """The data set that `auto` stands for."""

    def __init__(self, data: Path | None = None) -> None:
        super().__init__()
        self.book = ImageBook()
        self._data = data
        self._sheet = PictureSheet(id="images")
        self._list = ClassList(id="classes")
        # Not looked up: a result can come while the app closes, when they are there no longer.
        self._numbers, self._words = SummaryBox(), Explanation()
        self._items: list[Item] = []
        self._places = range(0)
        self._drawn: tuple[object, ...] = ()
        self._wanted: Wanted | None = None
        """What is shown or being read; None before the first reading and after a failed one."""
        self._left: Wanted | None = None
        """What was shown when the pane was left, whose last page and numbers are still there."""
        self._copies_left = False
        """Whether copies were shown then."""
        self._reason = ""
        """Why there are no images."""
        self._zoom = 0
        self._folded: bool | None = None
        """Whether the box beside is hidden; None as there is room."""

    def compose(self) -> ComposeResult:
        """Lay out the pictures, the box beside them, and the explanation."""
        with Horizontal():
            yield self._sheet
            with Vertical(id="data-beside"):
                yield self._list
                yield self._numbers
        yield self._words

    def on_mount(self) -> None:
        """Name the boxes, and read the images."""
        self._list.border_title = "Classes"
        self._numbers.border_title = "Numbers"
        self.look()

    def on_show(self) -> None:
        """Read the images, if others are wanted by now."""
        self.look()

    def on_hide(self) -> None:
        """Give the images back; a training may need the memory."""
        self._give_back()

    def _give_back(self) -> None:
        if self.book.dataset is not None and self._numbers.summary is not None:
            self._left, self._wanted = self._wanted, None
            self._copies_left = self.book.copies is not None
            self.book.take(None)
            self._items, self._drawn = [], ()
            memory.trim()

    def on_resize(self, event: events.Resize) -> None:
        """Choose the layout of the boxes for the size."""
        self.set_class(event.size.width < NARROW, "narrow")
        self.set_class(event.size.width < SLIM, "slim")
        self._fold()

    def _fold(self) -> None:
        folded = self.has_class("slim") if self._folded is None else self._folded
        self.set_class(folded, "folded")
        self.set_class(not folded, "unfolded")
        # In a small window there is room for one of them.
        hides_sheet = self.has_class("slim") and not folded
        if self._sheet.has_focus and hides_sheet:
            self.call_after_refresh(self._list.focus)
        elif self._list.has_focus and folded:
            self.call_after_refresh(self._sheet.focus)

    def watch_experiment(self) -> None:
        """Show the images, and the copies, of other settings."""
        if self.experiment is not None and self.book.copies is not None:
            self.book.open_copies(self.experiment)
        self.look()

    def watch_dataset(self) -> None:
        """Show another data set."""
        self.look()

    # Reading

    def look(self) -> None:
        """Read the images, if the pane is visible and shows others than those wanted."""
        experiment = self.experiment
        if experiment is None or not self.is_mounted or not seen(self):
            return
        wanted = Wanted.of(experiment, self.dataset)
        before, self._wanted = self._wanted, wanted
        if wanted == before:
            self._draw()
            return
        same = before is not None and before.images == wanted.images
        self._begin(wanted, self.book.dataset if same else None)

    def read_again(self) -> None:
        """Read the images again, for instance after CIFAR-10 was put where it belongs."""
        self._wanted = self._left = None
        self.book.take(None)
        self.look()

    def _begin(self, wanted: Wanted, kept: Dataset | None) -> None:
        left, self._left = self._left, None
        if wanted == left:
            self.refresh_bindings()
            self._read(wanted, None, numbers=False)  # behind what was shown last
            return
        self._reason, self._copies_left = "", False
        self._numbers.summary, self._numbers.waiting = None, "adding up the pixels…"
        if kept is None:
            self.book.take(None)
        self._draw()
        self._read(wanted, kept)

    @work(thread=True, exclusive=True, group="read")
    def _read(self, wanted: Wanted, kept: Dataset | None, numbers: bool = True) -> None:
        """Read the images unless they are kept, show them, and then add up their pixels."""
        to = Receivers(self._take, self._tell, self._fail)
        reading.read(self.app, wanted, self._data, kept, to, numbers)

    def _take(self, dataset: Dataset) -> None:
        if self.is_mounted:
            self.book.take(dataset)
            self._list.show(self.book.classes, source.counts(dataset))
            if self._copies_left and self.experiment is not None:
                self.book.open_copies(self.experiment)
            self._copies_left = False
            self._draw()

    def _tell(self, summary: Summary) -> None:
        if self.is_mounted:
            self._numbers.summary = summary
            if not seen(self):
                self._give_back()

    def _fail(self, reason: str) -> None:
        if self.is_mounted:
            self._wanted, self._reason = None, reason
            self.book.take(None)
            self._list.show((), ())
            self._numbers.waiting = ""
            self._draw()

    # Display

    @property
    def _augmentation(self) -> str:
        return self.experiment.augmentation if self.experiment is not None else "none"

    def _draw(self) -> None:
        """Show the page with the cursor, and all that depends on it."""
        if not self.is_mounted:
            return
        book, sheet, dataset = self.book, self._sheet, self.book.dataset
        name = self._wanted.dataset if self._wanted is not None else ""
        sheet.words = data_text.instead(book, name, self._reason)
        if dataset is not None:
            sheet.fit(dataset.shape, self._zoom)
            self._zoom = sheet.grid.zoom
        self._places = book.page(sheet.grid.count)
        # While the cursor stays on the page, only captions change.
        drawn = (id(dataset), book.split, book.label, book.copies, self._places, sheet.grid)
        if drawn != self._drawn:
            self._drawn = drawn
            self._items = book.items(self._places)
            sheet.show([self._tile(item) for item in self._items])
            room = sheet.outer_size.width - 6
            sheet.border_title = Content(first_fitting(room, *data_text.titles(book, self._places)))
            sheet.hints = data_text.HINTS if book.copies is None else data_text.COPY_HINTS
            sheet.write_hint()
        sheet.cursor = book.cursor - self._places.start
        sheet.nothing = data_text.nothing(book, self._reason)
        sheet.ends = book.cursor == 0, book.cursor >= len(book) - 1
        sheet.unopened = self._unopened
        self._list.split = book.split
        self._list.cursor = 0 if book.label is None else book.label + 1
        self._explain()
        self.refresh_bindings()

    def _tile(self, item: Item) -> Tile:
        width = self._sheet.grid.columns - 1
        return Tile(item.image, data_text.caption(item, self._augmentation, width))

    @property
    def _unopened(self) -> str:
        """Why the copies of the image cannot be shown; empty if they can."""
        if self.experiment is None or self.book.copies is not None:
            return "these are the copies of one image; {close} goes back"
        return self.book.copies_refusal(self.experiment)

    @property
    def _current(self) -> Item | None:
        at = self.book.cursor - self._places.start
        return self._items[at] if at < len(self._items) else None

    def _explain(self) -> None:
        item, line = self._current, self._words
        if item is not None and self.experiment is not None:
            line.explain(data_text.explanation(item, self.book, self.experiment))
        else:
            line.explain("")

    # Keys

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now."""
        if not self.is_mounted:
            return None
        if action in NEED_IMAGES and self.book.dataset is None:
            return data_text.nothing(self.book, self._reason)
        if action == "zoom":
            step = int(str(parameters[0]))
            size = "smaller" if step > 0 else "larger"
            return "" if self._sheet.can_zoom(step) else f"the pictures can be no {size}"
        if action == "export" and not self._items:
            return "there is no image to write"
        if action == "export":
            return self.export_refusal
        if action == "close":
            return "" if self.book.copies is not None else None
        return ""

    def action_next_split(self) -> None:
        """Show the next split."""
        self.book.next_split()
        self._draw()

    def action_next_class(self) -> None:
        """Show the next class."""
        self.book.next_class()
        self._draw()

    def action_zoom(self, step: int) -> None:
        """Show smaller pictures, or larger ones."""
        self._zoom += step
        self._draw()

    def action_fold(self) -> None:
        """Show the box beside, or hide it."""
        self._folded = not self.has_class("folded")
        self._fold()
        if self.has_class("slim"):  # where the one takes the place of the other
            (self._sheet if self._folded else self._list).focus()
        elif self._folded:
            self._sheet.focus()

    def action_close(self) -> None:
        """Show all images again."""
        self.book.close_copies()
        self._draw()

    def action_find(self) -> None:
        """Ask for a number or a class, and go there."""

        def go(text: str | None) -> None:
            if text is not None:
                self.book.find(text)
                self._draw()

        meaning = "The number of an image, or the beginning of a class; nothing shows all"
        self.app.push_screen(LineScreen("Find", "", meaning, self.book.reason), go)

    def action_export(self) -> None:
        """Write the pictures that are shown, and notify where."""
        if self.experiment is not None and self._items:
            shown = self._items, self._places, self.experiment
            self.export(data_export.prepared(self.book, *shown))

    # What the boxes ask for

    @on(PictureSheet.Resized)
    def _resized(self) -> None:
        self._draw()

    @on(PictureSheet.Moved)
    def _moved(self, message: PictureSheet.Moved) -> None:
        self.book.move(message.step)
        self._draw()

    @on(PictureSheet.Opened)
    def _opened(self) -> None:
        """Show the copies of the image, if there are any; the key says why not."""
        if self.experiment is not None and not self._unopened:
            self.book.open_copies(self.experiment)
            self._draw()

    @on(RowList.Moved)
    def _class_moved(self) -> None:
        self.book.choose_class(self._list.label)
        self._draw()

    @on(ClassList.SplitClicked)
    def _split_clicked(self, message: ClassList.SplitClicked) -> None:
        self.book.choose_split(message.split)
        self._draw()
