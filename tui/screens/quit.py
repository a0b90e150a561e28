"""The question before a running job is left."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.bridge import Bridge
from tui.jobs import JobState


class QuitScreen(ModalScreen[bool]):
    """Answers True to leave, False to stay."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "answer(True)", "Stop, keep and quit", id="quit.yes"),
        Binding("n,escape,q", "answer(False)", "Go on", id="quit.no"),
    ]

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self.bridge = bridge

    def compose(self) -> ComposeResult:
        """Lay out the question and its two answers."""
        session, state = self.bridge.session, self.bridge.state
        what, kept = "A job is under way.", "It ends here."
        if session is not None and state in (JobState.RUNNING, JobState.PAUSED):
            what = f"A training is at update {len(session.history.updates):,}."
            kept = "It ends here and is kept."
        elif state is JobState.MEASURING:
            what = "A measurement is under way."
            kept = "It ends here; architectures that are done are kept."
        box = Vertical(
            Static(f"{what}\n"),
            Static(f"[b]y[/b]  quit. {kept}"),
            Static("[b]n[/b]  stay. Nothing changes."),
            id="question",
        )
        box.border_title = "Quit?"
        yield box

    def action_answer(self, leave: bool) -> None:
        """Close the question with an answer."""
        self.dismiss(leave)
