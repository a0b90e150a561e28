"""The first line: which key starts the training, of what, on which data."""

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.widgets.wording import first_fitting


class StartLine(Widget):
    """Tells a newcomer what to press."""

    what: reactive[str] = reactive("")
    """The experiment, in a word or two."""

    data: reactive[tuple[str, str]] = reactive(("", ""))
    """Name of the data set, and how many images it has."""

    def render(self) -> RenderResult:
        """Return as much as fits."""
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
        return Content.assemble((" s ", "bold reverse"), (f" {start}", "bold $text-primary"), rest)
