"""The detail of one tensor of a check: histogram of its errors, facts and worst entries."""

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import Static

from core.checks.report import Row
from core.format import first_fitting
from tui.gradients import text as check_text
from tui.gradients.error_histogram import ErrorHistogram
from tui.gradients.worst_entries import WorstEntries

WORDS = ("log10 of the relative errors", "log10 of the errors", "log10 errors")

FACTS = 48
"""Largest width of the facts in columns: a number farther from its name would be hard to find."""


class TensorDetail(Container):
    """Two boxes: the histogram over a few facts, and the worst entries."""

    def __init__(self) -> None:
        super().__init__()
        self._row: Row | None = None

    def compose(self) -> ComposeResult:
        """Lay out the boxes."""
        with Vertical(classes="errors"):
            yield ErrorHistogram()
            yield Static(markup=False)
        yield WorstEntries()

    def on_mount(self) -> None:
        """Show the titles of the empty boxes."""
        self._write()

    def on_resize(self) -> None:
        """Fit the texts to the new size."""
        self.call_after_refresh(self._write)

    def show(self, row: Row | None, eps: float) -> None:
        """Show a tensor, or the empty state for None."""
        self._row = row
        self.query_one(ErrorHistogram).row = row
        worst = self.query_one(WorstEntries)
        worst.row, worst.eps = row, eps
        self._write()

    def _write(self) -> None:
        row, errors, worst = self._row, self.query_one(".errors"), self.query_one(WorstEntries)
        room = errors.size.width
        facts = check_text.facts(row) if row is not None else []
        across = min(room, FACTS)
        lines = [f"{name:<{max(0, across - len(value))}}{value}" for name, value in facts]
        self.query_one(Static).update(Content("\n".join(lines)))
        name = "Tensor" if row is None else row.name
        errors.border_title = Content(
            first_fitting(room - 2, *(f"{name} ─ {words}" for words in WORDS), name)
        )
        zeros = first_fitting(room - 2, *check_text.agreement(row)) if row is not None else ""
        errors.border_subtitle = Content(zeros)
        count = len(row.comparison.worst) if row is not None else 10
        worst.border_title = "Ten worst entries" if count == 10 else f"{count} worst entries"
