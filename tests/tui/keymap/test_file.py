"""Tests of the user's key file."""

import os
from pathlib import Path

import pytest

from tui.keymap import keys
from tui.keymap.file import KeysError, read, written
from tui.keymap.verbs import VERBS


def given(tmp_path: Path, text: str) -> dict[str, tuple[str, ...]]:
    path = tmp_path / "keys.toml"
    path.write_text(text, encoding="utf-8")
    return read(path)


def test_without_a_file_all_keys_are_their_own(tmp_path: Path) -> None:
    assert read(tmp_path / "keys.toml") == {}


def test_keys_are_characters_or_names(tmp_path: Path) -> None:
    assert given(tmp_path, 'sort = "Q"\nfilter = ["f3", "ctrl+f"]\nstart = ";"\n') == {
        "sort": ("Q",),
        "filter": ("f3", "ctrl+f"),
        "start": ("semicolon",),
    }


def test_two_verbs_can_change_places(tmp_path: Path) -> None:
    assert given(tmp_path, 'sort = "g"\nstart = "s"\n') == {"sort": ("g",), "start": ("s",)}


def test_keys_can_be_written_as_texts_name_them(tmp_path: Path) -> None:
    text = 'sort = "F3"\nstart = ["Ctrl+S", "F12"]\ncompare = " "\nmark = "c"\nup = ["Q", "PgUp"]\n'
    text += 'page_up = "pagedown"\npage_down = "Up"\nview = [";", ";"]\nmore = "+"'
    assert given(tmp_path, "\ufeff" + text) == {
        "sort": ("f3",),
        "start": ("ctrl+s", "f12"),
        "compare": ("space",),
        "mark": ("c",),
        "up": ("Q", "pageup"),
        "page_up": ("pagedown",),
        "page_down": ("up",),
        "view": ("semicolon",),
    }


def test_a_written_file_changes_nothing(tmp_path: Path) -> None:
    assert given(tmp_path, written()) == {}
    assert all(f"\n{verb} = " in written() for verb in VERBS)


def test_a_written_file_keeps_other_keys(tmp_path: Path) -> None:
    keys.use({"sort": ("f7", "ctrl+s")})
    assert given(tmp_path, written()) == {"sort": ("f7", "ctrl+s")}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('sort = "g"', "g would mean both start and sort; give one of them another key"),
        ('sorted = "o"', "nothing is called 'sorted'; `convsole keys` lists all names"),
        ('sort = "oo"', 'sort: \'oo\' is no key; write such as "g", "f5" or "ctrl+s"'),
        ('sort = "super+x"', "sort: 'super+x' is no key"),
        ('sort = ""', "sort: '' is no key"),
        ('sort = "a,b"', "sort: 'a,b' is no key"),
        ('sort = "\\u001b"', "is no key"),
        ('sort = "tab"', "sort: tab always has another meaning"),
        ("sort = 3", 'sort must be a key such as "g", or a list of keys'),
        ("sort = []", 'sort must be a key such as "g", or a list of keys'),
        ('sort = ["o", 3]', "or a list of keys"),
        ("sort", "at end of document"),
        ("[sort]\nkey = 3", "sort must be a key"),
        ("sort = " + 5000 * "9", "holds a number with too many digits"),
        ("sort = " + 5000 * "[" + 5000 * "]", "nests too deeply"),
        ('sort = "<any>"', "sort: '<any>' is no key"),
        ('sort = "ctrl+ctrl+x"', "sort: 'ctrl+ctrl+x' is no key"),
        ('sort = "shift+x"', "sort: write 'X' instead of 'shift+x'"),
        ('close = "X"', "close must also work where text is typed: give it a key that types"),
        ('up = "k"', "up must also work where text is typed"),
        ('quit_anywhere = ["B", "ctrl+b"]', "quit_anywhere must also work where text is typed"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(KeysError) as refused:
        given(tmp_path, text)
    told = str(refused.value)
    assert reason in told
    assert str(tmp_path) in told
    assert "\n" not in told


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(KeysError, match="is not UTF-8 text"):
        read(tmp_path / "keys.toml")
    with pytest.raises(KeysError, match="is no file"):
        read(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(KeysError, match="is no file"):
        read(tmp_path / "pipe")
