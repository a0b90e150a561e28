"""The box with the learning-rate schedule of the run."""

from collections.abc import Sequence

from textual.content import Content
from textual.reactive import reactive

from core import format as fmt
from core import plan_text
from core.plan import Plan
from tui.widgets import rates
from tui.widgets.chart import Chart
from tui.widgets.picture import Curve, Picture


class RateCurve(Chart):
    """A chart of the learning rate, redrawn when the plan changes."""

    plan: reactive[Plan | None] = reactive(None, init=False)
    """The plan of the next training; None if the experiment is invalid."""

    def __init__(self, id: str = "rate") -> None:
        super().__init__("Learning rate over the run", "rate", id, focusable=True)
        self._below = ""

    def on_resize(self) -> None:
        """Choose titles for the new size; the base class also draws again."""
        self._entitle()

    def watch_plan(self) -> None:
        """Redraw for the new plan."""
        plan = self.plan
        self._entitle()
        if plan is None:
            self.show_anew(Picture((), 1.0))
            return
        curve = rates.curve(plan.schedule, plan.updates, "learning rate")
        epoch = plan.updates_per_epoch
        self.show_anew(Picture((curve,), plan.updates, lowest=0.0, updates_per_epoch=epoch))

    def legend(self, curves: Sequence[Curve], picture: Picture) -> Content:
        """Return the memory of the run: a single curve with a title needs no legend."""
        return Content(self._below)

    def _entitle(self) -> None:
        """Show updates, epochs and memory of the run on the border, as far as they fit."""
        title, self._below = "Learning rate over the run", ""
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
            self._below = fmt.first_fitting(room, memory_words, memory)
        self.entitle(title)
        self.subtitle(Content(self._below))
