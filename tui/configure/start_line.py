"""The start line: which key starts which training, or which job is running."""

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from core.format import first_fitting
from tui.keymap.keys import fill, key
from tui.worker.messages import JobState

BUSY = {
    JobState.LOADING: ("{train}", "shows the training, which reads its images"),
    JobState.RUNNING: ("{train}", "shows the training that runs; changes are for the next one"),
    JobState.PAUSED: ("{train}", "shows the training, which is paused; changes are for the next"),
    JobState.CHECKING: ("{gradients}", "shows the gradient check that runs; {stop} ends it"),
    JobState.MEASURING: ("{benchmark}", "shows the measurement that runs; {stop} ends it"),
    JobState.REPRODUCING: ("{reproduce}", "shows the reproduction that runs; {stop} stops it"),
    JobState.RANGING: ("{stop}", "ends the range test that runs"),
    JobState.FETCHING: ("{stop}", "ends the download that runs; what has come is kept"),
    JobState.STOPPING: ("…", "what ran is coming to its end"),
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
            sign, words = map(fill, BUSY[self.state])
            return _line(sign, first_fitting(self.size.width - 4, words, words.split(";")[0]))
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
        return _line(key("start"), start) + Content(rest)


def _line(sign: str, words: str) -> Content:
    return Content.assemble((f" {sign} ", "bold reverse"), (f" {words}", "bold $text-primary"))
