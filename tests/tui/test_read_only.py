"""Tests of commands and app with read-only and missing folders."""

import shutil
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from core.data import home
from core.runs.records import RunState
from core.runs.session import store
from tests.runs.made import recorded
from tests.tui.cli.commands import SHORT, refused, run, train
from tests.tui.read_only import lock, ran, told

APP = """
import asyncio
from tests.tui.test_app import synthetic
from tests.tui.waiting import until
from tui.app import Convsole
from tui.worker.messages import JobState
from tui.runs.table import RunTable

async def go():
    app = Convsole(experiment=synthetic(max_updates=30))
    async with app.run_test() as pilot:
        await pilot.press("g")
        await until(pilot, lambda: bool(app._notifications))
        await until(pilot, lambda: app.runner.state is JobState.IDLE)
        print(*[notification.message for notification in app._notifications], sep="\\n")
        await pilot.press("5")
        await until(pilot, lambda: bool(app.query(RunTable)))
        await until(pilot, lambda: app.query_one(RunTable).row_count == 2)
        await pilot.press("space")
        await until(pilot, lambda: len(app._notifications) == 2)
        print(list(app._notifications)[1].message)
        assert app.is_running

asyncio.run(go())
"""


@pytest.fixture
def runs(convsole_home: Path) -> tuple[str, str]:
    """Return a finished run, and a later one that was stopped and has no checkpoint."""
    finished = train()
    (stopped,) = recorded(store(), 1, state=RunState.STOPPED)
    return finished, stopped.id


@pytest.fixture
def locked(runs: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """Return the same runs, in a read-only folder."""
    lock(home.saved_models_folder())
    yield runs
    lock(home.saved_models_folder(), locked=False)


def one(told: str) -> str:
    """Return an error message; assert that it is one line."""
    assert told.startswith("convsole: ")
    assert told.count("\n") == 1
    return told


def test_runs_that_may_only_be_read_are_read(locked: tuple[str, str]) -> None:
    finished, stopped = locked
    found = told(
        ["runs", "list"],
        ["runs", "show", stopped],
        ["evaluate", finished],
        ["doctor"],
        ["resume", finished],
    )
    assert [code for code, _, _ in found] == [0] * 5
    assert all(id_ in found[0][1] for id_ in locked)
    assert "all is well" in found[3][1]
    assert "is finished; this is what it gave" in found[4][2]


def test_what_would_write_there_says_why_not(locked: tuple[str, str]) -> None:
    _, stopped = locked
    found = told(["train", *SHORT], ["resume", stopped], ["runs", "delete", stopped, "--yes"])
    for code, output, complaint in found:
        assert (code, output) == (1, "")  # the environment, not the input
        assert "cannot " in one(complaint)
        assert "it is read-only" in complaint or "Permission denied" in complaint
    assert store().find(stopped).state is RunState.STOPPED


def test_a_first_run_in_a_folder_that_may_only_be_read(convsole_home: Path) -> None:
    convsole_home.chmod(0o555)
    try:
        (listed, (code, output, complaint)) = told(["runs", "list"], ["train", *SHORT])
    finally:
        convsole_home.chmod(0o755)
    assert listed[:2] == (0, "")
    assert (code, output) == (2, "")
    assert "Permission denied" in one(complaint)


def test_the_app_says_so_and_goes_on(locked: tuple[str, str]) -> None:
    done = ran("-c", APP)
    assert done.returncode == 0, done.stderr
    training, marking = done.stdout.strip().splitlines()
    assert "it is read-only" in training
    assert "it is read-only" in marking


class Handler(BaseHTTPRequestHandler):
    """A server of a file that is not CIFAR-10, which must never be requested."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"1234")

    def log_message(self, *_: object) -> None:
        pass


def test_data_that_may_only_be_read(convsole_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    home.data_folder().mkdir()
    lock(home.data_folder())
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        fetched, trained = told(
            ["data", "fetch", "--url", f"http://127.0.0.1:{server.server_port}/x.tar.gz"],
            ["train", *SHORT],
        )
    finally:
        server.shutdown()
        server.server_close()
        lock(home.data_folder(), locked=False)
    assert fetched[0] == 1
    assert "cannot write" in fetched[2].splitlines()[-1]
    assert "Permission denied" in fetched[2].splitlines()[-1]
    assert trained[0] == 0


def test_all_runs_are_gone(runs: tuple[str, str]) -> None:
    shutil.rmtree(home.saved_models_folder())
    listed = run("runs", "list")
    assert (listed.exit_code, listed.stdout) == (0, "")
    for command in (["runs", "show"], ["resume"], ["evaluate"], ["runs", "delete", "--yes"]):
        assert "there are no runs in" in refused(run(*command, runs[0]))
    assert "all is well" in run("doctor").stdout
    assert not home.saved_models_folder().exists()


def test_the_folder_of_a_run_is_gone(runs: tuple[str, str]) -> None:
    finished, stopped = runs
    for id_ in runs:
        shutil.rmtree(store().folder(id_))
    assert all(id_ in run("runs", "list").stdout for id_ in runs)
    assert run("runs", "show", finished).exit_code == 0
    assert f"{finished} has no checkpoint" in refused(run("evaluate", finished))
    checked = run("doctor")
    assert checked.exit_code == 1
    assert f"the folder of {finished} is gone, and its weights with it" in checked.stdout
    assert f"`convsole runs delete {finished}` takes it off the list" in checked.stdout
    resumed = run("resume", stopped)
    assert resumed.exit_code == 0
    assert "has no checkpoint to go on from, so it begins again" in resumed.stderr
    assert store().find(stopped).state is RunState.FINISHED
    assert run("runs", "delete", finished, "--yes").exit_code == 0
    assert finished not in run("runs", "list").stdout
