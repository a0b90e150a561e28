"""Locks of runs, however the process that holds them ends."""

import os
import shutil
import signal
import sys
import threading
from pathlib import Path

import pytest

from core.data import home
from core.errors import StoreError
from core.runs.folder import LOCK, is_locked, locked, refuse_beside_training, running
from tests import processes

HOLDER = """
import sys, time
from pathlib import Path
from core.runs.folder import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def run(convsole_home: Path) -> Path:
    folder = home.saved_models_folder() / "arch-2-1"
    folder.mkdir(parents=True)
    return folder


def test_in_this_process(run: Path) -> None:
    assert running(run.parent) == []
    with locked(run):
        assert running(run.parent) == ["arch-2-1"]
        with pytest.raises(StoreError, match="arch-2-1 is being trained"):
            refuse_beside_training()
    assert running(run.parent) == []
    refuse_beside_training()


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_in_a_process_that_dies(run: Path, name: str) -> None:
    with processes.running([sys.executable, "-c", HOLDER, str(run)]) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert running(run.parent) == ["arch-2-1"]
        os.kill(process.pid, getattr(signal, name))
        process.wait()
    assert running(run.parent) == []


def test_a_lock_that_nobody_holds_is_none(run: Path) -> None:
    (run / LOCK).touch()
    assert running(run.parent) == []
    refuse_beside_training()


def test_where_nothing_was_ever_trained(convsole_home: Path) -> None:
    refuse_beside_training()
    assert list(convsole_home.iterdir()) == []


def test_who_looks_writes_nothing(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of another user, or one on a read-only file system, can be tested for a lock."""
    (run / LOCK).touch()

    def refuse(*what: object, **more: object) -> None:
        raise PermissionError(13, "Permission denied")

    with locked(run):
        monkeypatch.setattr("core.runs.folder.FileLock.acquire", refuse)
        assert is_locked(run) is True
    assert is_locked(run) is False
    before = (run / LOCK).stat().st_mtime_ns
    assert is_locked(run) is False
    assert (run / LOCK).stat().st_mtime_ns == before


@pytest.mark.skipif(sys.platform == "win32", reason="there, a look is a hold of a moment")
def test_two_that_look_do_not_take_each_other_for_a_training(run: Path) -> None:
    import fcntl

    (run / LOCK).touch()
    with (run / LOCK).open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        assert is_locked(run) is False


def test_a_folder_that_is_not_there_is_not_made(run: Path) -> None:
    with locked(run.parent / "gone") as lock:
        assert not (run.parent / "gone").exists()
        (run.parent / "gone").mkdir()
        lock.reacquire()
        assert is_locked(run.parent / "gone")
    assert not is_locked(run.parent / "gone")


def test_a_folder_that_knows_no_locks(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def refuse(*what: object, **more: object) -> None:
        asked.append(what)
        raise NotImplementedError("no locks here")

    monkeypatch.setattr("core.runs.folder.FileLock.acquire", refuse)
    with locked(run):
        assert asked


def test_two_cannot_hold_a_run(run: Path) -> None:
    with locked(run) as lock:
        with pytest.raises(StoreError, match="another process works on arch-2-1"), locked(run):
            pass
        shutil.rmtree(run)
        run.mkdir()
        assert not is_locked(run)
        lock.reacquire()
        assert is_locked(run)
    assert not is_locked(run)


def test_a_look_does_not_keep_a_run_from_being_held(run: Path) -> None:
    (run / LOCK).touch()
    looking, over = threading.Event(), threading.Event()

    def look() -> None:
        while not over.is_set():
            is_locked(run)
            looking.set()

    looker = threading.Thread(target=look)
    looker.start()
    assert looking.wait(60)
    try:
        for _ in range(50):
            with locked(run):
                pass
    finally:
        over.set()
        looker.join()
