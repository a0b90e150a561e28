"""Settings and edits as text for the user."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.config.experiment import FIELDS_BY_NAME
from core.training.timeline import Edit

NO_LIMIT = "no limit"
"""Text for a run without a limit on its updates."""


def label(name: str) -> str:
    """Return the label of a setting, or the words of its name if there is no such setting."""
    field = FIELDS_BY_NAME.get(name)
    return field.label if field else name.replace("_", " ")


def shown(name: str, value: Any) -> str:
    """Return the value of a setting without its unit, or "" if it is a list or a table."""
    field = FIELDS_BY_NAME.get(name)
    if field is None:
        return "" if isinstance(value, list | tuple | dict) else str(value)
    return NO_LIMIT if field.name == "max_updates" and not value else field.show(value)


def with_unit(name: str, value: Any) -> str:
    """Return the value of a setting with its unit, or "" if there is no such setting."""
    field, text = FIELDS_BY_NAME.get(name), shown(name, value)
    if field is None:
        return ""
    return text if text == NO_LIMIT else f"{text} {field.unit}".rstrip()


def changed(changes: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    """Return the changes of settings as text, with old and new values.

    Args:
        changes: new values by setting name.
        before: old values by setting name; missing ones are left out.
    """
    words = []
    for name, value in changes.items():
        old = f" {shown(name, before[name])} →" if name in before else ""
        words.append(f"{label(name)}{old} {shown(name, value)}".rstrip())
    return ", ".join(words)


def each_edit(settings: Mapping[str, Any], edits: Sequence[Edit]) -> list[str]:
    """Return the changes of each edit as text, or "" for an edit without changes.

    An edit replaces the values that applied to its update. After an interruption, that update can
    be earlier than the update of the preceding edit.

    Args:
        settings: the initial settings of the run.
        edits: in the order in which they were made.
    """
    texts: list[str] = []
    applied: list[Edit] = []
    for edit in edits:
        before = dict(settings)
        for earlier in sorted(applied, key=lambda edit: edit.update):
            if earlier.update <= edit.update:
                before |= earlier.changes
        texts.append(changed(edit.changes, before))
        if edit.changes:
            applied.append(edit)
    return texts


def in_labels(reason: str) -> str:
    """Replace the setting names in an error message by the labels that the app shows."""

    def replaced(match: re.Match[str]) -> str:
        return label(match[0]) if match[0] in FIELDS_BY_NAME else match[0]

    return re.sub(r"\b[a-z]+_[a-z_]+\b", replaced, reason)
