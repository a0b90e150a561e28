"""A series at a glance, in a box whose border says what it is and its latest value."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Sparkline

from core.format import first_fitting
from core.training.thinning import thinned
from tui.train.text import Glance


class Spark(Sparkline):
    """A sparkline of everything so far, as wide as its box.

    Args:
        id: of the widget.
    """

    def __init__(self, id: str) -> None:
        super().__init__(summary_function=mean, id=id)
        self._glance: Glance | None = None

    def show(self, glance: Glance) -> None:
        """Draw the values, and write on the border the first of each title that fits."""
        self._glance = glance
        self._draw()

    def on_resize(self) -> None:
        """Draw as much as there is room for."""
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
        # A single value would fill the box.
        self.data = 2 * values if len(values) == 1 else values


def mean(values: Sequence[float]) -> float:
    """Return the mean."""
    return sum(values) / len(values)
