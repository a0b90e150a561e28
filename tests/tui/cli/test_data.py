"""Tests of `convsole data`: description and download of the data set."""

import json
from pathlib import Path

import pytest

from tests.tui.cli.commands import one_sentence, run


def test_a_named_place_without_data_is_bad_input(tmp_path: Path) -> None:
    result = run("data", "info", "--data", str(tmp_path))
    assert result.exit_code == 2
    assert str(tmp_path) in one_sentence(result)


def test_data_that_are_there_are_not_fetched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.data import download, source

    there = source.Description(Path("here"), Path("here"), "binary version, folder", (), (), None)
    monkeypatch.setattr(source, "describe", lambda: there)
    monkeypatch.setattr(download, "fetch", None)
    result = run("data", "fetch")
    assert result.exit_code == 0, result.output
    assert "there already" in result.stdout


def test_data_info_says_what_is_missing_and_what_helps() -> None:
    result = run("data", "info")
    assert result.exit_code == 0
    assert "convsole data fetch" in result.stdout
    line = json.loads(run("data", "info", "--json").stdout)
    assert line["found"] is None
    assert "convsole data fetch" in line["problem"]


def test_a_fetch_without_a_server_is_one_sentence() -> None:
    result = run("data", "fetch", "--url", "http://127.0.0.1:9/cifar.tar.gz")
    assert result.exit_code == 1
    assert "127.0.0.1:9" in one_sentence(result)
