"""The start line: which key starts which training, or which job is running."""

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from core.format import first_fitting
from tui.worker.messages import JobState

BUSY = {
    JobState.LOADING: ("2", "shows the training, which reads its images"),
    JobState.RUNNING: ("2", "shows the training that runs; changes here are for the next one"),
    JobState.PAUSED: ("2", "shows the training, which is paused; changes are for the next one"),
    JobState.CHECKING: ("3", "shows the gradient check that runs; x ends it"),
    JobState.MEASURING: ("4", "shows the measurement that runs; x ends it"),
    JobState.REPRODUCING: ("6", "shows the reproduction that runs; x stops it until it goes on"),
    JobState.RANGING: ("x", "ends the range test that runs"),
    JobState.FETCHING: ("x", "ends the download that is under way; what has come is kept"),
    JobState.STOPPING: ("…", "the job comes to its end"),
}
"""Key and text for each state in which no training can be started."""


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
            key, words = BUSY[self.state]
            return _line(key, first_fitting(self.size.width - 4, words, words.split(";")[0]))
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
        return _line("s", start) + Content(rest)


def _line(key: str, words: str) -> Content:
    return Content.assemble((f" {key} ", "bold reverse"), (f" {words}", "bold $text-primary"))
