"""Tests of the search for CIFAR-10, and of its error for ambiguous paths."""

import gzip
import shutil
from pathlib import Path

import pytest

from core.data import cifar10
from core.data.dataset import DataError
from tests.data import fakes
from tests.data.fakes import BINARY, LAYOUTS, PYTHON
from tests.data.test_cifar10 import check


def moved(parent: Path, *names: str) -> Path:
    """Write the binary version into folders of these names."""
    folder = parent.joinpath(*names)
    folder.parent.mkdir(parents=True, exist_ok=True)
    return fakes.write_folder(parent / "made", BINARY).rename(folder)


@pytest.mark.parametrize(
    "names",
    [
        (BINARY.folder, BINARY.folder),
        ("cifar-10-binary", BINARY.folder),
        ("datasets", "cifar-10-batches-py-target", BINARY.folder),
        ("CIFAR-10-Batches-Bin",),
        (f"{BINARY.folder} ",),
        (f"{BINARY.folder} (1)",),
        ("data", "of mine", "pictures"),
    ],
)
def test_folders_as_people_have_them(tmp_path: Path, names: tuple[str, ...]) -> None:
    folder = moved(tmp_path / "here", *names)
    assert cifar10.find(tmp_path / "here", LAYOUTS) == folder
    assert cifar10.find(folder, LAYOUTS) == folder
    check(cifar10.load(tmp_path / "here", 3, LAYOUTS))


def test_a_folder_in_one_of_the_same_name_is_named(tmp_path: Path) -> None:
    inner = moved(tmp_path, BINARY.folder, BINARY.folder)
    (inner / BINARY.test).unlink()
    with pytest.raises(DataError, match=rf"^{inner} is incomplete: test_batch.bin is missing"):
        cifar10.load(tmp_path, 3, LAYOUTS)
    (inner / BINARY.test).write_bytes(fakes.files(BINARY)[BINARY.test])
    for name in BINARY.files:  # both are complete: the outer one was named
        (inner.parent / name).write_bytes((inner / name).read_bytes())
    assert cifar10.find(inner.parent, LAYOUTS) == inner.parent


def test_two_that_are_as_good_are_told(tmp_path: Path) -> None:
    one, two = moved(tmp_path, "one"), moved(tmp_path, "two")
    with pytest.raises(DataError, match=rf"^{one} and {two} both hold CIFAR-10; name the one"):
        cifar10.find(tmp_path, LAYOUTS)
    exact = two.rename(tmp_path / BINARY.folder)
    assert cifar10.find(tmp_path, LAYOUTS) == exact


def test_both_versions_beside_each_other(tmp_path: Path) -> None:
    fakes.write_folder(tmp_path, PYTHON)
    assert cifar10.find(tmp_path, LAYOUTS) == tmp_path / PYTHON.folder
    binary = fakes.write_folder(tmp_path, BINARY)
    assert cifar10.find(tmp_path, LAYOUTS) == binary


def test_companions_that_a_mac_leaves_are_no_data(tmp_path: Path) -> None:
    folder = fakes.write_folder(tmp_path, BINARY)
    for name in BINARY.files:
        (folder / f"._{name}").write_bytes(b"\0\5\26\7")
    (tmp_path / f"._{BINARY.archive}").write_bytes(b"\0\5\26\7")
    moved(tmp_path, ".unpacking-x", "new")  # and of a fetch that was killed
    assert cifar10.find(tmp_path, LAYOUTS) == folder
    shutil.rmtree(folder)
    assert cifar10.find(tmp_path, LAYOUTS) is None


@pytest.mark.parametrize("name", ["cifar-10-binary (1).tar.gz", "cifar-10-binary.tgz"])
def test_archives_as_browsers_name_them(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(fakes.archive_bytes(BINARY))
    assert cifar10.find(tmp_path, LAYOUTS) == path
    check(cifar10.load(tmp_path, 3, LAYOUTS))


def test_two_archives_are_told(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"cifar-10-binary ({number}).tar.gz").write_bytes(b"")
    with pytest.raises(DataError, match=r"\(1\)\.tar\.gz and .* both hold CIFAR-10"):
        cifar10.find(tmp_path, LAYOUTS)


def test_a_tar_that_a_browser_unpacked(tmp_path: Path) -> None:
    path = tmp_path / BINARY.archive
    path.write_bytes(gzip.decompress(fakes.archive_bytes(BINARY)))
    check(cifar10.load(path, 3, LAYOUTS))
    path.write_bytes(path.read_bytes()[:-40_000])
    with pytest.raises(DataError, match=r"unexpected end of data|is incomplete"):
        cifar10.load(path, 3, LAYOUTS)


def test_an_archive_with_folders_around_the_folder(tmp_path: Path) -> None:
    members = fakes.data_members(BINARY)
    for info, _ in members:
        info.name = f"home/me/data/{info.name}"
    path = tmp_path / BINARY.archive
    path.write_bytes(fakes.tar_bytes(members))
    check(cifar10.load(path, 3, LAYOUTS))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04rest", "a ZIP archive; unpack it, and name the folder"),
        (b"BZh91AY", "packed with bzip2; unpack it, and name the folder"),
        (b"\xfd7zXZ\0", "packed with xz; unpack it, and name the folder"),
        (b"\r\n<!DOCTYPE html><title>403</title>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1", "a pointer of Git LFS"),
        (b"", "empty"),
    ],
)
def test_what_is_no_such_archive_is_told(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / BINARY.archive
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"is not a sound \.tar\.gz: it is {words}"):
        cifar10.load(path, 3, LAYOUTS)


def test_packed_twice(tmp_path: Path) -> None:
    path = tmp_path / BINARY.archive
    path.write_bytes(gzip.compress(fakes.archive_bytes(BINARY)))
    with pytest.raises(DataError, match="it was packed twice; unpack it once"):
        cifar10.load(path, 3, LAYOUTS)


def test_one_file_of_it(tmp_path: Path) -> None:
    folder = fakes.write_folder(tmp_path, BINARY)
    with pytest.raises(DataError, match=r"is one file of CIFAR-10; name the folder"):
        cifar10.load(folder / BINARY.test, 3, LAYOUTS)
