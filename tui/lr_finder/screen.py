"""The learning-rate range test of what Configure shows."""

from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Footer

from core.config.experiment import Experiment
from tui.lr_finder.view import RangeView
from tui.widgets.modal import ClosesOnce
from tui.worker.runner import JobRunner

SLIM = 70
"""Columns below which the keys stand closer together."""


class RangeScreen(ModalScreen[Experiment | None], ClosesOnce[Experiment | None]):
    """Measures, and answers with the experiment under the suggested rates, or None.

    Args:
        runner: runs the test.
        experiment: what is to be trained.
        data: where CIFAR-10 is; None looks in the data folder.
        threads: how many at most.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Close", id="range.close", tooltip="Back to Configure"),
        Binding(
            "question_mark",
            "app.help",
            "Keys",
            show=False,
            id="range.help",
            tooltip="Every key that works here",
        ),
    ]

    def __init__(
        self, runner: JobRunner, experiment: Experiment, data: Path | None, threads: int | None
    ) -> None:
        super().__init__()
        self._experiment = experiment
        self._view = RangeView(runner, experiment, data, threads)

    def compose(self) -> ComposeResult:
        """Lay out the view and the keys."""
        yield self._view
        yield Footer(show_command_palette=False)

    def on_resize(self, event: events.Resize) -> None:
        """Let the keys be shown whole."""
        self.query_one(Footer).compact = event.size.width < SLIM

    def action_close(self) -> None:
        """End the test and go back."""
        if self.is_current:
            self._view.action_stop()
            self.dismiss(None)

    @on(RangeView.Chosen)
    def _take(self, message: RangeView.Chosen) -> None:
        rates = message.suggestion
        self.dismiss(self._experiment.changed(eta_min=rates.eta_min, eta_max=rates.eta_max))
