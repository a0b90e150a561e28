"""The start line: which key starts which training, or which job is running."""

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from core.format import first_fitting
from tui.keymap.keys import fill
from tui.widgets.chip import chip
from tui.worker.messages import JobState

BUSY = {
    JobState.LOADING: ("train", "shows the training, which reads its images"),
    JobState.RUNNING: ("train", "shows the training that runs; changes are for the next one"),
    JobState.PAUSED: ("train", "shows the training, which is paused; changes are for the next"),
    JobState.CHECKING: ("gradients", "shows the gradient check that runs; {stop} ends it"),
    JobState.MEASURING: ("benchmark", "shows the measurement that runs; {stop} ends it"),
    JobState.SWEEPING: ("sweeps", "shows the study that runs; {stop} stops it"),
    JobState.SWEEP_PAUSED: ("sweeps", "shows the study that is paused; {stop} stops it"),
    JobState.REPRODUCING: ("reproduce", "shows the reproduction that runs; {stop} stops it"),
    JobState.RANGING: ("stop", "ends the range test that runs"),
    JobState.TRYING: ("stop", "ends the check that runs"),
    JobState.FETCHING: ("stop", "ends the download that runs; what has come is kept"),
    JobState.STOPPING: ("", "what ran is coming to its end"),
}
"""Verb of a key, and text, for each state in which no training can be started."""


class StartLine(Widget):
    """Shows which key to press next."""

    what: reactive[str] = reactive("")
    """Name of the experiment, and whether it is changed."""

    data: reactive[tuple[str, str]] = reactive(("", ""))
    """Name of the data set, and its number of images as text."""

    state: reactive[JobState] = reactive(JobState.IDLE)
    """State of the job."""

    def render(self) -> RenderResult:
        """Return the longest form of the line that fits."""
        if self.state is not JobState.IDLE:
            verb, words = BUSY[self.state]
            words = fill(words)
            return _line(verb, first_fitting(self.size.width - 4, words, words.split(";")[0]))
        name, images = self.data
        start = "starts the training"
        rest = first_fitting(
            self.size.width - len(start) - 5,
            f" of {self.what} on {name} ({images})",
            f" of {self.what} on {name} ({images.replace('training ', '')})",
            f" of {self.what} on {name}",
            f" of {self.what}",
            "",
        )
        return _line("start", start) + Content(rest)


def _line(verb: str, words: str) -> Content:
    sign = chip(verb) if verb else Content.styled(" … ", "bold reverse")
    return Content.assemble(sign, (f" {words}", "bold $text-primary"))
