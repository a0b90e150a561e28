"""The picture that a value is made of, with the window that it sees."""

import numpy as np
from textual.reactive import reactive

from core.data.colours import in_colour
from core.explain import Explained
from core.explain.trace import BYTES, INPUT
from tui.explain import paint
from tui.explain.grid import Form
from tui.explain.paint import Lines
from tui.explain.painted import Painted, in_words_alone
from tui.explain.walk import Walk


class SeenMap(Painted):
    """The values that the sum has its terms from; what the sum does not see is paler."""

    shown: reactive[tuple[Walk, Explained] | None] = reactive(None, init=False, repaint=False)
    """Where one stands, and the sum there."""

    def watch_shown(self) -> None:
        """Draw another window."""
        self.redraw()

    @property
    def source(self) -> str:
        """Name of the layer that is drawn; empty for none."""
        if self.shown is None or not self.shown[1].sums:
            return ""
        return self.shown[1].sums[0][0]

    @property
    def model(self) -> object:
        """What the picture depends on."""
        return self.shown

    def draw(self) -> Lines:
        """Draw the channel of the largest product."""
        if self.shown is None or not self.source or not self.content_size:
            return []
        walk, found = self.shown
        node = walk.trace.node(self.source)
        gradients = walk.here.gradients
        array = node.dy if gradients else node.y
        if array is None:
            return []
        values = array[walk.trace.image]
        form, terms = Form.of(values.shape), found.sums[0][1].terms
        own = terms.inside & (terms.images == walk.trace.image)
        if not own.any():
            return []
        places, sizes = terms.places[own], np.abs(terms.products[own])
        most = tuple(int(k) for k in places[sizes.argmax()])
        at, channel = form.cell(most), form.channel(most)
        window = form.covered(places)
        view = self.view_of(form, at)
        picture = self.source in (BYTES, INPUT) and len(form.shape) == 3
        shown = form.values(values, channel)
        if in_words_alone(self):
            largest = float(np.nanmax(np.abs(values)))
            return paint.signs(np.where(window, shown, 0.0), largest, view, at)
        if picture and not gradients:
            pixels = in_colour(walk.trace.values(BYTES))
        else:
            pixels = paint.coloured(shown, float(np.nanmax(np.abs(values))), self.palette)
        return paint.cells(paint.dimmed(pixels, window, self.palette), view, None, self.palette)
