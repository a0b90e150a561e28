"""The box with the learning-rate schedule of the run."""

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Container
from textual.reactive import reactive

from core import format as fmt
from core import plan_text
from core.plan import Plan

if TYPE_CHECKING:
    from tui.configure.rate_plot import RatePlot

SMALLEST = (24, 5)
"""Smallest number of columns and rows inside the border for which the curve is drawn."""


class RateCurve(Container):
    """A chart of the learning rate, redrawn when the plan changes."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"rate-curve--line"}

    plan: reactive[Plan | None] = reactive(None, init=False)
    """The plan of the next training; None if the experiment is invalid."""

    _plot: "RatePlot | None" = None

    def on_mount(self) -> None:
        """Import the plotting library after the first paint of the screen."""
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        from tui.configure.rate_plot import RatePlot

        if not self.is_attached:
            return  # the app has closed meanwhile
        plot = RatePlot()
        await self.mount(plot)
        self._plot = plot
        self._draw()

    def on_resize(self) -> None:
        """Redraw for the new size."""
        self._draw()

    def notify_style_update(self) -> None:
        """Redraw in the colours of another theme."""
        super().notify_style_update()
        if self._plot is not None:
            self.call_later(self._draw)  # the component style is updated after this call

    def watch_plan(self) -> None:
        """Redraw for the new plan."""
        self._draw()

    def _entitle(self) -> None:
        """Show updates, epochs and memory of the run on the border, as far as they fit."""
        title, below = "Learning rate over the run", ""
        if self.plan is not None:
            updates, epochs, memory = plan_text.run(self.plan)
            extent = f"{updates} · {epochs}"
            least = f"Learning rate · {updates}"
            room = self.size.width - 4
            title = fmt.first_fitting(
                room, f"{title} ─ {extent}", f"Learning rate ─ {extent}", least
            )
            memory_words = f"{memory} of memory with the app and the images"
            if title == least:
                memory_words, memory = f"{epochs} · {memory_words}", f"{epochs} · {memory}"
            below = fmt.first_fitting(room, memory_words, memory)
        self.border_title, self.border_subtitle = title, below

    def _draw(self) -> None:
        self._entitle()
        if self._plot is None:
            return
        size = self.content_size
        room = size.width >= SMALLEST[0] and size.height >= SMALLEST[1]
        self._plot.display = room and self.plan is not None
        if self.plan is not None and room:
            style = str(self.get_component_rich_style("rate-curve--line"))
            self._plot.show(self.plan.schedule, self.plan.updates, size, style)
