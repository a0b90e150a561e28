"""Tests of `convsole resume` on stopped and finished runs."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from core.runs.records import RunState
from core.runs.store import Store
from tests.processes import running
from tests.tui.cli.commands import SHORT, run


def test_a_finished_run_is_resumed_to_its_results() -> None:
    made = run("train", *SHORT, "--json")
    again = run("resume", "arch", "--json")
    assert again.exit_code == 0
    assert again.stdout == made.stdout
    assert "finished" in again.stderr
    table = run("resume", "latest")
    assert table.exit_code == 0
    assert "accuracy" in table.stdout


def test_a_stopped_run_goes_on_to_the_same_line(tmp_path: Path) -> None:
    environment = {**os.environ, "CONVSOLE_HOME": str(tmp_path)}
    settings = ("--set", "dataset=synthetic", "--set", "half_cycle=100", "--set", "cycles=1")
    with running(
        [sys.executable, "-m", "tui", "train", "--json", *settings],
        env=environment, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        assert process.stderr.readline().startswith("run arch-2-1: ")
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert json.loads(output)["stopped"] is True

    def convsole(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tui", *arguments],
            env=environment, capture_output=True, text=True, timeout=100,
        )  # fmt: skip

    resumed = convsole("resume", "latest", "--json")
    assert resumed.returncode == 0, resumed.stderr
    assert "run arch-2-1: " in resumed.stderr
    whole = convsole("train", "--json", *settings)
    one, other = json.loads(resumed.stdout), json.loads(whole.stdout)
    for line in (one, other):
        del line["seconds"], line["run"]
    assert one == other
    store = Store(tmp_path / "saved_models")
    assert [found.state for found in store.runs()] == [RunState.FINISHED] * 2
