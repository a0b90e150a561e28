"""Base class of the panes that have settings of their own."""

from collections.abc import Callable, Mapping
from typing import Any, Generic

from textual import work
from textual.containers import Container

from core.settings import SettingError
from tui.keymap.refusals import Refusing
from tui.messages import ExportDone
from tui.widgets.explanation import Explanation
from tui.widgets.row_list import RowList
from tui.widgets.settings_draft import Chosen, SettingsDraft

BEING_WRITTEN = "the files are being written"
"""Why nothing can be exported at the moment."""


class SettingsPane(Refusing, Container, Generic[Chosen]):
    """A pane with undoable settings, one explanation, and one export at a time.

    Args:
        draft: the settings being edited.
    """

    def __init__(self, draft: SettingsDraft[Chosen]) -> None:
        super().__init__()
        self._draft = draft
        self._exporting = False

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
        if action == "export" and self._exporting:
            return BEING_WRITTEN
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

    def export(self, write: Callable[[], ExportDone]) -> None:
        """Write files on a thread, unless an export is already running."""
        if not self._exporting:
            self._exporting = True
            self.refresh_bindings()
            self._write(write)

    @work(thread=True)
    def _write(self, write: Callable[[], ExportDone]) -> None:
        app, message = self.app, write()
        if not self.post_message(message):  # the pane has been closed in the meantime
            app.post_message(message)

    def on_export_done(self, message: ExportDone) -> None:
        """Enable the export again; the app shows where the files are."""
        self._exporting = False
        self.refresh_bindings()
