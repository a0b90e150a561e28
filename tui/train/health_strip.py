"""The strip of Train: a quantity of the health record, layers down and updates across."""

from textwrap import wrap
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip as Line
from textual.widget import Widget

from core.format import first_fitting
from core.runs.session import Session
from core.training.health_log import HealthLog
from core.training.health_strip import QUANTITIES, Quantity
from core.training.health_thresholds import HealthThresholds
from tui.keymap.refusals import Refusing
from tui.messages import ExplainLayer
from tui.train import health_text, strip_paint
from tui.train.keys import STRIP_KEYS
from tui.train.strip_layout import Layout
from tui.train.strip_paint import Palette
from tui.train.strip_picture import Cell, StripPicture

ROOM_FOR_HEAD = 5
"""Lines from which one of them is for the latest warning."""

FAR_ON = 1 << 30
"""A column beyond the last one."""


class HealthStrip(Refusing, Widget, can_focus=True):
    """Cells in shades and colours, with a cursor that tells the value under it.

    Drawn again only when rows have been recorded since; a move of the cursor draws two rows.
    """

    BINDINGS: ClassVar[list[BindingType]] = STRIP_KEYS

    ALLOW_SELECT = False

    quantity: reactive[Quantity] = reactive("ratio", init=False)
    """What it shows."""

    _layout_now: Layout | None = None
    """Where everything is drawn; None while there is nothing to draw."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._session: Session | None = None
        self._over = self._frozen = False
        self._log: HealthLog | None = None
        self._picture: StripPicture | None = None
        self._drawn: tuple[object, ...] = ()
        """What the picture is of; empty if it must be drawn again."""
        self._lines: dict[int, Line] = {}
        self._head: tuple[str, ...] = ()
        self._name_at, self._update_at = "", 0
        """Row and update that the cursor stands at; no row if it stands nowhere."""
        self._pointed: Cell | None = None

    # What is shown

    def show(self, session: Session, over: bool, frozen: bool) -> None:
        """Show the record of a run, as far as it has come.

        Args:
            session: the run.
            over: whether nothing more will be recorded of it.
            frozen: whether to hold what is shown.
        """
        if session is not self._session:
            self._name_at, self._pointed, self._picture, self._log = "", None, None, None
            self._drawn = self._head = ()
        if frozen != self._frozen:
            self._drawn = ()
        self._session, self._over, self._frozen = session, over, frozen
        self.draw()

    def warn(self, log: HealthLog) -> None:
        """Show the latest warning above the rows, and mark what its thresholds say."""
        warnings = log.warnings
        head = health_text.head(warnings, [log.holds(one) for one in warnings])
        if log is not self._log or head != self._head:
            self._log, self._head, self._drawn = log, head, ()
            self.draw()

    def look_at(self, quantity: Quantity, name: str, update: int) -> None:
        """Show a quantity, with the cursor on a tensor or layer and an update."""
        self._name_at, self._update_at, self._pointed = name, update, None
        self.quantity, self._drawn = quantity, ()
        self.draw()

    def watch_quantity(self) -> None:
        """Show another quantity; the cursor stays with its layer if it can."""
        self._pointed, self._drawn = None, ()
        self.draw()

    def draw(self) -> None:
        """Draw, if there is something new and the strip is on the screen."""
        session = self._session
        if session is None or not self.is_attached or not self.display or not self.content_size:
            return
        history = session.history
        now = id(history), len(history.health), self._over, self.content_size
        held = self._frozen and self._drawn and self._drawn[-1] == self.content_size
        if now == self._drawn or held:
            return
        self._drawn = now
        thresholds = self._log.thresholds if self._log is not None else HealthThresholds()
        width = self.content_size.width
        self._picture = StripPicture.of(session, self.quantity, width, thresholds)
        self._pointed = None
        self._paint()

    # The cursor

    @property
    def cell(self) -> Cell | None:
        """The cell under the pointer, or under the cursor; None for none."""
        picture = self._picture
        if picture is None or picture.empty:
            return None
        if self._pointed is None and self._name_at:
            return picture.cell_of(self._name_at, self._update_at)
        return self._pointed

    def _go(self, row: int, column: int) -> None:
        picture, before = self._picture, self.cell
        if picture is not None and not picture.empty:
            row, column = picture.nearest(row, column)
            self._pointed = None
            self._name_at = picture.strip.names[row]
            self._update_at = int(picture.strip.updates[column])
            self._moved(before)

    def _moved(self, before: Cell | None) -> None:
        """Draw the rows that the cursor has left and entered, or all if they scroll."""
        layout = self._layout_now
        if layout is None or self._layout_for() != layout:
            self._paint()
            return
        changed = {layout.foot}
        for cell in (before, self.cell):
            changed.update(layout.lines_of(cell[0]) if cell is not None else ())
        for y in changed:
            self._lines.pop(y, None)
        self.refresh(*(Region(0, y, self.content_size.width, 1) for y in changed))
        self._write_border()
        self.refresh_bindings()

    def _layout_for(self) -> Layout | None:
        """Return the layout in which the row of the cursor is seen; the pointer scrolls nothing."""
        picture, size, cell = self._picture, self.content_size, self.cell
        if picture is None or picture.empty:
            return None
        if self._pointed is not None:
            return self._layout_now
        head = bool(self._head) and size.height >= ROOM_FOR_HEAD
        names, columns = picture.strip.names, len(picture.strip.updates)
        row = cell[0] if cell is not None else 0
        return Layout.of(size.width, size.height, head, names, columns, row)

    # Drawing

    @property
    def _palette(self) -> Palette | None:
        if self.app.no_color:
            return None
        return strip_paint.DARK if self.app.current_theme.dark else strip_paint.LIGHT

    def _paint(self) -> None:
        self._lines.clear()
        if not self.content_size:
            self._drawn = ()  # hidden; it is drawn when it is shown
            return
        self._layout_now = self._layout_for()
        self.refresh()
        self._write_border()
        self.refresh_bindings()

    def _write_border(self) -> None:
        if self._picture is not None:
            room = self.content_size.width - 2
            self.border_title = Content(first_fitting(room, *self._picture.titles(self._frozen)))
            foot = first_fitting(room, *self._picture.foot(self.cell))
            self.border_subtitle = strip_paint.painted(foot, self._picture.signed, self._palette)

    def render_line(self, y: int) -> Line:
        """Return one line of the box, drawn when it is first asked for."""
        width = self.content_size.width
        if not width:
            return Line.blank(0)  # hidden, and not to be remembered
        if y not in self._lines:
            # Cells without colours have the ground of the box.
            line = Line(self._segments(y, width)).apply_style(self.rich_style)
            self._lines[y] = line.adjust_cell_length(width, self.rich_style)
        return self._lines[y]

    def _segments(self, y: int, width: int) -> list[Segment]:
        plain, layout, picture = self.rich_style, self._layout_now, self._picture
        if self._session is None:
            return []
        if layout is None or picture is None:
            words = health_text.empty(self._session, self.quantity, self._over)
            lines = wrap(words, max(8, width - 4))
            at = y - max(0, (self.content_size.height - len(lines)) // 2)
            return [Segment(lines[at].center(width), plain)] if 0 <= at < len(lines) else []
        if y < layout.head:
            return [Segment(first_fitting(width, *self._head), plain + Style(bold=True))]
        row = layout.row_at(y)
        if row is not None:
            return picture.row(layout, row, y, self.cell, plain, self._palette)
        return (
            [Segment(picture.updates(layout, self.cell, width), plain)] if y == layout.foot else []
        )

    # Events

    def on_resize(self) -> None:
        """Draw at the new size."""
        self.draw()

    def on_show(self) -> None:
        """Catch up with what was recorded while other charts were shown."""
        self.draw()

    def notify_style_update(self) -> None:
        """Draw in the colours of the new theme."""
        super().notify_style_update()
        if self.is_attached:
            self.call_later(self._paint)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show the value under the pointer."""
        self._point(self._cell_at(event))

    def on_leave(self) -> None:
        """Show no value where no pointer is."""
        self._point(None)

    def on_click(self, event: events.Click) -> None:
        """Set the cursor; explain the layer on a second click."""
        cell = self._cell_at(event)
        if cell is not None:
            self._go(*cell)
            if event.chain > 1:
                self.action_explain()

    def _point(self, cell: Cell | None) -> None:
        if cell != self._pointed:
            before, self._pointed = self.cell, cell
            self._moved(before)

    def _cell_at(self, event: events.MouseEvent) -> Cell | None:
        offset, layout = event.get_content_offset(self), self._layout_now
        if offset is None or layout is None:
            return None
        row, column = layout.row_at(offset.y), layout.column_at(offset.x)
        return (row, column) if row is not None and column is not None else None

    # Actions

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now."""
        if action == "leave":
            return "" if self._name_at else None
        if action == "explain" and self.cell is None:
            return "no layer is under the cursor; the arrows set it"
        if action == "move" and (self._picture is None or self._picture.empty):
            return "nothing is recorded that the cursor could go to"
        return ""

    def action_move(self, rows: int, columns: int) -> None:
        """Move the cursor; at first it goes to the latest value of the first row."""
        cell = self.cell
        self._go(*((0, FAR_ON) if cell is None else (cell[0] + rows, cell[1] + columns)))

    def action_leave(self) -> None:
        """Take the cursor off."""
        before, self._name_at = self.cell, ""
        self._moved(before)

    def action_next_quantity(self) -> None:
        """Show the next quantity."""
        names = list(QUANTITIES)
        self.quantity = names[(names.index(self.quantity) + 1) % len(names)]

    def action_explain(self) -> None:
        """Explain the layer under the cursor."""
        if self.cell is not None and self._picture is not None:
            name = self._picture.strip.names[self.cell[0]]
            self.post_message(ExplainLayer(health_text.layer_of(name, self.quantity)))
