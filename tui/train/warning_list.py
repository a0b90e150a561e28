"""The dialog that lists the warnings of a run, with what each of them means."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from core.format import cut
from core.training.health_log import HealthLog
from core.training.health_warnings import HealthWarning
from tui.keymap.bindings import bind
from tui.keymap.keys import fill
from tui.train import health_text
from tui.widgets.modal import ClosesOnce
from tui.widgets.row_list import CURSOR, DIM, RowList


class WarningRows(RowList):
    """One line for each warning.

    Args:
        log: the warnings of the run.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("open", "open", "Show", "Show where it is seen: the values on the strip, or the curve",
             show=True),
    ]  # fmt: skip

    def __init__(self, log: HealthLog) -> None:
        super().__init__(id="warnings")
        self._log, self.warnings = log, tuple(log.warnings)
        self.set_reactive(WarningRows.cursor, len(self.warnings) - 1)

    def count(self) -> int:
        """Return the number of warnings."""
        return len(self.warnings)

    def lines(self, width: int) -> list[Content]:
        """Return one line for each warning."""
        lines = []
        for item, warning in enumerate(self.warnings):
            here, holds = item == self.cursor, self._log.holds(warning)
            line = f"{'▸' if here else ' '} {health_text.list_line(warning, holds)}"
            lines.append(
                Content.styled(
                    cut(line, width).ljust(width), CURSOR if here else "" if holds else DIM
                )
            )
        return lines

    def action_open(self) -> None:
        """Return the warning under the cursor."""
        self.screen.dismiss(self.warnings[self.cursor])


class WarningScreen(ModalScreen[HealthWarning | None], ClosesOnce[HealthWarning | None]):
    """Returns the warning whose evidence is to be shown, or None if the dialog was left.

    Args:
        log: the warnings of the run, at least one.
        name: the name of the run.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("close", "dismiss", "Leave", "Back to the curves", show=True),
        bind("quit", "dismiss", "Leave", "Back to the curves"),
        bind("warnings", "dismiss", "Leave", "Back to the curves"),
    ]

    def __init__(self, log: HealthLog, name: str) -> None:
        super().__init__()
        self._log, self._run = log, name

    def compose(self) -> ComposeResult:
        """Lay out the list above the sentence of the warning under the cursor."""
        rows = WarningRows(self._log)
        with Vertical(id="warned") as box:
            box.border_title = Content(f"Warnings ─ {self._run}")
            box.border_subtitle = fill("{open} shows where · {close} leaves")
            yield rows
            yield Static(id="warning", markup=False)

    def on_mount(self) -> None:
        """Explain the first."""
        self._explain()

    @on(RowList.Moved)
    def _explain(self) -> None:
        rows = self.query_one(WarningRows)
        warning = rows.warnings[rows.cursor]
        state = "" if self._log.holds(warning) else "This is over. "
        text = f"{state}{warning.text}."
        lines = [
            text[:1].upper() + text[1:] if state else text,
            "",
            f"Threshold {warning.threshold}: {warning.limit}",
            f"Source: {warning.source.title}",
            warning.source.url,
        ]
        self.query_one("#warning", Static).update(Content("\n".join(lines)))
