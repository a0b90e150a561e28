"""Tests of job processes: results, errors, and that they never outlive the caller."""

import os
import pickle
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from core import job_process
from core.benchmark.results import BenchmarkError
from core.checks.report import CheckError
from core.data.dataset import DataError
from core.errors import DamagedError, StoreError
from core.job_process import JobProcessError, JobStoppedError
from core.settings import SettingError
from core.training.process_worker import WorkerError
from tests import errands


@pytest.fixture(autouse=True)
def nothing_is_left() -> Any:
    children, threads = len(psutil.Process().children()), threading.active_count()
    files = psutil.Process().num_fds() if hasattr(psutil.Process, "num_fds") else 0
    yield
    assert len(psutil.Process().children()) == children
    assert threading.active_count() == threads
    assert (psutil.Process().num_fds() if files else 0) == files


def test_what_comes_back_is_what_the_work_returns_and_tells() -> None:
    told: list[int] = []
    assert job_process.run(errands.add, 2, 3, times=4) == 20
    assert job_process.run(errands.count, 100, listen=told.append) == "counted"
    assert told == list(range(100))
    assert job_process.run(errands.prints) == "printed"


def test_an_error_comes_out_as_it_was() -> None:
    with pytest.raises(MemoryError):
        job_process.run(errands.fails, MemoryError())
    with pytest.raises(SettingError, match=r"^batch_size: too large$") as caught:
        job_process.run(errands.fails, SettingError("batch_size", "too large"))
    assert (caught.value.field, caught.value.reason) == ("batch_size", "too large")


@pytest.mark.parametrize(
    "error",
    [
        BenchmarkError("something trains"),
        CheckError("PyTorch is not installed"),
        DataError("there is no CIFAR-10"),
        DamagedError("it is damaged"),
        WorkerError("it was killed"),
        MemoryError(),
        SettingError("batch_size", "too large"),
        SettingError("", "there is no tensor"),
        StoreError("the disk is full"),
    ],
)
def test_every_error_with_a_sentence_can_be_sent(error: Exception) -> None:
    sent = pickle.loads(pickle.dumps(job_process._portable(error)))
    assert type(sent) is type(error)
    assert str(sent) == str(error)
    assert vars(sent) == vars(error)


def test_an_error_that_cannot_be_sent_is_quoted() -> None:
    with pytest.raises(RuntimeError, match=r"HereError.*of a class that nobody else knows"):
        job_process.run(errands.fails_oddly)


def test_a_process_that_is_killed_or_gives_up_is_told_in_one_sentence() -> None:
    with pytest.raises(
        JobProcessError, match=r"^the process that did the work was killed by signal 9"
    ):
        job_process.run(errands.dies)
    with pytest.raises(
        JobProcessError, match=r"^the process that did the work ended: a library gave up"
    ):
        job_process.run(errands.leaves)


def test_a_stop_is_passed_on_and_what_there_is_comes_back() -> None:
    seen: list[tuple[int, int]] = []
    found = job_process.run(errands.waits, listen=seen.append, cancelled=lambda: bool(seen))
    assert found == "what it had"
    process, session = seen[0]
    # Ctrl+C and the hang-up of the terminal are for the caller only.
    assert process != os.getpid()
    assert session == process


def test_work_that_cannot_be_stopped_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_process, "GRACE", 0.05)
    seen: list[int] = []
    with pytest.raises(JobStoppedError, match="stopped"):
        job_process.run(errands.hangs, listen=seen.append, cancelled=lambda: bool(seen))
    assert not psutil.pid_exists(seen[0])


def test_a_listener_that_fails_leaves_nothing_behind() -> None:
    seen: list[int] = []

    def listen(process: int) -> None:
        seen.append(process)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        job_process.run(errands.hangs, listen=listen)
    assert not psutil.pid_exists(seen[0])


@pytest.mark.skipif(sys.platform == "win32", reason="ends processes by signals")
def test_it_ends_with_who_asked_whatever_ends_that() -> None:
    code = (
        "from core import job_process; from tests import errands; "
        "job_process.run(errands.hangs, listen=lambda process: print(process, flush=True))"
    )
    asker = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parent.parent,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert asker.stdout is not None
    process = psutil.Process(int(asker.stdout.readline()))
    asker.send_signal(signal.SIGKILL)
    asker.wait()
    asker.stdout.close()
    with suppress(psutil.NoSuchProcess):
        # There may be no process to reap it.
        while process.status() != psutil.STATUS_ZOMBIE:
            with suppress(psutil.TimeoutExpired):
                process.wait(0.01)


def test_it_imports_what_who_asked_imports_wherever_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "__init__.py").write_text("raise ImportError('those of somebody else')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert job_process.run(errands.add, 1, 1) == 2
