"""Tests of the conversion of terminal input: keys survive among arbitrary bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.message import Message

from tui.terminal.reader import LONGEST, PASTED, STRING_TIMEOUT_S, Reader

LATER = 2 * STRING_TIMEOUT_S


def read(*parts: bytes | float, size: tuple[int, int] = (80, 24)) -> list[Message]:
    """Return the events of a reader for bytes, and for seconds without input."""
    reader, found = Reader(lambda: size), []
    for part in parts:
        found += reader.feed(part) if isinstance(part, bytes) else reader.rest(part)
    return found


def keys(*parts: bytes | float) -> list[str]:
    found = read(*parts)
    assert all(isinstance(event, events.Key) for event in found), found
    return [event.key for event in found if isinstance(event, events.Key)]


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (b"q", ["q"]),
        (b"\r\t ", ["enter", "tab", "space"]),
        ("éß漢".encode(), ["é", "ß", "漢"]),
        (b"\x1b[A\x1bOP\x1b[1;5C\x1b[15~", ["up", "f1", "ctrl+right", "f5"]),
        (b"\x1b[[A", ["f1"]),
        (b"\x1b[97;5u\x1b[97;1;98u", ["ctrl+a", "b"]),
        (b"\x1bq\x1bQ", ["alt+q", "alt+shift+q"]),
        (b"\x1b\x1b[A", ["escape", "up"]),
    ],
)
def test_keys_are_read(data: bytes, names: list[str]) -> None:
    assert keys(data) == names
    assert keys(*(data[at : at + 1] for at in range(len(data)))) == names


@pytest.mark.parametrize(
    ("data", "names"),
    [(b"\x1b", ["escape"]), (b"\x1b[3$", ["shift+delete"]), (b"\x1b[", []), (b"\x1b[1;5", [])],
)
def test_what_has_no_end_is_over_when_nothing_comes(data: bytes, names: list[str]) -> None:
    assert keys(data, 0.0, LATER, b"q") == [*names, "q"]


@pytest.mark.parametrize(
    "data",
    [
        b"\x1b[M\xa0\xf0\xf1",
        b"\x1b[M \xff!",
        b"\x1b[MCq;",
        b"\xe9",
        b"\xff\xfe\x80",
        b"\xed\xa0\x80",  # a surrogate in UTF-8
        b"\xf4\x90\x80\x80",  # beyond Unicode
        b"\x1b[1114112u",
        b"\x1b[55296u",
        b"\x1b[99999999999999999999999u",
        b"\x1b[97;1;1114112u",
        b"\x1b[" + b"9" * 5000 + b"u",
        b"\x1b[" + b"1;" * 2000 + b"R",
        b"\x1b[ 1 q",
        b"\x1b[<0;10M",
        b"\x1b[32;10;10M",
        b"\x1b[<0;500;10M",
        b"\x1b[<0;10;" + b"9" * 400 + b"M",
        b"\x1b[48;0;0;0;0t",
        b"\x1b[48;9999999;9999999;1;1t",
        b"\x1b[?9999;1$y",
        b"\x1b]11;rgb:0000/0000/0000\x07",
        b"\x1b]11;rgb:0000/0000/0000\x1b\\",
        b"\x1bP1$r0q\x1b\\",
        b"\x1b_Gi=31;OK\x1b\\",
        b"\x1b]52;c;" + b"q" * 100_000 + b"\x07",
        b"\x1b]0;cut short\x18",
        b"\x1b[201~",
    ],
)
def test_what_is_no_key_is_dropped_whole(data: bytes) -> None:
    assert keys(data, b"q") == ["q"]
    assert keys(data + b"\x1b[A") == ["up"]
    for at in range(1, min(len(data), 40)):
        assert keys(data[:at], data[at:], b"q") == ["q"]


@pytest.mark.parametrize("begin", [b"\x1b]0;", b"\x1bP", b"\x1b_G", b"\x1b^", b"\x1bX"])
def test_a_string_without_an_end_holds_no_keys_back(begin: bytes) -> None:
    assert keys(begin + b"qqq", LATER, b"q") == ["q"]
    assert keys(begin + b"q" * 10_000, b"\x1b[A") == ["up"]
    reader = Reader(lambda: (80, 24))
    for _ in range(100):
        assert not list(reader.feed(begin + b"q" * 10_000))
        assert len(reader._bytes) <= 2 * LONGEST
        begin = b""


def test_pastes() -> None:
    (split,) = read(b"\x1b[200~two", b"\nlines\x1b[20", b"1~")
    assert isinstance(split, events.Paste)
    assert split.text == "two\nlines"
    (pasted,) = read(b"\x1b[200~a\x00b\x1b[31mc\x9b\xe9\xffd\ne\x1b[201~")
    assert isinstance(pasted, events.Paste)
    assert pasted.text == "ab[31mcd\ne"
    (large,) = read(*[b"\x1b[200~", *[b"x" * 4096] * 1000, b"\x1b[201~"])
    assert isinstance(large, events.Paste)
    assert large.text == "x" * PASTED
    assert keys(b"\x1b[200~\x1b[201~q") == ["q"]


def test_a_paste_without_an_end_holds_no_keys_back() -> None:
    pasted, key = read(b"\x1b[200~text\x1b[20", LATER, b"q")
    assert isinstance(pasted, events.Paste)
    assert pasted.text == "text[20"
    assert isinstance(key, events.Key)


def test_the_mouse_is_read_where_the_screen_is() -> None:
    (down,) = read(b"\x1b[<0;10;20M")
    assert isinstance(down, events.MouseDown)
    assert (down.x, down.y) == (9, 19)
    assert read(b"\x1b[<0;10;20M", size=(9, 24)) == []


def test_a_size_is_believed_where_the_terminal_said_that_it_tells_it() -> None:
    size, supported = b"\x1b[48;50;100;500;1000t", b"\x1b[?2048;1$y"
    assert read(size) == []
    told = read(supported + size)[-1]
    assert isinstance(told, events.Resize)
    assert told.size == (100, 50)
    assert len(read(supported + b"\x1b[48;50;100000;500;1000t")) == 1
    # Reports are in pixels from here on; an earlier size of 0 must have been ignored.
    assert len(read(supported + b"\x1b[48;24;80;0;0t" + b"\x1b[<0;10;20M")) == 2


PIECES = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [
            *(
                b"\x1b",
                b"\x1b[",
                b"\x1bO",
                b"\x1b[M",
                b"\x1b[<",
                b"\x1b[200~",
                b"\x1b[201~",
                b"\x1b]",
            ),
            *(b"\x1bP", b"\x1b\\", b"\x07", b"\x9b", b"\xf0\x9f", b"q", b"~", b"u", b"m", b"\x18"),
        ]
    ),
    st.builds(
        lambda numbers, ends: b"\x1b[" + b";".join(b"%d" % n for n in numbers) + ends,
        st.lists(st.integers(0, 10**25), max_size=5),
        st.sampled_from([b"u", b"~", b"M", b"R", b"t", b"$y", b"A", b""]),
    ),
    st.builds(
        lambda b, x, y, ends: b"\x1b[<%d;%d;%d" % (b, x, y) + ends,
        *[st.integers(-5, 10**6)] * 3,
        st.sampled_from([b"M", b"m"]),
    ),
)
"""Return random bytes mixed with fragments of sequences."""


@given(st.lists(PIECES, max_size=12), st.lists(st.integers(0, 200), max_size=6))
def test_a_key_arrives_whatever_came_before(pieces: list[bytes], cuts: list[int]) -> None:
    data, places = b"".join(pieces), sorted({0, *cuts})
    parts = [data[a:b] for a, b in zip(places, [*places[1:], None], strict=True)]
    reader = Reader(lambda: (80, 24))
    for part in parts:
        list(reader.feed(part))
    list(reader.rest(LATER))
    assert not reader.waits
    (key,) = reader.feed(b"q")
    assert isinstance(key, events.Key)
    assert key.key == "q"
