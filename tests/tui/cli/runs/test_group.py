"""Tests of all `convsole runs` commands: references to runs, damaged stores, unescaped names."""

import json
from pathlib import Path

import pytest

from core.data.home import saved_models_folder
from core.runs.store import Store
from tests.tui.cli.commands import SHORT, refused, run, train


def test_references_that_name_no_run_are_told() -> None:
    for command in (("runs", "show"), ("runs", "delete"), ("resume",)):
        assert "there are no runs" in refused(run(*command, "latest"))
    train()
    for command in (("runs", "show"), ("runs", "delete"), ("resume",)):
        assert "there is no run 'x'" in refused(run(*command, "x"))
        assert "an empty text names no run" in refused(run(*command, ""))
    assert len(json.loads(run("runs", "list", "--json").stdout)["runs"]) == 1


def test_a_database_that_is_damaged_is_told_in_a_sentence(convsole_home: Path) -> None:
    train()
    (convsole_home / "saved_models" / "runs.sqlite3").write_bytes(b"\0" * 5000)
    for command in (("runs", "list"), ("runs", "show", "latest"), ("train", *SHORT)):
        result = run(*command)
        assert result.exit_code == 2
        assert "is damaged" in result.stderr
        assert "Traceback" not in result.output


@pytest.mark.parametrize("text", ["lr [/2]", "[bold]x", "\x1b[31mred"])
def test_names_and_notes_are_shown_as_they_are(text: str) -> None:
    name = train()
    store = Store(saved_models_folder())
    store.describe(store.find(name), name=text, note=text)
    store.writer.flush()
    for words in (("runs", "list"), ("runs", "show", name)):
        found = run(*words)
        assert found.exit_code == 0, found.output
        assert text.replace("\x1b", "�") in found.stdout


def test_a_file_in_the_place_of_the_folder_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CONVSOLE_HOME", str(tmp_path / "file"))
    for command in (("runs", "list"), ("doctor",), ("runs", "show", "latest")):
        assert f"{tmp_path / 'file'} is no folder" in refused(run(*command))
