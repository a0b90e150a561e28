"""The keys that hold at present, and their names in texts."""

from collections.abc import Mapping, Sequence
from string import Formatter

from textual.keys import format_key

from tui.keymap.verbs import VERBS

NAMES = {"enter": "Enter", "escape": "Esc", "space": "Space", "delete": "Del", "home": "Home",
         "end": "End", "pageup": "PgUp", "pagedown": "PgDn", "backspace": "Backspace",
         "tab": "Tab"}  # fmt: skip
"""Names of keys in texts that differ from Textual's."""

_given: dict[str, tuple[str, ...]] = {}


def use(given: Mapping[str, Sequence[str]]) -> None:
    """Let verbs have other keys from now on, and all others their own."""
    _given.clear()
    _given.update({verb: tuple(keys) for verb, keys in given.items()})


def changed() -> dict[str, str]:
    """Return the keys of the verbs that have others than their own, as Textual's keymap."""
    return {verb: ",".join(keys) for verb, keys in _given.items()}


def keys_of(verb: str) -> tuple[str, ...]:
    """Return Textual's names of the keys of a verb."""
    return _given.get(verb, VERBS[verb].keys)


def key(verb: str) -> str:
    """Return the first key of a verb as texts name it."""
    return name(keys_of(verb)[0])


def name(textual_name: str) -> str:
    """Return how texts name a key."""
    *modifiers, last = textual_name.split("+")
    shown = NAMES.get(last, format_key(last))
    function = last[0] == "f" and last[1:].isdigit()
    last = shown.upper() if function or (modifiers and len(shown) == 1) else shown
    return "+".join([*(each.capitalize() for each in modifiers), last])


def fill(text: str) -> str:
    """Return a text with every `{verb}` replaced by its key.

    Every text that names a key goes through here, so that it stays true for other keys.
    """
    return Formatter().vformat(text, (), _Keys())


class _Keys(dict[str, str]):
    def __missing__(self, verb: str) -> str:
        return key(verb)
