"""Base class of the panes that have settings of their own."""

from collections.abc import Mapping
from typing import Any, Generic

from textual.containers import Container

from core.settings import SettingError
from tui.exporting import Exporting
from tui.keymap.refusals import Refusing
from tui.widgets.explanation import Explanation
from tui.widgets.row_list import RowList
from tui.widgets.settings_draft import Chosen, SettingsDraft


class SettingsPane(Refusing, Exporting, Container, Generic[Chosen]):
    """A pane with undoable settings, one explanation, and one export at a time.

    Args:
        draft: the settings being edited.
    """

    def __init__(self, draft: SettingsDraft[Chosen]) -> None:
        super().__init__()
        self._draft = draft

    def show(self) -> None:
        """Draw the present state, and have the keys that work looked at again."""
        raise NotImplementedError

    # Explanations

    def explain(self, rows: RowList) -> None:
        """Show the explanation of the row under the cursor."""
        self.query_one(Explanation).explain(rows.explanation())

    def explain_focused(self) -> None:
        """Show the explanation for the list that has the focus, if it is one of this pane."""
        focused = self.screen.focused
        if isinstance(focused, RowList) and self in focused.ancestors:
            self.explain(focused)

    def refuse(self, reason: str) -> None:
        """Show why something is not possible."""
        self.query_one(Explanation).refuse(reason)

    # Actions

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why an action is not possible now."""
        if action == "export":
            return self.export_refusal
        return self._draft.refusal(action)

    def change(self, values: Mapping[str, Any], stepped: bool) -> None:
        """Set values; successive steps of one setting are undone together."""
        try:
            self._draft.change(" ".join(values) if stepped else "", **values)
        except SettingError as error:
            self.refuse(error.reason)
            return
        self.show()

    def action_undo(self) -> None:
        """Undo the last change of a setting."""
        self._draft.undo()
        self.show()

    def action_redo(self) -> None:
        """Redo the last change that was undone."""
        self._draft.redo()
        self.show()
