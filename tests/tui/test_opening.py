"""Tests of opening the app without a command."""

import subprocess
import sys

import pytest

from tui import limits
from tui.keymap import file
from tui.opening import CannotOpenError, open_app


def run(*arguments, **given):
    return subprocess.run(
        [sys.executable, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        **given,
    )


@pytest.fixture
def terminal(monkeypatch):
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setattr("tui.streams.take_terminal", lambda: None)


def test_without_a_terminal_it_says_in_one_sentence_what_works():
    result = run("-m", "tui")
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr == (
        "convsole: the app needs a terminal; `convsole --help` lists what works without one\n"
    )


def test_the_app_needs_none_of_the_commands():
    code = "import sys, tui.opening, tui.app, tui.launch; print('typer' in sys.modules)"
    assert run("-c", code).stdout == "False\n"


@pytest.mark.usefixtures("terminal")
def test_few_threads_are_a_failure_of_the_system(monkeypatch):
    monkeypatch.setattr(limits, "are_few", lambda: True)
    with pytest.raises(CannotOpenError, match="no further thread") as caught:
        open_app()
    assert caught.value.code == 1


@pytest.mark.usefixtures("terminal")
def test_a_key_file_that_cannot_be_used_is_named(monkeypatch, tmp_path):
    place = tmp_path / "keys.toml"
    place.write_text("go = 7\n")
    monkeypatch.setattr(file, "place", lambda: place)
    with pytest.raises(CannotOpenError, match=r"keys\.toml") as caught:
        open_app()
    assert caught.value.code == 2


@pytest.mark.usefixtures("terminal")
def test_a_library_that_cannot_be_loaded_is_a_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "tui.launch", None)
    with pytest.raises(CannotOpenError, match="cannot start") as caught:
        open_app()
    assert caught.value.code == 1
