"""The picture that a value is made of, with the window that it sees."""

import numpy as np
from rich.text import Text
from textual.reactive import reactive

from core.data.colours import in_colour
from core.explain import Explained
from core.explain.trace import BYTES, INPUT
from tui.explain import paint
from tui.explain.grid import Form
from tui.explain.value_map import Painted, in_words_alone
from tui.explain.walk import Walk


class SeenMap(Painted):
    """The values that the sum has its terms from; what the sum does not see is darkened."""

    shown: reactive[tuple[Walk, Explained] | None] = reactive(None, init=False)
    """Where one stands, and the sum there."""

    @property
    def source(self) -> str:
        """Name of the layer that is drawn; empty for none."""
        if self.shown is None or not self.shown[1].sums:
            return ""
        return self.shown[1].sums[0][0]

    def render(self) -> Text:
        """Draw the channel of the largest product."""
        if self.shown is None or not self.source or not self.content_size:
            return Text("")
        walk, found = self.shown
        terms = [term for term in found.terms() if term.layer == self.source]
        inside = [term for term in terms if term.inside]
        node = walk.trace.node(self.source)
        if not inside or (walk.here.gradients and node.dy is None):
            return Text("")
        array = node.dy if walk.here.gradients else node.y
        assert array is not None
        values = array[walk.trace.image]
        form = Form.of(values.shape)
        most = max(inside, key=lambda term: abs(term.product))
        at, channel = form.cell(most.place), form.channel(most.place)
        window = np.zeros((form.rows, form.columns), np.bool_)
        for term in inside:
            window[form.cell(term.place)] = True
        view = self.view_of(form, at)
        picture = self.source in (BYTES, INPUT) and len(form.shape) == 3
        shown = form.values(values, channel)
        if in_words_alone(self):
            largest = float(np.abs(values).max())
            return paint.signs(np.where(window, shown, 0.0), largest, view, at)
        if picture and not walk.here.gradients:
            pixels = in_colour(walk.trace.values(BYTES))
        else:
            pixels = paint.coloured(shown, float(np.nanmax(np.abs(values))), self.palette)
        return paint.cells(paint.dimmed(pixels, window), view, None, self.palette)
