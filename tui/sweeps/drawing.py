"""A widget that shows a drawing in character cells, made once for each size and content."""

from collections.abc import Hashable, Sequence
from typing import ClassVar

from rich.style import Style
from textual.app import RenderResult
from textual.content import Content
from textual.strip import Strip
from textual.widget import Widget

from core.format import first_fitting
from tui.sweeps.captions import fitted
from tui.sweeps.cells import Cells
from tui.widgets.digits import colours

PLAIN, FAINT, LINES, LABEL, CHOSEN, BEST = range(6)
"""Numbers of the styles of a drawing; those of the best trials begin with `BEST`."""

ROLES = ("plain", "faint", "lines", "label", "chosen")


class Drawing(Widget):
    """Base of the drawings; a subclass says what is drawn, and draws it into cells."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"drawing--{role}" for role in ROLES}

    _made: tuple[Hashable, list[Strip]] | None = None
    _titles: tuple[str, ...] = ("",)

    def picture(self, width: int, height: int) -> Cells:
        """Return the drawing at a size."""
        raise NotImplementedError

    def captions(self) -> Sequence[str]:
        """Return what has to be said of the drawing, the most important first."""
        return ()

    def show(self) -> None:
        """Draw again, because what is drawn has changed."""
        self._made = None
        self.refresh()

    def entitle(self, *titles: str) -> None:
        """Write on the border the first of `titles` that fits."""
        self._titles = titles
        text = first_fitting(self.size.width - 4, *titles) if self.size.width else titles[0]
        self.border_title = Content(text)

    def on_resize(self) -> None:
        """Choose the title for the width."""
        self.entitle(*self._titles)

    def notify_style_update(self) -> None:
        """Draw in the colours of another theme."""
        super().notify_style_update()
        self._made = None

    def render(self) -> RenderResult:
        """Return nothing: lines are drawn one by one."""
        return ""

    def render_line(self, y: int) -> Strip:
        """Return one line of the drawing."""
        strips = self._strips()
        return strips[y] if y < len(strips) else Strip.blank(self.size.width, self.rich_style)

    def _strips(self) -> list[Strip]:
        key = (self.size, self.app.theme)
        if self._made is None or self._made[0] != key:
            width, height = self.size
            lines = fitted(self.captions(), width - 1, height)
            below = Cells(width, len(lines))
            for y, line in enumerate(lines):
                below.text(1, y, line, LABEL)
            styles = self._styles_of()
            drawn = self.picture(width, height - len(lines)).strips(styles) if height else []
            self._made = key, [*drawn, *below.strips(styles)]
        return self._made[1]

    def _styles_of(self) -> list[Style]:
        base = self.rich_style
        roles = [self.get_component_rich_style(f"drawing--{role}") for role in ROLES]
        return roles + [base + Style(color=colour, bold=True) for colour in colours(self.app)]
