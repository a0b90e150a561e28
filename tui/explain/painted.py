"""Boxes that are drawn as segments, and only in the lines that change."""

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.explain import paint
from tui.explain.grid import Form
from tui.explain.paint import Lines, View


def in_words_alone(widget: Widget) -> bool:
    """Return whether there are no colours, so that signs must do."""
    return widget.app.no_color


class Painted(Widget):
    """A picture that fills its box.

    It is drawn as segments, which takes a tenth of the time of a text of as many colours, and only
    in the lines that change.
    """

    _drawn: tuple[object, list[Strip]] | None = None
    """What the last picture was drawn from, and its lines."""

    @property
    def model(self) -> object:
        """What the picture depends on, beside its size and the theme."""
        raise NotImplementedError

    def draw(self) -> Lines:
        """Return the lines of the picture."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw the picture, and show the lines that have changed."""
        former = self._drawn[1] if self._drawn is not None else []
        lines, width = self._lines(), self.content_size.width
        if len(lines) != len(former):
            self.refresh()
            return
        changed = [y for y, line in enumerate(lines) if line != former[y]]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def _lines(self) -> list[Strip]:
        """Return all lines, drawn anew if anything has changed that they depend on."""
        key = self.model, self.content_size, self.app.theme, in_words_alone(self)
        if self._drawn is None or self._drawn[0] != key:
            width, style = self.content_size.width, self.rich_style
            lines = [Strip(line).adjust_cell_length(width, style) for line in self.draw()]
            blank = [Strip.blank(width, style)] * (self.content_size.height - len(lines))
            self._drawn = key, lines + blank
        return self._drawn[1]

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return lines of the picture."""
        self._lines()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Return a line of the picture."""
        lines = self._drawn[1] if self._drawn is not None else []
        return lines[y] if y < len(lines) else Strip([])

    @property
    def palette(self) -> paint.Palette:
        """The colours that suit the theme."""
        return paint.DARK if self.app.current_theme.dark else paint.LIGHT

    @property
    def wide(self) -> int:
        """Columns of the screen for a cell."""
        return 2 if in_words_alone(self) else 1

    def view_of(self, form: Form, at: tuple[int, int]) -> View:
        """Return what of a picture is seen."""
        size = self.content_size
        return View.of(form.rows, form.columns, size.width, size.height, at, self.wide)
