from pathlib import Path

import pytest

from core import memory
from core.data import cached_cifar10, cifar10, source
from core.data.dataset import DataError
from tests.data import fakes
from tests.data.fakes import BINARY, LAYOUTS


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A temporary home folder with a CIFAR-10 of 24 images."""
    monkeypatch.setenv("CONVSOLE_HOME", str(tmp_path))
    find, load, read = cifar10.find, cached_cifar10.load, cifar10.read
    monkeypatch.setattr(cifar10, "find", lambda path, *_: find(path, LAYOUTS))
    monkeypatch.setattr(
        cached_cifar10,
        "load",
        lambda path, size, progress: load(path, size, LAYOUTS, progress),
    )
    monkeypatch.setattr(cifar10, "read", lambda path, *_: read(path, LAYOUTS))


def test_auto_takes_cifar10_where_it_is_and_else_the_built_in_set(tmp_path: Path) -> None:
    assert source.load("auto", None, 1000).name == "synthetic"
    fakes.write_folder(tmp_path / "data", BINARY)
    assert source.load("auto", None, 5).name == "cifar10"
    assert source.load("synthetic", None, 1000).name == "synthetic"


def test_a_named_path_is_used(tmp_path: Path) -> None:
    folder = fakes.write_folder(tmp_path / "elsewhere", BINARY)
    for name in ("auto", "cifar10"):
        data = source.load(name, tmp_path / "elsewhere", 5)
        assert (data.source, len(data.train), len(data.validation)) == (str(folder), 15, 5)


@pytest.mark.parametrize("name", ["auto", "cifar10"])
def test_a_named_path_without_cifar10_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="there is no CIFAR-10 in"):
        source.load(name, tmp_path, 5)
    with pytest.raises(DataError, match="does not exist"):
        source.load(name, tmp_path / "nowhere", 5)


def test_auto_does_not_hide_damage(tmp_path: Path) -> None:
    folder = fakes.write_folder(tmp_path / "data", BINARY)
    (folder / BINARY.test).unlink()
    with pytest.raises(DataError, match=r"test_batch\.bin is missing"):
        source.load("auto", None, 5)


def test_cifar10_that_is_not_there() -> None:
    with pytest.raises(DataError, match="`convsole data fetch` gets it"):
        source.load("cifar10", None, 5)


def test_an_unknown_name() -> None:
    with pytest.raises(DataError, match="no data set 'mnist'; choose auto, cifar10, synthetic"):
        source.load("mnist", None, 5)


def test_describe_nothing(tmp_path: Path) -> None:
    there = source.describe()
    assert (there.looked_in, there.found, there.splits) == (tmp_path / "data", None, ())
    assert "convsole data fetch" in str(there.problem)


def test_describe_what_is_well(tmp_path: Path) -> None:
    path = tmp_path / BINARY.archive
    path.write_bytes(fakes.archive_bytes(BINARY))
    there = source.describe(path, 5)
    assert (there.found, there.layout, there.problem) == (path, "binary version, archive", None)
    assert [(split.name, split.images) for split in there.splits] == [
        ("train", 15),
        ("validation", 5),
        ("test", 4),
    ]
    labels = [int(label) for part, _ in fakes.contents()[:5] for label in part]
    assert there.splits[0].per_class == tuple(labels[:15].count(label) for label in range(10))
    assert there.classes[3] == "cat"


def test_describe_damage(tmp_path: Path) -> None:
    folder = fakes.write_folder(tmp_path, BINARY)
    (folder / BINARY.test).write_bytes(b"x")
    there = source.describe(tmp_path)
    assert (there.found, there.splits) == (folder, ())
    assert "instead of 12,292" in str(there.problem)


@pytest.mark.parametrize("name", ["synthetic", "cifar10"])
def test_what_reading_has_left_is_given_back(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trimmed: list[bool] = []
    monkeypatch.setattr(memory, "trim", lambda: trimmed.append(True))
    fakes.write_folder(tmp_path / "data", BINARY)
    source.load(name, None, 5)
    assert trimmed == [True]
