"""The modal screen of a learning-rate range test of the network in Configure."""

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen

from core.config.experiment import Experiment
from tui.frame.key_footer import KeyFooter
from tui.lr_finder.keys import SCREEN_KEYS
from tui.lr_finder.view import RangeView
from tui.widgets.modal import ClosesOnce
from tui.worker.runner import JobRunner


class RangeScreen(ModalScreen[Experiment | None], ClosesOnce[Experiment | None]):
    """Runs the test; returns the experiment with the suggested rates, or None.

    Args:
        runner: runs the test.
        experiment: the experiment to test.
        data: a folder or archive of CIFAR-10; None searches the data folder.
        threads: largest number of threads; None uses all cores.
    """

    AUTO_FOCUS = "FieldList"

    BINDINGS: ClassVar[list[BindingType]] = SCREEN_KEYS

    def __init__(
        self, runner: JobRunner, experiment: Experiment, data: Path | None, threads: int | None
    ) -> None:
        super().__init__()
        self._experiment = experiment
        self._view = RangeView(runner, experiment, data, threads)

    def compose(self) -> ComposeResult:
        """Lay out the view and the keys."""
        yield self._view
        yield KeyFooter()

    def action_close(self) -> None:
        """Stop the test and close the screen."""
        if self.is_current:
            self._view.action_stop()
            self.dismiss(None)

    @on(RangeView.Chosen)
    def _take(self, message: RangeView.Chosen) -> None:
        rates = message.suggestion
        self.dismiss(self._experiment.changed(eta_min=rates.eta_min, eta_max=rates.eta_max))
