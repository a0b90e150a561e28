"""The question before a running job is left."""

from tui.bridge import Bridge
from tui.jobs import JobState
from tui.screens.question import Question


class QuitScreen(Question):
    """Answers True to leave, False to stay; it follows the job while it waits for an answer."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        super().__init__("Quit?", *_words(bridge), "stay. Nothing changes.")

    def on_mount(self) -> None:
        """Follow the job."""
        self.set_interval(0.25, lambda: self.change(*_words(self._bridge)))


def _words(bridge: Bridge) -> tuple[str, str]:
    """Return what is under way, and what becomes of it."""
    session, state = bridge.session, bridge.state
    what, kept = "A job is under way.", "It ends here."
    if session is not None and state in (JobState.RUNNING, JobState.PAUSED):
        what = f"A training is at update {len(session.history.updates):,}."
        kept = "It ends here and is kept; it can be resumed."
    elif state is JobState.MEASURING:
        what = "A measurement is under way."
        kept = "It ends here; architectures that are done are kept."
    elif state is JobState.REPRODUCING:
        what = "A reproduction is under way."
        kept = "It stops here; g in Reproduce goes on from there."
    elif state is JobState.IDLE:
        what, kept = "Nothing is under way any more.", "Everything is kept."
    return what, f"quit. {kept}"
