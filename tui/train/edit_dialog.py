"""The dialog that edits settings of a running training."""

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from core.config.experiment import FIELDS_BY_NAME
from core.runs.session import Session
from core.settings import SettingError, Value
from core.training.timeline import EDITABLE, Timeline
from tui.dialogs.question import Question
from tui.keymap.bindings import bind
from tui.keymap.keys import fill
from tui.widgets.explanation import Explanation
from tui.widgets.field_list import FieldList
from tui.widgets.modal import ClosesOnce

Changes = Mapping[str, Value]

FIELDS = tuple(FIELDS_BY_NAME[name] for name in EDITABLE)

SOON = 100
"""Number of remaining updates up to which the dialog asks for confirmation of an early end."""

KEYS = "[b]{take}[/b] take over at once · [b]{open}[/b] type · [b]{close}[/b] leave"


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

    def compose(self) -> ComposeResult:
        """Lay out the settings, the explanation, and the keys."""
        self._list = FieldList(FIELDS, self._values, self._reason, self._take, self._refuse)
        box = Vertical(self._list, Explanation(), Static(fill(KEYS)), id="edit")
        box.border_title = "Change while it trains"
        yield box

    def on_mount(self) -> None:
        """Focus the settings, and show the current update from now on."""
        self._list.focus()
        self.set_interval(0.5, self._show_update)
        self._show_update()

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
        """Close without changes; if a value is being typed, only cancel that."""
        if self._list.typing:
            self._list.leave()
        else:
            self.dismiss(None)

    @on(FieldList.Moved)
    def _explain(self) -> None:
        self.query_one(Explanation).explain(self._list.setting.describe())

    def _take(self, values: dict[str, Value], stepped: bool) -> None:
        self._values = self._values | values
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

    def _total(self) -> int:
        """Return the total updates after the changes, or the current total if they are invalid."""
        changes = {name: self._values[name] for name in EDITABLE if self._differs(name)}
        try:
            return self._timeline().edited(self._done(), changes).updates
        except SettingError:
            return self._session.history.total

    def _ends_soon(self) -> bool:
        total = self._total()
        return total < self._session.history.total and total - self._done() <= SOON

    def _show_update(self) -> None:
        history = self._session.history
        words, total = f"update {self._done():,} of {history.total:,}", self._total()
        if total != history.total:
            words += f" → {total:,}"
        if history.result is not None:
            words = fill("the run is over; {close} leaves")
        self.query_one("#edit").border_subtitle = Content(words)
