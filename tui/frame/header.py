"""The header line: the panes with their number keys, and the state of the job."""

from collections.abc import Mapping

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.reactive import reactive
from textual.widgets import Static

from core import format as fmt
from tui.keymap.verbs import VERBS
from tui.worker.messages import JobState
from tui.worker.runner import JobRunner

BRAND = 11
"""Width of the app's name in columns."""

ALONE = 70
"""Columns below which only the pane on the screen has its tab."""

SHORTER = {
    "Configure": "Config",
    "Gradients": "Grads",
    "Benchmark": "Bench",
    "Reproduce": "Repro",
}
"""Short titles for narrow screens; on narrower ones only the numbers are shown."""


class PaneTab(Static):
    """The title of a pane; a click shows the pane."""

    form: reactive[int] = reactive(0, init=False)
    """0 for the full title, 1 for the short one, 2 for the number alone."""

    def __init__(self, number: str, name: str, title: str) -> None:
        super().__init__(f"{number} {title}", id=f"tab-{name}", markup=False)
        self.pane = name
        self._words = (f"{number} {title}", f"{number} {SHORTER.get(title, title)}", number)

    def width(self, form: int) -> int:
        """Return the width of a form in columns."""
        return len(self._words[form]) + 2

    def watch_form(self, form: int) -> None:
        """Show the title in the given form."""
        self.update(self._words[form])

    def on_click(self) -> None:
        """Show the pane."""
        self.app.action_show(self.pane)  # type: ignore[attr-defined]


class PaneHeader(Horizontal):
    """Shows the app's name, the panes and the state of the job.

    Args:
        panes: title of each pane by its name, the verb of its number key, in their order.
        runner: provides the state.
    """

    current: reactive[str] = reactive("", init=False)
    """Name of the pane on the screen."""

    def __init__(self, panes: Mapping[str, str], runner: JobRunner) -> None:
        super().__init__()
        self._panes = panes
        self._runner = runner
        self._shown = ""
        self._trouble: str | None = None

    def compose(self) -> ComposeResult:
        """Lay out the name, the tabs and the state in one line."""
        yield Static("Convsole", id="brand")
        for name, title in self._panes.items():
            yield PaneTab(VERBS[name].keys[0], name, title)
        yield Static("", id="status", markup=False)

    def on_mount(self) -> None:
        """Refresh the state on a timer, because a download posts no messages."""
        self.refresh_status()
        self.set_interval(0.5, self.refresh_status)

    def watch_current(self, name: str) -> None:
        """Mark the tab of the pane on the screen."""
        for tab in self.query(PaneTab):
            tab.set_class(tab.pane == name, "current")
        self._fit()

    def refresh_status(self) -> None:
        """Redraw the state if it has changed."""
        state = self._runner.state
        text = f"{state.sign} {state.value}"
        if state is JobState.FETCHING:
            fetched = self._runner.fetched
            done = f"{fetched.done / 1e6:,.0f}"
            of = f" of {fetched.total / 1e6:,.0f}" if fetched.total else ""
            text += f" CIFAR-10: {done}{of} MB"
        at = self._runner.reproduced
        if state is JobState.REPRODUCING and at is not None:
            text = f"{fmt.percent(at.share, 0)}  {text}"
        session = self._runner.session
        if session and state in (JobState.RUNNING, JobState.PAUSED) and session.history.started:
            total = session.history.total
            done = fmt.percent(len(session.history.updates) / total, 0)
            record = session.record
            name = record.name if record is not None else session.experiment.name
            text = f"{name} {done}  {text}"
        if session and session.trouble:
            text = f"✗ not saved  {text}"
        self._show_trouble(session.trouble if session else None)
        if text != self._shown:
            self._shown = text
            self.query_one("#status", Static).update(Text(text))
            self._fit()

    def _show_trouble(self, trouble: str | None) -> None:
        """Notify once why a training cannot be saved, and once when it can be again."""
        if trouble == self._trouble:
            return
        if trouble:
            words = f"{trouble}; the training goes on"
            self.app.notify(words, severity="warning", title="Not saved", timeout=15)
        else:
            self.app.notify("everything is on the disk", title="Saved again")
        self._trouble = trouble

    def on_resize(self) -> None:
        """Fit the line to the new width."""
        self._fit()

    def _fit(self) -> None:
        """Hide the app's name, then shorten the titles, until the state is not cut off.

        The title of the pane on the screen is never shortened. It stands alone on the narrowest
        screens, where numbers without names would leave no room for the state.
        """
        every = list(self.query(PaneTab))
        alone = self.size.width < ALONE
        for tab in every:
            tab.display = not alone or tab.pane == self.current
        tabs = [tab for tab in every if tab.display]
        room = self.size.width - len(self._shown) - 2
        widths = [
            sum(tab.width(0 if tab.pane == self.current else form) for tab in tabs)
            for form in (0, 1, 2)
        ]
        self.query_one("#brand").display = widths[0] + BRAND <= room
        form = next((form for form in (0, 1) if widths[form] <= room), 2)
        for tab in tabs:
            tab.form = 0 if tab.pane == self.current else form
