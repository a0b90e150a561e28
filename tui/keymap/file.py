"""The user's key file, which gives verbs other keys."""

from pathlib import Path
from stat import S_ISREG

from textual.binding import Binding
from textual.keys import Keys, format_key

from core.config import toml
from core.data import home
from core.settings import SettingError
from core.text_out import visible
from tui.keymap.keys import NAMES, keys_of
from tui.keymap.verbs import FIXED, VERBS

NAME = "keys.toml"

HEADING = """\
# The keys of Convsole: one line for each thing that a key does, wherever it does it. Lines that are
# missing keep their own keys. `convsole keys` checks this file.
"""

SIGNS = {",": "comma", " ": "space", "+": "plus"}
"""Keys whose characters mean something else in Textual's names."""

SPECIAL = frozenset(each.value for each in Keys) - {"space"}
"""Keys that type nothing, as Textual names them."""

SHOWN = {name.lower(): key for key, name in NAMES.items()}
"""Keys by their names in texts, such as `esc`."""


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
        kind = path.stat().st_mode
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise KeysError(f"cannot read {visible(path)}: {error.strerror or error}") from error
    if not S_ISREG(kind):  # the app would wait for a pipe
        raise KeysError(f"{visible(path)} is no file")
    try:
        lines = toml.parse(toml.read(path), str(path))
    except SettingError as error:
        raise KeysError(str(error)) from error
    try:
        given = {verb: _keys(verb, value) for verb, value in lines.items()}
        _refuse_shared(given)
    except KeysError as error:
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
    keys = tuple(dict.fromkeys(_key(verb, text) for text in texts))
    own = [types(key) for key in VERBS[verb].keys]
    given = [types(key) for key in keys]
    # What leaves a field, or holds in every place, cannot have a key that a field takes as text.
    if (any(given) and not any(own)) or (all(given) and not all(own)):
        raise KeysError(
            f"{verb} must also work where text is typed: give it a key that types nothing, such as "
            '"f5" or "ctrl+s"'
        )
    return keys


def types(key: str) -> bool:
    """Return whether a key types a character into a field."""
    return "+" not in key and key not in SPECIAL


def _key(verb: str, text: str) -> str:
    """Return Textual's name of a key that is written as Textual, texts or the footer name it."""
    if not text.isprintable() or not text or ("," in text and text != ","):
        raise KeysError(f"{verb}: {text!r} is no key")
    if text in SIGNS:
        return SIGNS[text]
    *modifiers, last = text.lower().split("+") if len(text) > 1 else [text]
    last = SHOWN.get(last, last)
    [binding] = Binding.make_bindings([Binding("+".join([*modifiers, last]), "none")])
    last = binding.key.split("+")[-1]
    known = {key for key in SPECIAL if not key.startswith("<")} | {"space"}
    once = len(set(modifiers)) == len(modifiers) and set(modifiers) <= {"ctrl", "shift", "alt"}
    if not once or not (last in known or len(format_key(last)) == 1 or binding.key in known):
        raise KeysError(f'{verb}: {text!r} is no key; write such as "g", "f5" or "ctrl+s"')
    if modifiers == ["shift"] and types(last):
        raise KeysError(f"{verb}: write {format_key(last).upper()!r} instead of {text!r}")
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
