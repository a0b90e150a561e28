"""The learning rate over the whole run, in its box."""

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Container
from textual.reactive import reactive

from core import format as fmt
from core import plan_text
from core.plan import Plan

if TYPE_CHECKING:
    from tui.configure.rate_plot import RatePlot

SMALLEST = (24, 5)
"""Columns and rows inside the border below which no curve can be read."""


class RateCurve(Container):
    """A chart with axes, drawn again whenever the plan changes."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"rate-curve--line"}

    plan: reactive[Plan | None] = reactive(None, init=False)
    """What will run; None where that is impossible."""

    _plot: "RatePlot | None" = None

    def on_mount(self) -> None:
        """Let the screen be painted first, then fetch what draws."""
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        from tui.configure.rate_plot import RatePlot

        if not self.is_attached:
            return  # the app has ended meanwhile
        plot = RatePlot()
        await self.mount(plot)
        self._plot = plot
        self._draw()

    def on_resize(self) -> None:
        """Draw as much as there is room for."""
        self._draw()

    def notify_style_update(self) -> None:
        """Draw in the colours of another theme."""
        super().notify_style_update()
        if self._plot is not None:
            self.call_later(self._draw)  # the style of the line follows that of the box

    def watch_plan(self) -> None:
        """Draw the new schedule."""
        self._draw()

    def _entitle(self) -> None:
        """Write what the run amounts to on the border, as much as there is room for."""
        title, below = "Learning rate over the run", ""
        if self.plan is not None:
            updates, epochs, memory = plan_text.run(self.plan)
            whole = f"{updates} · {epochs}"
            least = f"Learning rate · {updates}"
            room = self.size.width - 4
            title = fmt.first_fitting(room, f"{title} ─ {whole}", f"Learning rate ─ {whole}", least)
            counted = f"{memory} of memory with the app and the images"
            if title == least:
                counted, memory = f"{epochs} · {counted}", f"{epochs} · {memory}"
            below = fmt.first_fitting(room, counted, memory)
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
