"""Tests of `convsole data`: description and download of the data set."""

import json
from pathlib import Path

import pytest

from tests.data import letters
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


def test_every_class_and_split_of_a_set_is_counted() -> None:
    dataset = letters.load(validation_size=60)
    with letters.known_set():
        line = json.loads(run("data", "info", "letters", "--validation", "60", "--json").stdout)
        table = run("data", "info", "letters", "--validation", "60").stdout
    assert (line["name"], line["classes"]) == ("letters", list(letters.CLASSES))
    assert line["shape"] == list(letters.SHAPE)
    for name, split in dataset.splits:
        counts = [int((split.labels == label).sum()) for label in range(5)]
        assert line["splits"][name] == {"images": len(split), "per_class": counts}
    rows = [row.split() for row in table.splitlines()]
    assert ["all", "540", "60", "100"] in rows
    first = [str(line["splits"][name]["per_class"][0]) for name, _ in dataset.splits]
    assert ["alpha", *first] in rows
    assert rows[0] == ["The", "letters"]


def test_cifar10_is_counted_with_its_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.data import source

    asked = []

    def describe(path: Path | None, validation: int) -> source.Description:
        asked.append((path, validation))
        counts = source.SplitCounts("train", 7, (3, 4))
        return source.Description(Path("here"), Path("here"), "folder", ("a", "b"), (counts,), None)

    monkeypatch.setattr(source, "describe", describe)
    line = json.loads(run("data", "info", "--validation", "500", "--json").stdout)
    assert asked == [(None, 500)]
    assert (line["name"], line["shape"], line["problem"]) == ("cifar10", [32, 32, 3], None)
    assert line["splits"] == {"train": {"images": 7, "per_class": [3, 4]}}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["dogs"], "there is no data set 'dogs'"),
        (["synthetic", "--validation", "11000"], "does not fit the built-in set"),
        (["synthetic", "--data", "."], "--data is for CIFAR-10"),
    ],
)
def test_what_cannot_be_described_is_told_in_one_sentence(
    arguments: list[str], reason: str
) -> None:
    result = run("data", "info", *arguments)
    assert result.exit_code == 2
    assert reason in one_sentence(result)


def test_a_fetch_without_a_server_is_one_sentence() -> None:
    result = run("data", "fetch", "--url", "http://127.0.0.1:9/cifar.tar.gz")
    assert result.exit_code == 1
    assert "127.0.0.1:9" in one_sentence(result)
