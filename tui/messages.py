"""Messages from the panes to the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from core.config.experiment import Experiment
    from core.runs.records import Run


class ExperimentChanged(Message):
    """The user has changed the settings of the next training."""

    def __init__(self, experiment: Experiment) -> None:
        super().__init__()
        self.experiment = experiment


class FindRates(Message):
    """The user has requested a learning-rate range test of the network in Configure."""


class CheckStart(Message):
    """The user has requested the check before a training of the network in Configure."""


class ExplainLayer(Message):
    """The user has requested the explanation of a layer of the run in Train."""

    def __init__(self, layer: str) -> None:
        super().__init__()
        self.layer = layer


class ExportDone(Message):
    """An export has finished or failed."""

    def __init__(self, text: str, failed: bool = False) -> None:
        super().__init__()
        self.text = text
        self.failed = failed


class EndNow(Message):
    """Request to exit the app; no job is running any more.

    Its name is not `Leave`: that is also an event of Textual, which reaches the app whenever the
    pointer leaves a widget.
    """


class RunMessage(Message):
    """Base class of the requests that concern a run."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run


class OpenRun(RunMessage):
    """Request to show the curves of a run in the Train pane."""


class ResumeRun(RunMessage):
    """Request to resume a run."""


class RenameRun(RunMessage):
    """Request to give a run another name."""


class InspectRun(RunMessage):
    """Request to show the predictions of a run's network."""


class LookInside(RunMessage):
    """Request to show the Explain pane with the network of a run."""


class TakeSettings(RunMessage):
    """Request to load the settings of a run into Configure."""


class ShowInRuns(RunMessage):
    """Request to show a run in the Runs pane."""
