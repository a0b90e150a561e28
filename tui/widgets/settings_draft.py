"""Settings while a person works on them."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from core.settings import Setting, SettingError, Value
from core.validation import CheckedSettings
from tui.widgets.undo import History

Chosen = TypeVar("Chosen", bound=CheckedSettings)


class SettingsDraft(Generic[Chosen]):
    """Settings that can be changed and changed back. Knows no screen.

    Args:
        start: what they are at first.
        fields: those that a person goes through one by one.
    """

    def __init__(self, start: Chosen, fields: Sequence[Setting]) -> None:
        self._history = History(start)
        self._fields = fields

    @property
    def present(self) -> Chosen:
        """The settings as they stand."""
        return self._history.present

    @property
    def values(self) -> dict[str, Value]:
        """The value of every field."""
        return {field.name: getattr(self.present, field.name) for field in self._fields}

    def change(self, tag: str = "", **values: Any) -> None:
        """Give some of them other values; those under the same tag are undone as one.

        Raises:
            SettingError: if one cannot have its value.
        """
        self._history.record(self.present.changed(**values), tag)

    def reason(self, name: str, value: Value) -> str | None:
        """Say why a setting cannot have a value; None where it can."""
        try:
            self.present.changed(**{name: value})
        except SettingError as error:
            return error.reason
        return None

    def undo(self) -> bool:
        """Go one change back; return whether there was one."""
        return self._history.undo()

    def redo(self) -> bool:
        """Go one change forward again; return whether there was one."""
        return self._history.redo()
