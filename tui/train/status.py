"""The Run box: name, data, state and speed of a run."""

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from core import format as fmt
from core.format import first_fitting
from core.runs.session import Session
from tui.train import text
from tui.train import text as run_text
from tui.train.text import Standing, name


class RunStatus(Widget):
    """Name, seed, data and latest result of a run, with its state and speed on the border."""

    standing: reactive[Standing] = reactive(("○", "ready"))
    """A sign and a word for the state of the run."""

    what: reactive[tuple[str, str, str]] = reactive(("", "", ""))
    """Name of the run, its seed, and its data set."""

    numbers: reactive[tuple[tuple[str, ...], str]] = reactive((("",), ""))
    """Forms of the main figure, from the longest to the shortest; and the speed in updates."""

    def show(self, session: Session, stands: Standing, pace: float) -> None:
        """Show a training that has started.

        Args:
            session: the training.
            stands: a sign and a word for its state.
            pace: updates per second.
        """
        started = session.history.started
        if started is None:
            return
        self.standing = stands
        data = text.data(started.dataset)
        self.what = name(session), f"seed {session.experiment.seed}", data
        forms: tuple[str, ...] = (fmt.speed(pace * started.batch_size, "images"),)
        if session.history.result is not None:
            forms = run_text.tested(session.history.result, session.history.total)
        self.numbers = forms, fmt.speed(pace, "updates")

    def watch_standing(self, standing: Standing) -> None:
        """Show the state on the upper border."""
        sign, word = standing
        self.border_title = Content.assemble(
            "Run ─ ", (sign, "$text-error" if word == "failed" else "$text-primary"), f" {word}"
        )

    def watch_numbers(self, numbers: tuple[str, str]) -> None:
        """Show the speed in updates on the lower border."""
        self.border_subtitle = Content(numbers[1])

    def render(self) -> RenderResult:
        """Return the lines that fit, with the main figure right-aligned in the last."""
        width, height = self.size
        run, seed, data = self.what
        short = data.partition(", ")[0]
        if height >= 3:
            lines = [
                first_fitting(width, f"{run} · {seed}", run),
                first_fitting(width, data, short),
            ]
        else:
            lines = [first_fitting(width, f"{run} · {seed} · {data}", f"{run} · {short}", short)]
        number = first_fitting(width, *self.numbers[0])
        lines += [""] * (height - len(lines) - 1) + [number.rjust(width)]
        return Content("\n".join(line[:width] for line in lines))
