"""The dialog that edits the parameters of one layer."""

from collections.abc import Callable
from contextlib import suppress
from typing import ClassVar, cast

from pydantic import ValidationError
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from core.layers.spec import LayerSpec
from core.settings import Value
from core.validation import explain
from tui.configure.keys import EDITOR_KEYS
from tui.configure.layer_edits import keeping_size, numbers, with_numbers
from tui.keymap.keys import fill
from tui.keymap.refusals import Refusing
from tui.widgets.explanation import Explanation
from tui.widgets.field_list import FieldList
from tui.widgets.modal import ClosesOnce
from tui.widgets.row_list import RowList
from tui.widgets.undo import History


class LayerEditor(Refusing, ModalScreen[None], ClosesOnce[None]):
    """Edits one layer; every change is applied to the network at once.

    Args:
        number: number of the layer, such as `3`, or `3.2` for one within layer 3.
        layer: the layer.
        judge: returns why the network cannot have a layer here, None if it can.
        put: applies a layer that `judge` has accepted.
        cost: returns the cost of the current layer as text.
    """

    BINDINGS: ClassVar[list[BindingType]] = EDITOR_KEYS

    def __init__(
        self,
        number: str,
        layer: LayerSpec,
        judge: Callable[[LayerSpec], str | None],
        put: Callable[[LayerSpec], None],
        cost: Callable[[], str],
    ) -> None:
        super().__init__()
        self._number = number
        self._judge = judge
        self._put = put
        self._cost = cost
        self._history = History(layer)

    def compose(self) -> ComposeResult:
        """Lay out the fields and the explanation."""
        layer = self._history.present
        with Vertical(id="layer-editor") as box:
            box.border_title = f"Layer {self._number} ─ {layer.kind}"
            box.border_subtitle = fill(
                "{open} types · {undo} undo · {reset} reset · {close} closes"
            )
            yield FieldList(numbers(layer), self._values(), self._check, self._take, self._refuse)
            yield Static(Content(f"output = {layer.formula}"), id="formula")
            yield Explanation()

    def on_mount(self) -> None:
        """Let the number be typed at once where there is only one."""
        fields = self.query_one(FieldList)
        if fields.count() == 1 and not fields.setting.choices:
            fields.action_open()

    def _values(self) -> dict[str, Value]:
        layer = self._history.present
        return {setting.name: getattr(layer, setting.name) for setting in numbers(layer)}

    def _check(self, name: str, value: Value) -> str | None:
        try:
            return self._fitting({name: value})[1]
        except ValidationError as error:
            return explain(type(self._history.present), error).reason

    def _fitting(self, values: dict[str, Value]) -> tuple[LayerSpec, str | None]:
        """Return the layer with other numbers, and why the network cannot have it, if it cannot.

        Where only another size of the output is in the way, the padding changes, too: in a branch
        neither the filter nor the padding could ever change alone.

        Raises:
            pydantic.ValidationError: if a number is out of range.
        """
        present = self._history.present
        layer = with_numbers(present, values)
        reason = self._judge(layer)
        if reason is not None and (more := keeping_size(present, values)):
            with suppress(ValidationError):  # the padding has a range, too
                padded = with_numbers(present, more)
                if self._judge(padded) is None:
                    return padded, None
        return layer, reason

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why a change cannot be undone or redone."""
        return self._history.refusal(action)

    def action_undo(self) -> None:
        """Undo one change of this layer."""
        if self._history.undo():
            self._show()

    def action_redo(self) -> None:
        """Redo one change of this layer."""
        if self._history.redo():
            self._show()

    def _take(self, values: dict[str, Value], stepped: bool) -> None:
        layer, reason = self._fitting(values)
        if reason is not None:  # several values reset at once may not fit together
            self._refuse(reason)
            return
        self._history.record(layer, "".join(values) if stepped else "")
        self._show()

    def _refuse(self, reason: str) -> None:
        self.query_one(Explanation).refuse(reason)

    @on(RowList.Moved)
    def _explain(self, message: RowList.Moved) -> None:
        self._say(cast(FieldList, message.rows))

    def _show(self) -> None:
        self.refresh_bindings()
        self._put(self._history.present)
        fields = self.query_one(FieldList)
        fields.values = self._values()
        self._say(fields)

    def _say(self, fields: FieldList) -> None:
        self.query_one(Explanation).explain(f"{fields.explanation()}\n{self._cost()}")
