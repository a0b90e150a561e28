"""Settings and their edits in words, as they are shown to a person."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.config.experiment import FIELDS_BY_NAME
from core.training.timeline import Edit

NO_LIMIT = "no limit"
"""What a run may take whose schedule alone ends it."""


def label(name: str) -> str:
    """Return what a setting is called in a sentence: `rate, lowest` is the lowest rate there."""
    field = FIELDS_BY_NAME.get(name)
    return " ".join(reversed(field.label.split(", "))) if field else name.replace("_", " ")


def shown(name: str, value: Any) -> str:
    """Return the value of a setting, without its unit; empty where it is more than a word."""
    field = FIELDS_BY_NAME.get(name)
    if field is None:
        return "" if isinstance(value, list | tuple | dict) else str(value)
    return NO_LIMIT if field.name == "max_updates" and not value else field.show(value)


def with_unit(name: str, value: Any) -> str:
    """Return the value of a setting; empty where there is no such setting."""
    field, text = FIELDS_BY_NAME.get(name), shown(name, value)
    if field is None:
        return ""
    return text if text == NO_LIMIT else f"{text} {field.unit}".rstrip()


def changed(changes: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    """Return what changed, from what to what.

    Args:
        changes: the new values by the names of the settings.
        before: the old ones; one that is missing there is left out.
    """
    words = []
    for name, value in changes.items():
        old = f" {shown(name, before[name])} →" if name in before else ""
        words.append(f"{label(name)}{old} {shown(name, value)}".rstrip())
    return ", ".join(words)


def each_edit(settings: Mapping[str, Any], edits: Sequence[Edit]) -> list[str]:
    """Return what each edit changed, from what to what; empty where it changed nothing.

    An edit replaces the values that applied to its update, which after an interruption can be
    earlier than that of the edit before it.

    Args:
        settings: those that the run began with.
        edits: in the order in which they were made.
    """
    words: list[str] = []
    made: list[Edit] = []
    for edit in edits:
        before = dict(settings)
        for earlier in sorted(made, key=lambda edit: edit.update):
            if earlier.update <= edit.update:
                before |= earlier.changes
        words.append(changed(edit.changes, before))
        if edit.changes:
            made.append(edit)
    return words


def in_labels(reason: str) -> str:
    """Return a reason with the labels that the app shows for the names that files use."""

    def replaced(match: re.Match[str]) -> str:
        return label(match[0]) if match[0] in FIELDS_BY_NAME else match[0]

    return re.sub(r"\b[a-z]+_[a-z_]+\b", replaced, reason)
