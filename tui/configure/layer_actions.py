"""What the keys of a layer table do to its list of layers: the network's, or a branch's."""

from collections.abc import Callable
from dataclasses import dataclass

from core.layers.sequence import offset_counts
from core.layers.spec import LayerSpec
from core.nn.arrays import Shape
from tui.configure import layer_edits
from tui.configure.layer_edits import Layers
from tui.configure.layer_table import LayerTable, Request


@dataclass(frozen=True)
class LayerList:
    """A list of layers that can be edited."""

    layers: Callable[[], Layers]
    """Returns the current layers."""
    judge: Callable[[Layers], str | None]
    """Returns why the network cannot have other layers here, None if it can."""
    put: Callable[[Layers, str], bool]
    """Sets layers; those set with the same tag in a row are undone together. Returns whether they
    were taken."""
    refuse: Callable[[str], None]
    """Shows a reason."""
    seal: Callable[[], None]
    """Prevents the next change from being undone together with the last one."""
    shape: Shape
    """Shape of one input image of the first layer."""
    classes: int
    """Number of classes of the data set."""
    offset: bool = True
    """Whether a constant that is added to a channel of the last output has an effect."""
    above: str = ""
    """Numbers of the layers around the list, such as `3.`."""


class LayerActions:
    """Carries out the requests of a layer table.

    Args:
        table: the table, which is mounted.
        edited: the list of layers that it shows.
    """

    def __init__(self, table: LayerTable, edited: LayerList) -> None:
        self._table, self._list = table, edited

    def do(self, request: Request, index: int) -> None:
        """Carry out a request on the layer at `index`, counted from 0."""
        layers = self._list.layers()
        match request:
            case "add":
                self._add(index)
            case "edit":
                self._edit(index)
            case "delete":
                self._list.put(layer_edits.deleted(layers, index), "")
            case "up":
                self._move(index, -1)
            case "down":
                self._move(index, 1)

    def _move(self, index: int, by: int) -> None:
        if self._list.put(layer_edits.moved(self._list.layers(), index, by), ""):
            self._table.action_move(by)

    def _add(self, index: int) -> None:
        from tui.configure.layer_chooser import LayerChooser

        def add(kind: str | None) -> None:
            if kind is not None:
                self._insert(kind, index)

        place = f"a layer below layer {self._list.above}{index + 1}"
        self._table.app.push_screen(LayerChooser(place), add)

    def _insert(self, kind: str, index: int) -> None:
        """Add a layer of this kind after the one at `index`, with settings that fit."""
        edited = self._list
        layers, reason = layer_edits.added(
            edited.layers(), index, kind, edited.classes, edited.judge
        )
        if layers is None:
            edited.refuse(reason)
        else:
            edited.put(layers, "")
            self._table.action_move(index + 1 - self._table.cursor)

    def _edit(self, index: int) -> None:
        from tui.configure.branch_editor import BranchEditor
        from tui.configure.layer_editor import LayerEditor

        layer = self._list.layers()[index]
        number = f"{self._list.above}{index + 1}"

        def judge(new: LayerSpec) -> str | None:
            return self._list.judge(layer_edits.replaced(self._list.layers(), index, new))

        def put(new: LayerSpec) -> None:
            self._list.put(layer_edits.replaced(self._list.layers(), index, new), "layer")

        editor: LayerEditor | BranchEditor
        if layer_edits.branch(layer):
            offset = offset_counts(self._list.layers()[index + 1 :], self._list.offset)
            shape = self._shape_before(index)
            editor = BranchEditor(number, layer, shape, offset, self._list.classes, judge, put)
        elif layer_edits.numbers(layer):
            editor = LayerEditor(number, layer, judge, put, self._table.cost)
        else:
            self._list.refuse(
                f"a {layer.kind} layer has no numbers of its own; each output is {layer.formula}"
            )
            return
        self._list.seal()  # all changes made in one dialog are undone together
        self._table.app.push_screen(editor, lambda _: self._list.seal())

    def _shape_before(self, index: int) -> Shape:
        """Return the shape of one input image of a layer."""
        line = self._table.line_of(index)
        return self._table.rows[line - 1].output_shape if line else self._list.shape
