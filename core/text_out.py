"""Text from outside on its way out: one function for each way.

Names of files and runs, what servers answer and what a file holds are chosen by others. On a
terminal such text could steer it, in a spreadsheet it could be a formula, in a page it could be
markup. Whoever shows or writes it calls the function for the way that it goes.
"""

import csv
import io
import re
import shlex
from collections.abc import Iterable
from unicodedata import category

UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Categories of characters that steer or cannot be seen: controls, formats such as those that turn
the direction of writing, halves of characters, and the ends of lines and paragraphs."""

STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters other than tabs and ends of lines, and halves of characters."""

FORMULA = re.compile(r"""['"\s]*[=+\-@\uff0b\uff0d\uff1d\uff20]\s*[^\s]|[\t\r]""")
"""How a cell begins that a spreadsheet may calculate: what it takes for `=`, and more behind it."""

NUMBER = re.compile(r"[+-]?(\d[\d,]*(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*%?", re.IGNORECASE)

MARKUP = re.compile(r"[\\`*_<|~$&]|\[(?=[^\]]*\][(\[:])")
"""What Markdown takes for more than itself within a line; brackets only where they make a link."""

MOST_BYTES = 120
"""Of a part of a file name that is made of a name: systems take 255 for the whole."""

RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
"""Names that Windows keeps for devices."""

Cell = str | int | float | None


def visible(text: object) -> str:
    r"""Return text in one line for a terminal, in which nothing steers it and nothing hides.

    What cannot be seen is written as an escape, such as `\n`, `\x1b` or `\u202e`; a byte of a file
    name that is no UTF-8 as `\xe9`. All other text stays as it is.
    """
    plain = str(text)
    if plain.isprintable():
        return plain
    return "".join(_escaped(char) if is_unseen(char) else char for char in plain)


def is_unseen(char: str) -> bool:
    """Tell whether a character steers a terminal, or cannot be seen on one."""
    return category(char) in UNSEEN


def _escaped(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # how Python keeps a byte that it could not decode
        return f"\\x{code - 0xDC00:02x}"
    if char in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[char]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def readable(text: str) -> str:
    """Return text that somebody else has written, to be kept: lines stay, what steers does not."""
    return STEERING.sub("\N{REPLACEMENT CHARACTER}", text)


def as_command(words: Iterable[str]) -> str:
    """Return a command as a person types it into a shell, whatever its words are made of."""
    return " ".join(_word(word) for word in words)


def _word(word: str) -> str:
    shown = visible(word)
    if shown == word:
        return shlex.quote(word)
    escaped = visible(word.replace("\\", "\\\\").replace("'", "\\'"))
    return f"$'{escaped}'"


def as_csv(rows: Iterable[Iterable[Cell]]) -> str:
    """Return rows as CSV, in which no cell is a formula to a spreadsheet.

    Text that could be one gets an apostrophe before it, as people type it there; numbers stay
    numbers, with all their digits. The lines end in a line feed.
    """
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(map(_cell, row) for row in rows)
    return out.getvalue()


def _cell(value: Cell) -> Cell:
    if not isinstance(value, str):
        return value
    text = visible(value)
    # Asked of the text as it came: a tab before a sign would be an escape afterwards.
    return f"'{text}" if FORMULA.match(value) and not NUMBER.fullmatch(value.strip()) else text


def as_markdown(text: str) -> str:
    """Return text that Markdown shows as it is, in a line or in a cell of a table."""
    return MARKUP.sub(r"\\\g<0>", visible(text))


def as_file_name(text: str) -> str:
    """Return text as a part of a file name on any system, of at most `MOST_BYTES` bytes.

    Letters and digits of any writing stay; everything else is a hyphen, but for blanks, dots,
    hyphens and underscores that stand between them.
    """
    kept = "".join(char if char.isalnum() or char in " -_." else "-" for char in text)
    cut = kept.encode("utf-8", "ignore")[:MOST_BYTES].decode("utf-8", "ignore")
    name = re.sub("-{2,}", "-", cut).strip(" -.")
    return f"_{name}" if RESERVED.match(name) else name or "unnamed"
