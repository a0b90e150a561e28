"""The confirmation to quit while a job is running."""

from tui.dialogs.question import Question
from tui.keymap.keys import fill
from tui.worker.messages import JobState
from tui.worker.runner import JobRunner


class QuitScreen(Question):
    """Returns True to quit, False to stay; the texts follow the job while the dialog is open."""

    def __init__(self, runner: JobRunner) -> None:
        self._runner = runner
        super().__init__("Quit?", *_words(runner), "stay. Nothing changes.")

    def on_mount(self) -> None:
        """Start the timer that updates the texts."""
        self.set_interval(0.25, lambda: self.change(*_words(self._runner)))


def _words(runner: JobRunner) -> tuple[str, str]:
    """Return what is running, and what happens to it on quitting."""
    session, state = runner.session, runner.state
    what, effect = "A job is under way.", "It ends here."
    if session is not None and state in (JobState.RUNNING, JobState.PAUSED):
        what = f"A training is at update {len(session.history.updates):,}."
        effect = "It ends here and is saved; it can be resumed."
    elif state is JobState.MEASURING:
        what = "A measurement is under way."
        effect = "It ends here; architectures that are done are kept."
    elif state is JobState.REPRODUCING:
        what = "A reproduction is under way."
        effect = fill("It stops here; {start} in Reproduce goes on from there.")
    elif state in (JobState.SWEEPING, JobState.SWEEP_PAUSED):
        what = "A study is under way."
        effect = fill("It stops here; {resume} in Sweeps goes on from there, to the bit.")
    elif state is JobState.IDLE:
        what, effect = "Nothing is under way any more.", "Everything is saved."
    return what, f"quit. {effect}"
