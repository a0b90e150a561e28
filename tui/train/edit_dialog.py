"""The dialog that edits settings of a running training."""

from collections.abc import Mapping
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from core.config.experiment import FIELDS_BY_NAME
from core.runs.session import Session
from core.settings import SettingError, Value, listed
from core.training.timeline import EDITABLE, Timeline
from tui.dialogs.question import Question
from tui.keymap.bindings import bind
from tui.keymap.keys import fill
from tui.train import text as run_text
from tui.train.rate_preview import RatePreview
from tui.widgets.cursor_keys import HOW
from tui.widgets.explanation import Explanation
from tui.widgets.field_list import FieldList
from tui.widgets.modal import ClosesOnce
from tui.widgets.value_input import ValueInput

Changes = Mapping[str, Value]

FIELDS = tuple(FIELDS_BY_NAME[name] for name in EDITABLE)

SOON = 100
"""Number of remaining updates up to which the dialog asks for confirmation of an early end."""

KEYS = "[b]{take}[/b] take over at once · [b]{open}[/b] type · [b]{close}[/b] leave"
TYPING_KEYS = "[b]{open}[/b] take · [b]{close}[/b] leave the value"

BESIDE = 76, 23
"""Columns and rows of the screen from which there is room for the curve beside the settings."""
TALL = 30
"""Rows from which the curve is higher than the settings."""


class EditScreen(ModalScreen[Changes | None], ClosesOnce[Changes | None]):
    """Returns the changes, or None for no change.

    Args:
        session: the training, which continues meanwhile.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("take", "apply", "Take over", "Let the next update know", show=True),
        bind("close", "leave", "Leave", "Change nothing", show=True),
        bind("quit", "leave", "Leave", "Change nothing"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        now = self._timeline().at(self._done())
        self._base: dict[str, Value] = {name: getattr(now, name) for name in EDITABLE}
        self._values = dict(self._base)
        self._warned = False
        """Whether the user knows that leaving drops the changes."""

    def compose(self) -> ComposeResult:
        """Lay out the settings, the explanation, and the keys."""
        self._list = FieldList(FIELDS, self._values, self._reason, self._take, self._refuse)
        beside = Horizontal(self._list, RatePreview())
        box = Vertical(beside, Explanation(), Static(fill(KEYS), id="edit-keys"), id="edit")
        box.border_title = "Change while it trains"
        yield box

    def on_mount(self) -> None:
        """Focus the settings, and show the current update from now on."""
        self._list.focus()
        self.set_interval(0.5, self._show_update)
        self._show_update()

    def on_resize(self, event: events.Resize) -> None:
        """Show the curve where there is room."""
        width, height = event.size
        self.set_class(width >= BESIDE[0] and height >= BESIDE[1], "beside")
        self.set_class(height >= TALL, "tall")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Name the keys that work now: those of the value that is typed, or of the dialog."""
        typing = isinstance(event.widget, ValueInput)
        self.query_one("#edit-keys", Static).update(fill(TYPING_KEYS if typing else KEYS))
        if isinstance(event.widget, RatePreview):
            self.query_one(Explanation).explain(f"Learning rate: {fill(HOW)}")

    def action_apply(self) -> None:
        """Return the changed settings; ask first if they end the run soon."""
        changes = {name: self._values[name] for name in EDITABLE if self._differs(name)}
        try:
            self._timeline().edited(self._done(), changes)
        except SettingError as error:
            self._refuse(error.reason)
            return
        if not changes or not self._ends_soon():
            self.dismiss(changes or None)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.dismiss(changes)

        what = f"With these settings the run is over after {self._total():,} updates, for good."
        self.app.push_screen(
            Question("End the run?", what, "let it end there.", "change something else."), answered
        )

    def action_leave(self) -> None:
        """Close without changes; say first that there are some. If one is typed, cancel that."""
        if self._list.typing:
            self._list.leave()
            return
        changed = [FIELDS_BY_NAME[name].label for name in EDITABLE if self._differs(name)]
        if not changed or self._warned or run_text.all_done(self._session):
            self.dismiss(None)
            return
        self._warned = True
        words = fill("; {take} takes it over, {close} drops it")
        self._refuse(f"not taken over yet: {listed(tuple(changed))}{words}")

    @on(FieldList.Moved)
    def _explain(self) -> None:
        self.query_one(Explanation).explain(self._list.explanation())

    def _take(self, values: dict[str, Value], stepped: bool) -> None:
        self._values = self._values | values
        self._warned = False
        self._list.values = self._values
        self._explain()
        self._show_update()

    def _refuse(self, reason: str) -> None:
        self.query_one(Explanation).refuse(reason)

    def _reason(self, name: str, value: Value) -> str | None:
        """Return why a setting cannot have a value along with the other changes; None if it can."""
        changes = {other: self._values[other] for other in EDITABLE if self._differs(other)}
        try:
            self._timeline().edited(self._done(), {**changes, name: value})
        except SettingError as error:
            return error.reason
        return None

    def _differs(self, name: str) -> bool:
        return self._values[name] != self._base[name]

    def _timeline(self) -> Timeline:
        return Timeline(self._session.experiment, tuple(self._session.history.edits))

    def _done(self) -> int:
        return len(self._session.history.updates)

    def _edited(self) -> Timeline | None:
        """Return the run with the changes; None if no update is left to change."""
        changes = {name: self._values[name] for name in EDITABLE if self._differs(name)}
        try:
            return self._timeline().edited(self._done(), changes)
        except SettingError:
            return None

    def _total(self) -> int:
        """Return the total updates after the changes, or the current total if they are invalid."""
        edited = self._edited()
        return self._session.history.total if edited is None else edited.updates

    def _ends_soon(self) -> bool:
        total = self._total()
        return total < self._session.history.total and total - self._done() <= SOON

    def _show_update(self) -> None:
        history, done, edited = self._session.history, self._done(), self._edited()
        words = f"update {done:,} of {history.total:,}"
        if edited is not None and edited.updates != history.total:
            words += f" → {edited.updates:,}"
        if run_text.all_done(self._session):
            words = fill("the run is over; {close} leaves")
        self.query_one("#edit").border_subtitle = Content(words)
        if edited is not None and history.started is not None:
            epoch = max(1, history.started.updates_per_epoch)
            self.query_one(RatePreview).preview(self._timeline(), edited, done, epoch)
