"""Tests that a limit on threads leads to fewer threads, or to an error in one sentence."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from core.errors import NO_THREAD, StoreError
from core.runs.store import Store
from core.training import process_worker
from tests.tui.cli.commands import one_sentence
from tui import limits
from tui.cli.app import app
from tui.worker.messages import JobState
from tui.worker.runner import BusyError, JobRunner

SMALL = ("--set", "dataset=synthetic", "--set", "architecture=16x16/4/10", "--set", "max_updates=3")


class Limit:
    """Limit the number of threads that can be started from now on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, left: int) -> None:
        self.left = left
        start = threading.Thread.start

        def counted(thread: threading.Thread) -> None:
            if self.left <= 0:
                raise RuntimeError("can't start new thread")
            self.left -= 1
            start(thread)

        monkeypatch.setattr(threading.Thread, "start", counted)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize("left", [0, 3, 5])
def test_the_room_is_known_and_left_again(left: int, monkeypatch: pytest.MonkeyPatch) -> None:
    before = threading.active_count()
    Limit(monkeypatch, left)
    assert limits.room(4) == min(left, 4)
    assert threading.active_count() == before


@pytest.mark.parametrize("left", [0, 1_000])
def test_arithmetic_is_kept_to_one_thread_only_where_few_are_left(
    left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in limits.LIBRARIES:
        monkeypatch.setenv(name, "5")
    Limit(monkeypatch, left)
    limits.spare_threads()
    assert {os.environ[name] for name in limits.LIBRARIES} == {"5" if left else "1"}


def test_with_the_writer_alone_a_training_comes_to_the_same_end(
    monkeypatch: pytest.MonkeyPatch, convsole_home: Path
) -> None:
    assert run("train", *SMALL).exit_code == 0
    monkeypatch.setattr(process_worker, "available", lambda: False)
    Limit(monkeypatch, 1)
    result = run("train", *SMALL)
    assert result.exit_code == 0, result.output
    store = Store(convsole_home / "saved_models")
    one, other = (store.history(run).updates.read() for run in store.runs())
    for name in one:
        assert np.array_equal(one[name], other[name]) or name == "seconds"


def test_a_training_that_nobody_could_write_down_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, convsole_home: Path
) -> None:
    Limit(monkeypatch, 0)
    result = run("train", *SMALL)
    assert result.exit_code == 1
    assert one_sentence(result) == f"convsole: {NO_THREAD}"


def test_a_writer_goes_on_when_there_are_threads_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    limit, store = Limit(monkeypatch, 0), Store(tmp_path)
    done: list[int] = []
    with pytest.raises(StoreError, match="no further thread"):
        store.writer.do(lambda connection: done.append(1))
    limit.left = 1
    store.writer.do(lambda connection: done.append(2))
    assert done == [2]


@pytest.mark.parametrize("command", [("bench", "--arch", "arch-1"), ("reproduce", "--quick")])
def test_what_needs_threads_is_refused_before_it_begins(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    Limit(monkeypatch, 3)
    result = run(*command)
    assert result.exit_code == 1
    assert one_sentence(result) == f"convsole: {NO_THREAD}"


def test_any_other_thread_that_cannot_start_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        threading.Thread().start()

    monkeypatch.setattr("core.data.source.describe", refuse)
    Limit(monkeypatch, 0)
    result = run("data", "info")
    assert result.exit_code == 1
    assert one_sentence(result) == f"convsole: {NO_THREAD}"


def test_the_app_says_that_a_job_cannot_begin_and_is_idle_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runner = JobRunner(lambda message: None)
    Limit(monkeypatch, 0)
    with pytest.raises(BusyError, match="no further thread"):
        runner.fetch()
    assert runner.state is JobState.IDLE
    assert runner.end()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(24, "Too many open files"), "the system refuses: Too many open files"),
        (OSError(13, "Permission denied", "/a"), "the system refuses: /a: Permission denied"),
        (ImportError("libx.so: failed to map segment\nmore"), "libx.so: failed to map segment"),
    ],
)
def test_what_the_system_refuses_in_the_middle_is_a_sentence(
    error: Exception, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr("core.data.source.describe", refuse)
    result = run("data", "info")
    assert result.exit_code == 1
    assert one_sentence(result).endswith(told)
