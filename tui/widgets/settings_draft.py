"""Settings while the user edits them."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from core.settings import Setting, SettingError, Value
from core.validation import CheckedSettings
from tui.widgets.undo import History

Chosen = TypeVar("Chosen", bound=CheckedSettings)


class SettingsDraft(Generic[Chosen]):
    """Settings with undo and redo; independent of the screen.

    Args:
        start: the initial settings.
        fields: the settings that are shown as rows.
    """

    def __init__(self, start: Chosen, fields: Sequence[Setting]) -> None:
        self._history = History(start)
        self._fields = fields

    @property
    def present(self) -> Chosen:
        """The present settings."""
        return self._history.present

    @property
    def values(self) -> dict[str, Value]:
        """The value of every field."""
        return {field.name: getattr(self.present, field.name) for field in self._fields}

    def change(self, tag: str = "", **values: Any) -> None:
        """Set values; successive changes with the same tag are undone together.

        Raises:
            SettingError: if a setting cannot have its value.
        """
        self._history.record(self.present.changed(**values), tag)

    def reason(self, name: str, value: Value) -> str | None:
        """Return why a setting cannot have a value; None if it can."""
        try:
            self.present.changed(**{name: value})
        except SettingError as error:
            return error.reason
        return None

    def undo(self) -> bool:
        """Undo one change; return whether there was one."""
        return self._history.undo()

    def redo(self) -> bool:
        """Redo one change; return whether there was one."""
        return self._history.redo()

    def refusal(self, action: str) -> str:
        """Return why the action `undo` or `redo` is not possible; empty if it is."""
        return self._history.refusal(action)
