"""What panes say to the app."""

from textual.message import Message

from core.config.experiment import Experiment
from core.runs.records import Run


class ExperimentChanged(Message):
    """The person has changed what will run next."""

    def __init__(self, experiment: Experiment) -> None:
        super().__init__()
        self.experiment = experiment


class FindRates(Message):
    """The person wants a learning-rate range test of what Configure shows."""


class ExportDone(Message):
    """Figures have been written, or could not be."""

    def __init__(self, text: str, failed: bool = False) -> None:
        super().__init__()
        self.text = text
        self.failed = failed


class Leave(Message):
    """The app is to end; nothing is running any more."""


class RunMessage(Message):
    """A person wants something of a run."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run


class OpenRun(RunMessage):
    """Its curves, in the Train pane."""


class ResumeRun(RunMessage):
    """To go on with it."""


class InspectRun(RunMessage):
    """What its network takes for what."""


class TakeSettings(RunMessage):
    """Its settings, in Configure."""
