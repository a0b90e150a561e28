"""A sparkline in a box whose border shows its name and latest value."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Sparkline

from core.format import first_fitting
from core.training.thinning import thinned
from tui.train.text import Glance


class Spark(Sparkline):
    """A sparkline of a whole series, as wide as its box.

    Args:
        id: id of the widget.
    """

    def __init__(self, id: str) -> None:
        super().__init__(summary_function=mean, id=id)
        self._glance: Glance | None = None

    def show(self, glance: Glance) -> None:
        """Draw the values, and show the longest titles that fit on the border."""
        self._glance = glance
        self._draw()

    def on_resize(self) -> None:
        """Redraw for the new width."""
        self._draw()

    def _draw(self) -> None:
        width = self.content_size.width
        if self._glance is None or width < 1:
            return
        x, y, titles, below = self._glance
        title, foot = (Content(first_fitting(width - 2, *texts)) for texts in (titles, below))
        if title != self._border_title:
            self.border_title = title
        if foot != self._border_subtitle:
            self.border_subtitle = foot
        values = thinned(x, y, width)[1].tolist()
        # A single value would fill the whole box.
        self.data = 2 * values if len(values) == 1 else values


def mean(values: Sequence[float]) -> float:
    """Return the mean of the values."""
    return sum(values) / len(values)
