"""The question before a running job is left."""

from tui.dialogs.question import Question
from tui.worker.messages import JobState
from tui.worker.runner import JobRunner


class QuitScreen(Question):
    """Answers True to leave, False to stay; it follows the job while it waits for an answer."""

    def __init__(self, runner: JobRunner) -> None:
        self._runner = runner
        super().__init__("Quit?", *_words(runner), "stay. Nothing changes.")

    def on_mount(self) -> None:
        """Follow the job."""
        self.set_interval(0.25, lambda: self.change(*_words(self._runner)))


def _words(runner: JobRunner) -> tuple[str, str]:
    """Return what is under way, and what becomes of it."""
    session, state = runner.session, runner.state
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
