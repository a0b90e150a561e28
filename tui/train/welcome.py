"""The text of the empty Train pane: which key starts a training, and of which network."""

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from core import plan as planning
from core import plan_text
from core.config.experiment import Experiment, SettingError
from core.data import known
from tui.train.follower import RunFollower
from tui.train.text import data
from tui.widgets.chip import chip
from tui.worker.messages import JobState

KEYS = (
    ("configure", "goes back to Configure, where all of it can be changed"),
    ("pause", "lets a running training wait, and go on"),
    ("stop", "ends it; the run so far is saved"),
)


class Welcome(Widget):
    """Lines in the middle of the empty pane."""

    heading: reactive[str] = reactive("", layout=True)
    """A sentence about the current state."""

    start: reactive[str] = reactive("", layout=True)
    """Text about the start key; empty while it has no effect."""

    details: reactive[tuple[str, ...]] = reactive((), layout=True)
    """Lines about the training that would start."""

    def show(self, follower: RunFollower, experiment: Experiment | None, dataset: str) -> None:
        """Show the state before the first update.

        Args:
            follower: provides the state.
            experiment: the experiment that the start key would run; None if not set.
            dataset: the data set that it would use; empty if not set.
        """
        session, state = follower.session, follower.state
        idle = state is JobState.IDLE
        if session is not None and state in (JobState.LOADING, JobState.RUNNING):
            self.heading = f"{session.experiment.name}: the images are being read …"
        elif follower.failure is not None:
            self.heading = f"The training could not start: {follower.failure}"
        elif state is JobState.FETCHING:
            self.heading = "CIFAR-10 is being fetched; a training can start after that."
        elif state is JobState.STOPPING:
            self.heading = "stopping…"
        else:
            self.heading = "Nothing has been trained here since the app was opened."
        what = experiment.name if experiment else "what Configure shows"
        on = f" on {known.title(dataset)}" if dataset else ""
        self.start = f"starts the training of {what}{on}" if idle else ""
        self.details = _details(experiment, dataset) if idle and experiment else ()

    def render(self) -> RenderResult:
        """Return the heading, the start line and the keys."""
        lines = [Content.styled(self.heading, "bold"), Content("")]
        if self.start:
            start = (f"  {self.start}", "bold $text-primary")
            lines.append(Content.assemble(chip("start"), start))
            lines += [Content(f"     {line}") for line in self.details]
            lines.append(Content(""))
        keys = KEYS if self.start else KEYS[:1] + KEYS[2:]
        lines += [Content.assemble(chip(verb, "reverse"), f"  {does}") for verb, does in keys]
        return Content("\n").join(lines)


def _details(experiment: Experiment, dataset: str) -> tuple[str, ...]:
    try:
        plan = planning.plan(experiment, dataset or None)
    except SettingError as error:
        return (f"but first: {error}",)
    lines = [f"{plan.parameters:,} parameters", " · ".join(plan_text.run(plan))]
    if dataset == known.SHAPES:
        lines.append(data(dataset))
    return tuple(lines)
