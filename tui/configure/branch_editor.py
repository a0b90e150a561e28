"""The dialog that edits the inner layers of a residual layer."""

from collections.abc import Callable
from typing import ClassVar

from pydantic import ValidationError
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from core.build_layers import row_of
from core.layers.residual import Residual
from core.layers.spec import LayerSpec
from core.nn.arrays import Shape
from core.nn.layer import ShapeError
from core.validation import explain
from tui.configure import layer_edits
from tui.configure.keys import EDITOR_KEYS
from tui.configure.layer_actions import LayerActions, LayerList
from tui.configure.layer_table import LayerTable, Request
from tui.keymap.refusals import Refusing
from tui.widgets.explanation import Explanation
from tui.widgets.modal import ClosesOnce
from tui.widgets.row_list import RowList
from tui.widgets.undo import History


class BranchEditor(Refusing, ModalScreen[None], ClosesOnce[None]):
    """Edits the list of layers within a layer; every change is applied to the network at once.

    Args:
        number: number of the layer, such as `3`, or `3.2` for one within layer 3.
        layer: the layer.
        shape: shape of one input image of the layer.
        offset: whether a constant that is added to a channel of its output has an effect.
        classes: number of classes of the data set.
        judge: returns why the network cannot have a layer here, None if it can.
        put: applies a layer that `judge` has accepted.
    """

    BINDINGS: ClassVar[list[BindingType]] = EDITOR_KEYS

    def __init__(
        self,
        number: str,
        layer: LayerSpec,
        shape: Shape,
        offset: bool,
        classes: int,
        judge: Callable[[LayerSpec], str | None],
        put: Callable[[LayerSpec], None],
    ) -> None:
        super().__init__()
        self._number, self._shape, self._offset = number, shape, offset
        self._class_count = classes
        self._judge, self._put = judge, put
        self._history = History(layer)
        self._actions: LayerActions | None = None

    @property
    def _layers(self) -> layer_edits.Layers:
        return layer_edits.branch(self._history.present)

    def compose(self) -> ComposeResult:
        """Lay out the inner layers and the explanation."""
        with Vertical(id="branch-editor"):
            above = f"{self._number}."
            yield LayerTable(self._kind, self._request, resets=False, above=above, id="branch")
            yield Explanation()

    def on_mount(self) -> None:
        """Show the layers."""
        edited = LayerList(
            layers=lambda: self._layers,
            judge=self._reason,
            put=self._put_layers,
            refuse=self._refuse,
            seal=self._history.seal,
            shape=self._shape,
            classes=self._class_count,
            offset=self._offset,
            above=f"{self._number}.",
        )
        table = self.query_one(LayerTable)
        self._actions = LayerActions(table, edited)
        table.focus()
        self._show()

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why a change cannot be undone or redone."""
        return self._history.refusal(action)

    def action_undo(self) -> None:
        """Undo one change of the inner layers."""
        if self._history.undo():
            self._announce()

    def action_redo(self) -> None:
        """Redo one change of the inner layers."""
        if self._history.redo():
            self._announce()

    def _request(self, request: Request, index: int) -> None:
        if self._actions is not None:
            self._actions.do(request, index)

    def _with(self, layers: layer_edits.Layers) -> LayerSpec:
        """Return the layer with other inner layers.

        Raises:
            pydantic.ValidationError: if there cannot be such a list.
        """
        present = self._history.present
        return type(present).model_validate({**dict(present), "layers": layers})

    def _reason(self, layers: layer_edits.Layers) -> str | None:
        try:
            return self._judge(self._with(layers))
        except ValidationError as error:
            return explain(type(self._history.present), error).reason

    def _put_layers(self, layers: layer_edits.Layers, tag: str) -> bool:
        if reason := self._reason(layers):
            self._refuse(reason)
            return False
        self._history.record(self._with(layers), tag)
        self._announce()
        return True

    def _announce(self) -> None:
        self._put(self._history.present)
        self._show()

    def _show(self) -> None:
        self.refresh_bindings()
        layer = self._history.present
        assert isinstance(layer, Residual)
        try:
            rows = tuple(map(row_of, layer.built(self._shape, self._offset)))
        except ShapeError:  # a network that was impossible before it was edited
            rows = ()
        title = f"Layer {self._number} ─ {layer.title()}"
        table = self.query_one(LayerTable)
        table.show(rows, [title])
        self._explain(table)

    def _kind(self, index: int) -> str:
        return self._layers[index].words

    def _refuse(self, reason: str) -> None:
        self.query_one(Explanation).refuse(reason)

    @on(RowList.Moved)
    def _moved(self, message: RowList.Moved) -> None:
        self._explain(message.rows)

    def _explain(self, rows: RowList) -> None:
        self.query_one(Explanation).explain(rows.explanation())
