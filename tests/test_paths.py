"""Tests of paths in user input."""

import os
import socket
import sys
from pathlib import Path

import pytest

from core import paths
from core.paths import PathError, argument, from_text, to_text, typed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="backslashes stand between folders")

NAMES = [
    "my cat.png",
    "it's.png",
    'a "b".png',
    "a\\b.png",
    "$HOME.png",
    "ä 100%.png",
    " a ",
    "#1?.png",
]
ODD = os.fsdecode(b"caf\xe9 cat.png")


def quoted(path: str) -> str:
    return "'" + path.replace("'", "'\\''") + "'"


def escaped(path: str) -> str:
    return "".join(f"\\{char}" if char in " '\"\\$#?&()" else char for char in path)


DROPPED = {
    "plain": str,
    "in quotes": quoted,
    "in quotes, and a blank": lambda path: f"{quoted(path)} ",
    "with backslashes": escaped,
    "with backslashes, and a line end": lambda path: f"{escaped(path)} \n",
    "as an address": lambda path: Path(path).as_uri(),
    "as one of this host": lambda path: Path(path).as_uri().replace("://", "://localhost"),
    "as one of this host by its name": lambda path: (
        Path(path).as_uri().replace("://", f"://{socket.gethostname()}")
    ),
    "as an address in quotes": lambda path: f"'{Path(path).as_uri()}'",
    "as an address of one slash": lambda path: Path(path).as_uri().replace("://", ":"),
    "in capitals": lambda path: Path(path).as_uri().replace("file", "FILE", 1),
}


@pytest.mark.parametrize("how", DROPPED)
@pytest.mark.parametrize("name", [*NAMES, ODD])
def test_a_file_dropped_on_the_terminal(tmp_path: Path, name: str, how: str) -> None:
    path = tmp_path / name
    path.touch()
    assert typed(DROPPED[how](str(path))) == path


@pytest.mark.parametrize("text", ["a\\ b", "'a b'", "~x", "file:x", "http:/x", " a", "a "])
def test_a_name_that_exists_is_that_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a b", "a", text):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).touch()
    assert typed(text) == argument(text) == Path(text)


def test_a_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a b.png").touch()
    for text in ("~/a b.png", "'~/a b.png'", "~/a\\ b.png"):
        assert typed(text) == tmp_path / "a b.png"
    assert argument("~/a b.png") == tmp_path / "a b.png"


@pytest.mark.parametrize("text", ["~nosuchuser/cat.png", "~cat.png", "'~nosuchuser/cat.png'"])
def test_the_home_of_nobody_is_a_plain_name(text: str) -> None:
    assert typed(text) == Path(text.strip("'"))
    assert argument(text) == Path(text)


@pytest.mark.parametrize(
    "text", ["a\0b", "x" * 5000, "\ud800", "'", "a'b", "\\", "file://[", "\x1b[2J"]
)
def test_what_no_system_knows_is_taken_as_it_is(text: str) -> None:
    if text.startswith("file"):
        with pytest.raises(PathError, match="names no file"):
            typed(text)
    else:
        assert not paths.exists(typed(text))
        assert not paths.exists(argument(text))


def test_what_does_not_exist_is_named_as_it_was_meant() -> None:
    assert typed("'/no such/a b.png' ") == Path("/no such/a b.png")
    assert typed("file:///no/a%20b.png") == Path("/no/a b.png")


@pytest.mark.parametrize("between", [" ", "  "])
def test_several_files_are_told(tmp_path: Path, between: str) -> None:
    for name in ("a b", "c"):
        (tmp_path / name).touch()
    both = [tmp_path / "a b", tmp_path / "c"]
    for how in (quoted, escaped, lambda path: Path(path).as_uri()):
        with pytest.raises(PathError, match="these are 2 files; name one"):
            typed(between.join(how(str(path)) for path in both))


@pytest.mark.parametrize("read", [typed, argument])
def test_what_is_no_file_of_this_machine_is_told(read: object) -> None:
    assert callable(read)
    with pytest.raises(PathError, match=r"^https://a.b/c.png is no file of this machine; fetch it"):
        read("https://a.b/c.png")
    with pytest.raises(PathError, match=r"^file://elsewhere/c.png is a file of another machine"):
        read("file://elsewhere/c.png")


def test_an_argument_keeps_its_quotes_and_backslashes() -> None:
    # The shell has removed those that are not part of the name.
    assert argument("'a b'") == Path("'a b'")
    assert argument("a\\ b") == Path("a\\ b")
    assert argument("file:///no/a%20b") == Path("/no/a b")


@pytest.mark.parametrize("name", [*NAMES, ODD, "\x1b[2J", "a\nb", "file:"])
def test_a_path_is_kept_as_text_of_utf_8(tmp_path: Path, name: str) -> None:
    text = to_text(tmp_path / name)
    text.encode()
    assert from_text(text) == tmp_path / name
