"""The top line: the panes with their number keys, and where the job stands."""

from collections.abc import Mapping

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.reactive import reactive
from textual.widgets import Static

from tui.widgets import signs
from tui.worker.messages import JobState
from tui.worker.runner import JobRunner

BRAND = 11
"""Columns of the app's name."""

SHORTER = {
    "Configure": "Config",
    "Gradients": "Grads",
    "Benchmark": "Bench",
    "Reproduce": "Repro",
}
"""Titles where there is little room; where there is less, the number has to do."""


class PaneTab(Static):
    """One pane's name; a click shows it."""

    form: reactive[int] = reactive(0, init=False)
    """0 for the whole title, 1 for a shorter one, 2 for the number alone."""

    def __init__(self, number: int, name: str, title: str) -> None:
        super().__init__(f"{number} {title}", id=f"tab-{name}", markup=False)
        self.pane = name
        self._words = (f"{number} {title}", f"{number} {SHORTER.get(title, title)}", str(number))

    def width(self, form: int) -> int:
        """Return how many columns it takes."""
        return len(self._words[form]) + 2

    def watch_form(self, form: int) -> None:
        """Write as much as there is room for."""
        self.update(self._words[form])

    def on_click(self) -> None:
        """Show the pane."""
        self.app.action_show(self.pane)  # type: ignore[attr-defined]


class PaneHeader(Horizontal):
    """Names the app, the panes and the state of the job.

    Args:
        panes: title of each pane by its name, in the order of the number keys.
        runner: asked for the state.
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
        """Lay out name, tabs and state in one line."""
        yield Static("Convsole", id="brand")
        for number, (name, title) in enumerate(self._panes.items(), 1):
            yield PaneTab(number, name, title)
        yield Static("", id="status", markup=False)

    def on_mount(self) -> None:
        """Keep the state current: a download counts on without messages."""
        self.refresh_status()
        self.set_interval(0.5, self.refresh_status)

    def watch_current(self, name: str) -> None:
        """Mark the pane on the screen, by more than its colour."""
        for tab in self.query(PaneTab):
            tab.set_class(tab.pane == name, "current")
        self._make_room()

    def refresh_status(self) -> None:
        """Draw the state where it has changed."""
        state = self._runner.state
        text = f"{signs.JOBS[state]} {state.value}"
        if state is JobState.FETCHING:
            fetched = self._runner.fetched
            done = f"{fetched.done / 1e6:,.0f}"
            of = f" of {fetched.total / 1e6:,.0f}" if fetched.total else ""
            text += f" CIFAR-10: {done}{of} MB"
        at = self._runner.reproduced
        if state is JobState.REPRODUCING and at is not None:
            text = f"{at.share:.0%}  {text}"
        session = self._runner.session
        if session and state in (JobState.RUNNING, JobState.PAUSED) and session.history.started:
            total = session.history.total
            text = f"{session.experiment.name} {len(session.history.updates) / total:.0%}  {text}"
        if session and session.trouble:
            text = f"✗ not saved  {text}"
        self._show_trouble(session.trouble if session else None)
        if text != self._shown:
            self._shown = text
            self.query_one("#status", Static).update(Text(text))
            self._make_room()

    def _show_trouble(self, trouble: str | None) -> None:
        """Say once what keeps a training from being saved, and when it is saved again."""
        if trouble == self._trouble:
            return
        if trouble:
            words = f"{trouble}; the training goes on"
            self.app.notify(words, severity="warning", title="Not saved", timeout=15)
        else:
            self.app.notify("everything is on the disk", title="Saved again")
        self._trouble = trouble

    def on_resize(self) -> None:
        """Look anew what there is room for."""
        self._make_room()

    def _make_room(self) -> None:
        """Where the state would be cut, leave the app's name out, then shorten names of panes.

        That of the pane on the screen stays whole.
        """
        tabs = list(self.query(PaneTab))
        room = self.size.width - len(self._shown) - 2
        widths = [
            sum(tab.width(0 if tab.pane == self.current else form) for tab in tabs)
            for form in (0, 1, 2)
        ]
        self.query_one("#brand").display = widths[0] + BRAND <= room
        form = next((form for form in (0, 1) if widths[form] <= room), 2)
        for tab in tabs:
            tab.form = 0 if tab.pane == self.current else form
