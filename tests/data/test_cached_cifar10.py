"""CIFAR-10 from the cache: the same as from its files, or from its files again."""

import errno
import multiprocessing
import os
import pickle
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data import cache, cache_folder, cached_cifar10, cifar10
from core.data.dataset import DataError, Dataset
from core.data.layout import CLASSES, Layout
from core.data.normalise import Normaliser
from tests.data import fakes
from tests.data.fakes import BINARY, LAYOUTS, PYTHON

NAMES = {"images.npy", "labels.npy", "sums.npy", "manifest"}


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What has been read from its files so far."""
    found: list[Path] = []
    read = cifar10.read

    def noted(path: Path, *more: Any) -> Any:
        found.append(path)
        return read(path, *more)

    monkeypatch.setattr(cifar10, "read", noted)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return fakes.write_folder(tmp_path, BINARY)


@pytest.fixture
def place(convsole_home: Path) -> Callable[[], Path]:
    """Return the only entry of the cache."""

    def only() -> Path:
        (entry,) = (convsole_home / "cache").iterdir()
        return entry

    return only


def load(path: Path, validation_size: int = 3) -> Dataset:
    return cached_cifar10.load(path, validation_size, LAYOUTS)


def check(data: Dataset, path: Path, validation_size: int = 3) -> None:
    """The data set is that of its files, in all that depends on it."""
    true = cifar10.load(path, validation_size, LAYOUTS)
    for split in ("train", "validation", "test"):
        for array in ("images", "labels"):
            mine, files = (getattr(getattr(each, split), array) for each in (data, true))
            assert (mine.dtype, mine.shape) == (files.dtype, files.shape)
            assert mine.tobytes() == files.tobytes()
            assert type(mine) is np.ndarray
    assert data.hash == true.hash
    for per in ("pixel", "channel"):
        own, other = Normaliser.of_training(data, per), Normaliser(true.train.images, per)
        assert own.mean.tobytes() == other.mean.tobytes()
        assert own.deviation.tobytes() == other.deviation.tobytes()
    assert (data.name, data.source, data.classes) == (true.name, true.source, CLASSES)
    assert data.notes == ()


@pytest.mark.parametrize("layout", LAYOUTS, ids=["binary", "python"])
@pytest.mark.parametrize("form", ["folder", "archive"])
def test_the_second_time_nothing_is_read_and_nothing_differs(
    tmp_path: Path, layout: Layout, form: str, reads: list[Path]
) -> None:
    if form == "folder":
        path = fakes.write_folder(tmp_path, layout)
    else:
        path = tmp_path / layout.archive
        path.write_bytes(fakes.archive_bytes(layout))
    for _ in range(3):
        check(load(path), path)
    del reads[:]
    for size in (0, 1, 7):
        check(load(path, size), path, size)
    assert reads == [path] * 3  # by `check`


def test_the_images_are_mapped_and_cannot_be_written_to(folder: Path) -> None:
    load(folder)
    data = load(folder)
    for split in (data.train, data.validation, data.test):
        assert not split.images.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            split.images[0] = 0
        base = split.images
        while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
            base = base.base
        assert isinstance(base, np.memmap)


def test_it_is_private_and_complete(
    folder: Path, place: Callable[[], Path], convsole_home: Path
) -> None:
    load(folder)
    assert {path.name for path in place().iterdir()} == NAMES
    for path in (convsole_home / "cache", place(), *place().iterdir()):
        assert path.stat().st_mode & 0o077 == 0


# Damage


def _flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def _resealed(path: Path, old: bytes, new: bytes) -> None:
    """Change a manifest and seal it again, as another version of the program would."""
    body = path.read_bytes().partition(b"\n")[2]
    assert old in body
    body = body.replace(old, new)
    path.write_bytes(cache._seal(body) + b"\n" + body)


def _linked(path: Path) -> None:
    path.rename(path.with_name("real"))
    path.symlink_to(path.with_name("real"))


def _piped(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _entry_linked(entry: Path) -> None:
    entry.rename(entry.parent.parent / "elsewhere")
    entry.symlink_to(entry.parent.parent / "elsewhere")


def _entry_is_a_file(entry: Path) -> None:
    shutil.rmtree(entry)
    entry.write_bytes(b"x")


def _pickled(entry: Path) -> None:
    with (entry / "images.npy").open("wb") as file:
        np.lib.format.write_array(file, np.array([{}], object), allow_pickle=True)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "images cut": lambda entry: os.truncate(entry / "images.npy", 1000),
    "images longer": lambda entry: (entry / "images.npy").open("ab").write(b"x"),
    "images empty": lambda entry: (entry / "images.npy").write_bytes(b""),
    "images gone": lambda entry: (entry / "images.npy").unlink(),
    "first image": lambda entry: _flip(entry / "images.npy", 128),
    "last image": lambda entry: _flip(entry / "images.npy", -1),
    "header of the images": lambda entry: _flip(entry / "images.npy", 70),
    "another shape": lambda entry: np.save(
        entry / "images.npy", np.load(entry / "images.npy").reshape(24, 3072)
    ),
    "another type": lambda entry: np.save(
        entry / "images.npy", np.load(entry / "images.npy").view(np.int8)
    ),
    "columns first": lambda entry: np.save(
        entry / "labels.npy", np.asfortranarray(np.zeros((24, 1), np.int64))
    ),
    "pickle": _pickled,
    "pickle of one's own": lambda entry: (entry / "images.npy").write_bytes(pickle.dumps(b"x")),
    "labels": lambda entry: _flip(entry / "labels.npy", -8),
    "sums": lambda entry: _flip(entry / "sums.npy", -8),
    "images linked": lambda entry: _linked(entry / "images.npy"),
    "images piped": lambda entry: _piped(entry / "images.npy"),
    "manifest linked": lambda entry: _linked(entry / "manifest"),
    "manifest piped": lambda entry: _piped(entry / "manifest"),
    "manifest gone": lambda entry: (entry / "manifest").unlink(),
    "manifest cut": lambda entry: os.truncate(entry / "manifest", 200),
    "manifest changed": lambda entry: _flip(entry / "manifest", -20),
    "hash changed": lambda entry: _flip(
        entry / "manifest", (entry / "manifest").read_bytes().index(b'"hash": "') + 9
    ),
    "manifest huge": lambda entry: os.truncate(entry / "manifest", 1 << 40),
    "manifest deep": lambda entry: (entry / "manifest").write_bytes(
        cache._seal(b"[" * 5000) + b"\n" + b"[" * 5000
    ),
    "manifest of a list": lambda entry: (entry / "manifest").write_bytes(
        cache._seal(b"[]") + b"\n[]"
    ),
    "hash no text": lambda entry: _resealed(entry / "manifest", b'"hash": "', b'"hash": 1, "x": "'),
    "another version": lambda entry: _resealed(
        entry / "manifest", b'"version": 1', b'"version": 0'
    ),
    "entry linked": _entry_linked,
    "entry a file": _entry_is_a_file,
    "entry empty": lambda entry: [path.unlink() for path in entry.iterdir()],
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_what_is_damaged_is_silently_made_again(
    folder: Path,
    place: Callable[[], Path],
    reads: list[Path],
    damage: Callable[[Path], object],
) -> None:
    load(folder)
    damage(place())
    del reads[:]
    data = load(folder)
    assert reads == [folder]
    check(data, folder)
    del reads[:]
    again = load(folder)
    assert reads == []
    check(again, folder)
    assert not place().is_symlink()
    assert {path.name for path in place().iterdir()} == NAMES


def test_damage_by_a_link_leaves_alone_what_it_leads_to(
    folder: Path, place: Callable[[], Path], convsole_home: Path
) -> None:
    load(folder)
    _entry_linked(place())
    load(folder)
    assert {path.name for path in (convsole_home / "elsewhere").iterdir()} == NAMES


def test_labels_outside_of_the_classes_are_refused_whatever_the_checksum_says(
    folder: Path, place: Callable[[], Path], reads: list[Path]
) -> None:
    data = load(folder)
    labels = np.concatenate([data.train.labels, data.validation.labels, data.test.labels])
    labels[5] = 10
    source = cached_cifar10._source(folder, LAYOUTS)
    assert source is not None
    assert data.facts is not None
    shutil.rmtree(place())
    images = np.concatenate([data.train.images, data.validation.images, data.test.images])
    cache.save(source, cache.Contents(images, labels, data.facts), lambda *_: None)
    assert cache.load(source, images.shape, 20) is not None
    del reads[:]
    load(folder)
    assert reads == [folder]


@given(data=st.data())
def test_no_changed_byte_and_no_cut_goes_unnoticed(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("fuzz")
        patch.setenv("CONVSOLE_HOME", str(home))
        path = fakes.write_folder(home / "data", BINARY)
        load(path)
        source = cached_cifar10._source(path, LAYOUTS)
        assert source is not None
        assert cache.load(source, (24, 32, 32, 3), 20) is not None
        file = home / "cache" / source.name / data.draw(st.sampled_from(sorted(NAMES)))
        at = data.draw(st.integers(0, file.stat().st_size - 1))
        if data.draw(st.booleans()):
            _flip(file, at)
        else:
            os.truncate(file, at)
        assert cache.load(source, (24, 32, 32, 3), 20) is None


# Sources that change


def test_a_file_that_changed_is_read_again_though_its_size_and_time_are_the_same(
    folder: Path, reads: list[Path], place: Callable[[], Path]
) -> None:
    before = load(folder)
    path = folder / BINARY.train[2]
    stat = path.stat()
    content = bytearray(path.read_bytes())
    content[1] ^= 255
    path.write_bytes(content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    del reads[:]
    after = load(folder)
    assert reads == [folder]
    check(after, folder)
    assert after.hash != before.hash
    check(load(folder), folder)
    place()  # the old copy is gone


def test_another_folder_in_the_same_place_is_read(tmp_path: Path, reads: list[Path]) -> None:
    folder = fakes.write_folder(tmp_path, BINARY)
    load(folder)
    shutil.rmtree(folder)
    fakes.write_folder(tmp_path, BINARY, seed=1)
    del reads[:]
    check(load(folder), folder)
    assert reads == [folder] * 2


def test_a_file_that_is_gone_is_missed_though_it_is_cached(folder: Path) -> None:
    load(folder)
    (folder / BINARY.test).unlink()
    with pytest.raises(DataError, match=r"test_batch\.bin is missing"):
        load(folder)


def test_a_source_that_changes_while_it_is_read_is_not_cached(
    folder: Path, monkeypatch: pytest.MonkeyPatch, convsole_home: Path
) -> None:
    read = cifar10.read

    def changed(path: Path, *more: Any) -> Any:
        collected = read(path, *more)
        os.utime(folder / BINARY.test, ns=(1, 1))
        return collected

    monkeypatch.setattr(cifar10, "read", changed)
    load(folder)
    assert not (convsole_home / "cache").exists()


# Where it cannot be written


def _refused(number: int) -> Callable[..., Any]:
    def refuse(*_: Any, **__: Any) -> Any:
        raise OSError(number, os.strerror(number))

    return refuse


@pytest.mark.parametrize(
    ("module", "call", "number", "words"),
    [
        (os, "fsync", errno.EIO, "Input/output error"),
        (os, "open", errno.ENOSPC, "no space left"),
        (os, "mkdir", errno.EROFS, "Read-only file system"),
        (os, "rename", errno.EACCES, "Permission denied"),
    ],
    ids=["flush", "open", "folder", "rename"],
)
def test_a_disk_that_refuses_costs_one_note(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    convsole_home: Path,
    module: Any,
    call: str,
    number: int,
    words: str,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(module, call, _refused(number))
        data = load(folder)
    (note,) = data.notes
    assert words in note
    assert str(convsole_home / "cache") in note
    true = cifar10.load(folder, 3, LAYOUTS)
    assert data.hash == true.hash
    assert np.array_equal(data.train.images, true.train.images)
    left = convsole_home / "cache"
    assert not left.exists() or list(left.iterdir()) == []
    check(load(folder), folder)


def test_a_disk_that_is_nearly_full_is_left_to_the_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch, convsole_home: Path
) -> None:
    full = SimpleNamespace(free=cache_folder.SPARE)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    (note,) = load(folder).notes
    assert "no space left" in note
    assert list((convsole_home / "cache").iterdir()) == []


def test_a_file_in_place_of_the_folder_is_no_obstacle(folder: Path, convsole_home: Path) -> None:
    (convsole_home / "cache").write_bytes(b"mine")
    assert len(load(folder).notes) == 1
    assert (convsole_home / "cache").read_bytes() == b"mine"


def test_a_copy_that_cannot_be_marked_as_used_is_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch, reads: list[Path]
) -> None:
    load(folder)
    del reads[:]
    monkeypatch.setattr(os, "utime", _refused(errno.EROFS))
    load(folder)
    assert reads == []


# Many at once


def _load_often(path: Path, home: Path, start: Any, sent: Any) -> None:
    os.environ["CONVSOLE_HOME"] = str(home)
    true = cifar10.load(path, 3, LAYOUTS).hash
    start.wait()
    for _ in range(15):
        data = load(path)
        if data.computed_hash() != true or data.hash != true or data.notes:
            sent.put(f"{data.hash} {data.computed_hash()} {true} {data.notes}")
            return
        for entry in (home / "cache").glob("cifar10-*"):
            with suppress(OSError):
                (entry / "manifest").unlink()
    sent.put("")


def test_many_processes_make_use_and_spoil_it_at_once(folder: Path, convsole_home: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start, sent = context.Barrier(3), context.Queue()
    made = [
        context.Process(target=_load_often, args=(folder, convsole_home, start, sent))
        for _ in range(3)
    ]
    for process in made:
        process.start()
    assert [sent.get(timeout=120) for _ in made] == [""] * 3
    for process in made:
        process.join()
    check(load(folder), folder)
    assert all(path.name.startswith("cifar10-") for path in (convsole_home / "cache").iterdir())


# Progress


@pytest.mark.parametrize("form", ["folder", "archive"])
def test_progress_rises_to_one_and_names_the_files(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "CHUNK", 1000)
    if form == "folder":
        path = fakes.write_folder(tmp_path, BINARY)
    else:
        path = tmp_path / PYTHON.archive
        path.write_bytes(fakes.archive_bytes(PYTHON))
    told: list[tuple[float, str]] = []
    cached_cifar10.load(path, 3, LAYOUTS, lambda *progress: told.append(progress))
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] < 0.2
    assert fractions[-1] == 1
    words = [words for _, words in told]
    assert words[:6] == [f"reading CIFAR-10: data_batch_{n}" for n in range(1, 6)] + [
        "reading CIFAR-10: test_batch"
    ]
    assert {"hashing the images", "adding up the pixels"} < set(words)
    assert words[-1] == "keeping the images for the next start"
    del told[:]
    cached_cifar10.load(path, 3, LAYOUTS, lambda *progress: told.append(progress))
    assert told == []
