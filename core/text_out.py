"""Escaping of untrusted text for output, with one function per kind of output.

Names of files and runs, server responses and file contents are untrusted. Such text could contain
control sequences for a terminal, a formula for a spreadsheet, or markup for a page. Code that
displays or writes it calls the function for the kind of output.
"""

import csv
import io
import re
import shlex
from collections.abc import Iterable
from unicodedata import category

UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode categories of control and invisible characters: controls, formats such as bidirectional
overrides, surrogates, and line and paragraph separators."""

STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters other than tab and line feed, and surrogates."""

FORMULA = re.compile(r"""['"\s]*[=+\-@\uff0b\uff0d\uff1d\uff20]\s*[^\s]|[\t\r]""")
"""Start of a cell that a spreadsheet may evaluate: a character that acts as `=`, and more text."""

NUMBER = re.compile(r"[+-]?(\d[\d,]*(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*%?", re.IGNORECASE)

MARKUP = re.compile(r"[\\`*_<|~$&]|\[(?=[^\]]*\][(\[:])")
"""Characters with a meaning in Markdown within a line; brackets only if they form a link."""

MOST_BYTES = 120
"""Maximum size of the part of a file name that comes from a name; systems allow 255 in total."""

RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
"""Device names that Windows reserves."""

Cell = str | int | float | None


def visible(text: object) -> str:
    r"""Return text as one line for a terminal, without control or invisible characters.

    Such characters are escaped, as `\n`, `\x1b` or `\u202e`, and bytes of a file name that are not
    UTF-8 as `\xe9`. All other text is unchanged.
    """
    plain = str(text)
    if plain.isprintable():
        return plain
    return "".join(_escaped(char) if is_unseen(char) else char for char in plain)


def is_unseen(char: str) -> bool:
    """Return whether a character is a control character or invisible on a terminal."""
    return category(char) in UNSEEN


def _escaped(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # Python's surrogate escape of an undecodable byte
        return f"\\x{code - 0xDC00:02x}"
    if char in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[char]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def readable(text: str) -> str:
    """Replace control characters in untrusted text that is to be stored; line feeds stay."""
    return STEERING.sub("\N{REPLACEMENT CHARACTER}", text)


def as_command(words: Iterable[str]) -> str:
    """Return a command as it is typed into a shell, with all words quoted as needed."""
    return " ".join(_word(word) for word in words)


def _word(word: str) -> str:
    shown = visible(word)
    if shown == word:
        return shlex.quote(word)
    escaped = visible(word.replace("\\", "\\\\").replace("'", "\\'"))
    return f"$'{escaped}'"


def as_csv(rows: Iterable[Iterable[Cell]]) -> str:
    """Return rows as CSV in which no cell is a formula.

    Text that a spreadsheet could evaluate gets an apostrophe as a prefix; numbers stay numbers,
    with all their digits. Lines end with a line feed.
    """
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(map(_cell, row) for row in rows)
    return out.getvalue()


def _cell(value: Cell) -> Cell:
    if not isinstance(value, str):
        return value
    text = visible(value)
    # Matched against the original text, because `text` has a tab before a sign escaped.
    return f"'{text}" if FORMULA.match(value) and not NUMBER.fullmatch(value.strip()) else text


def as_markdown(text: str) -> str:
    """Escape text for a line or a table cell in Markdown."""
    return MARKUP.sub(r"\\\g<0>", visible(text))


def as_file_name(text: str) -> str:
    """Return text as a part of a file name on any system, of at most `MOST_BYTES` bytes.

    Letters and digits of any script, and blanks, dots, hyphens and underscores between them, are
    unchanged; all other characters become hyphens.
    """
    replaced = "".join(char if char.isalnum() or char in " -_." else "-" for char in text)
    cut = replaced.encode("utf-8", "ignore")[:MOST_BYTES].decode("utf-8", "ignore")
    name = re.sub("-{2,}", "-", cut).strip(" -.")
    return f"_{name}" if RESERVED.match(name) else name or "unnamed"
