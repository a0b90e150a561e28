"""The settings of the gradient check while a person works on them, and which of them matter."""

from core.checks.settings import CHECK_FIELDS, CheckSettings
from core.settings import SettingError, Value
from tui.widgets.undo import History

PROBES = ("entries", "directions")
"""What only the references use that probe the network itself."""


class CheckDraft:
    """Knows no screen."""

    def __init__(self) -> None:
        self._history = History(CheckSettings())

    @property
    def present(self) -> CheckSettings:
        """The settings as they stand."""
        return self._history.present

    def change(self, tag: str = "", **values: Value) -> None:
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


def values_of(check: CheckSettings) -> dict[str, Value]:
    """Return the value of every setting."""
    return {setting.name: getattr(check, setting.name) for setting in CHECK_FIELDS}


def unused(check: CheckSettings) -> dict[str, str]:
    """Return, for each setting that changes nothing at the moment, why."""
    torch = check.reference == "torch"
    reasons = {}
    if torch:
        for name in PROBES:
            reasons[name] = "no effect against PyTorch, which gives every entry at once"
    else:
        reasons["dtype"] = f"no effect against {check.reference_words}"
    applies = check.dtype if torch else check.reference
    against = f"{check.reference_words}{f' in {check.dtype}' if torch else ''}"
    for name in ("float32", "float64", "central", "complex"):
        if name != applies:
            reasons[f"tolerance_{name}"] = f"no effect against {against}"
    return reasons
