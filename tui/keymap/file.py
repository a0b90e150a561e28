"""The user's key file, which gives verbs other keys."""

import tomllib
from pathlib import Path

from textual.binding import Binding
from textual.keys import Keys, format_key

from core.data import home
from core.text_out import visible
from tui.keymap.keys import keys_of
from tui.keymap.verbs import FIXED, VERBS

NAME = "keys.toml"

HEADING = """\
# The keys of Convsole: one line for each thing that a key does, wherever it does it. Lines that are
# missing keep their own keys. `convsole keys` checks this file.
"""


class KeysError(Exception):
    """The key file cannot be used; the text says where it is wrong and what would be right."""


def place() -> Path:
    """Return where the key file is looked for; it need not exist."""
    return home.home() / NAME


def read(path: Path) -> dict[str, tuple[str, ...]]:
    """Return the keys of the verbs that the file gives others; none without a file.

    Raises:
        KeysError: if it cannot be read, names no verb or no key, or gives a key to two verbs.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise KeysError(f"{visible(path)} cannot be read: {reason}") from error
    try:
        lines = tomllib.loads(text)
        given = {verb: _keys(verb, value) for verb, value in lines.items()}
        _refuse_shared(given)
    except (tomllib.TOMLDecodeError, KeysError) as error:
        raise KeysError(f"{visible(path)}: {error}") from error
    return {verb: keys for verb, keys in given.items() if keys != VERBS[verb].keys}


def written() -> str:
    """Return a complete key file with the keys that hold now."""
    lines = [HEADING]
    group = ""
    for verb, each in VERBS.items():
        if each.group != group:
            group = each.group
            lines.append(f"\n# {group}\n")
        listed = ", ".join(map(_written, keys_of(verb)))
        value = listed if len(keys_of(verb)) == 1 else f"[{listed}]"
        lines.append(f"{verb} = {value}  # {each.words}\n")
    return "".join(lines)


def _written(key: str) -> str:
    sign = format_key(key)
    return f'"{sign}"' if len(sign) == 1 and sign.isascii() and sign not in '"\\' else f'"{key}"'


def _keys(verb: str, value: object) -> tuple[str, ...]:
    if verb not in VERBS:
        raise KeysError(f"nothing is called {verb!r}; `convsole keys` lists all names")
    listed = value if isinstance(value, list) else [value]
    texts = [key for key in listed if isinstance(key, str)]
    if not texts or len(texts) < len(listed):
        raise KeysError(f'{verb} must be a key such as "g", or a list of keys')
    return tuple(_key(verb, text) for text in texts)


def _key(verb: str, text: str) -> str:
    if not text.isprintable() or not text or ("," in text and text != ","):
        raise KeysError(f"{verb}: {text!r} is no key")
    [binding] = Binding.make_bindings([Binding("comma" if text == "," else text, "none")])
    known = {each.value for each in Keys} | {"space"}
    *modifiers, last = binding.key.split("+")
    if set(modifiers) - {"ctrl", "shift", "alt"} or not (
        last in known or len(format_key(last)) == 1 or binding.key in known
    ):
        raise KeysError(f'{verb}: {text!r} is no key; write such as "g", "f5" or "ctrl+s"')
    if binding.key in FIXED:
        raise KeysError(f"{verb}: {text} always has another meaning")
    return binding.key


def _refuse_shared(given: dict[str, tuple[str, ...]]) -> None:
    owner: dict[str, str] = {}
    for verb in VERBS:
        for key in given.get(verb, VERBS[verb].keys):
            other = owner.setdefault(key, verb)
            if other != verb:
                raise KeysError(
                    f"{key} would mean both {other} and {verb}; give one of them another key"
                )
