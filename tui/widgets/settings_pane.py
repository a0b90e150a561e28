"""What panes with settings of their own have in common."""

from collections.abc import Callable, Mapping
from typing import Any, Generic

from textual import work
from textual.containers import Container

from core.settings import SettingError
from tui.messages import ExportDone
from tui.widgets.explanation import Explanation
from tui.widgets.row_list import RowList
from tui.widgets.settings_draft import Chosen, SettingsDraft


class SettingsPane(Container, Generic[Chosen]):
    """Settings that can be changed and changed back, one explanation, and one export at a time.

    Args:
        draft: the settings.
    """

    def __init__(self, draft: SettingsDraft[Chosen]) -> None:
        super().__init__()
        self._draft = draft
        self._exporting = False

    def show(self) -> None:
        """Draw everything as it stands."""
        raise NotImplementedError

    # What is said about the row under the cursor

    def explain(self, rows: RowList) -> None:
        """Say what there is to say about the row under the cursor."""
        self.query_one(Explanation).explain(rows.explanation())

    def explain_focused(self) -> None:
        """Say it anew of the list that has the focus, if it is one of this pane."""
        focused = self.screen.focused
        if isinstance(focused, RowList) and self in focused.ancestors:
            self.explain(focused)

    def refuse(self, reason: str) -> None:
        """Say why something is not possible."""
        self.query_one(Explanation).refuse(reason)

    # What the person does

    def change(self, values: Mapping[str, Any], stepped: bool) -> None:
        """Take new values of settings; those that come from steps are undone as one."""
        try:
            self._draft.change(" ".join(values) if stepped else "", **values)
        except SettingError as error:
            self.refuse(error.reason)
            return
        self.show()

    def action_undo(self) -> None:
        """Take the last change of a setting back."""
        self._go(self._draft.undo(), "There is nothing to take back")

    def action_redo(self) -> None:
        """Bring back what was undone."""
        self._go(self._draft.redo(), "There is nothing to bring back")

    def _go(self, gone: bool, otherwise: str) -> None:
        self.show()
        if not gone:
            self.query_one(Explanation).explain(otherwise)

    def export(self, write: Callable[[], ExportDone]) -> None:
        """Let files be written on a thread, unless some are being written already."""
        if not self._exporting:
            self._exporting = True
            self._write(write)

    @work(thread=True)
    def _write(self, write: Callable[[], ExportDone]) -> None:
        app, message = self.app, write()
        if not self.post_message(message):  # it was closed meanwhile
            app.post_message(message)

    def on_export_done(self, message: ExportDone) -> None:
        """Let the key work again; the app says where the files are."""
        self._exporting = False
        self.refresh_bindings()
