"""Tests that pipes and devices in place of files do not block."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import files
from core.benchmark import saved_results
from core.benchmark.results import BenchmarkError
from core.data.download import _Part
from core.errors import StoreError
from core.reproduce.study import RECORD, Study
from core.runs import database
from core.runs.checkpoint import load_checkpoint, read_heading
from core.runs.doctor.check import examine
from core.runs.doctor.repair import repair
from core.runs.folder import LOCK, SETTINGS, is_locked
from core.runs.store import Store

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")


@pytest.fixture(autouse=True)
def alarm() -> Iterator[None]:
    """Fail instead of blocking forever."""

    def ring(*_: object) -> None:
        raise TimeoutError("it waits for the other end of a pipe")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(20)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def pipe(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)
    return path


def test_a_file_is_opened_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "some"
    path.write_bytes(b"a\r\nb\x1a")
    with files.opened(path) as file:
        assert file.read() == b"a\r\nb\x1a"


def test_pipes_devices_and_folders_are_no_files(tmp_path: Path) -> None:
    for path in (pipe(tmp_path / "pipe"), Path("/dev/zero"), tmp_path):
        with pytest.raises(OSError, match="it is no file"):
            files.opened(path)


def test_a_kept_benchmark(tmp_path: Path) -> None:
    path = pipe(tmp_path / "some.json")
    with pytest.raises(BenchmarkError, match="it is no file"):
        saved_results.read(path)


def test_a_record_of_a_study(tmp_path: Path) -> None:
    pipe(tmp_path / RECORD)
    with pytest.raises(StoreError, match="it is no file"):
        Study(tmp_path).read()


def test_a_note_of_a_download_is_as_none(tmp_path: Path) -> None:
    part = _Part(tmp_path / "some.part", "http://localhost/some", checked=True)
    part.path.write_bytes(b"x")
    pipe(part.note)
    assert "If-Range" not in part.request_headers()


def test_a_checkpoint(tmp_path: Path) -> None:
    path = pipe(tmp_path / "checkpoint-00000001.safetensors")
    for read in (load_checkpoint, read_heading):
        with pytest.raises(OSError, match="it is no file"):
            read(path)


def test_a_lock_of_a_run_says_nothing(tmp_path: Path) -> None:
    pipe(tmp_path / LOCK)
    assert is_locked(tmp_path) is None


@pytest.mark.parametrize(
    "name", [SETTINGS, "checkpoint-00000001.safetensors", "kept-00000001.safetensors"]
)
def test_a_folder_of_a_run_is_looked_through(tmp_path: Path, name: str) -> None:
    pipe(tmp_path / "mine-1" / name)
    store = Store(tmp_path)
    repair(store, examine(store))
    assert store.runs() == []


def test_a_database(tmp_path: Path) -> None:
    pipe(tmp_path / database.NAME)
    with pytest.raises(StoreError, match="cannot open"):
        Store(tmp_path).runs()


def test_a_journal(tmp_path: Path) -> None:
    database.connect(tmp_path, create=True).close()
    pipe(tmp_path / f"{database.NAME}-journal")
    with pytest.raises(StoreError, match="cannot open"):
        Store(tmp_path).runs()
