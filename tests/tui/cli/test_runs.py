"""Runs from the command line: listed, shown, resumed, deleted."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from rich.console import Console
from typer.testing import CliRunner

from core.config import presets
from core.data.home import saved_models_folder
from core.runs import queries
from core.runs.records import RunState, new_run
from core.runs.session import Session
from core.runs.store import Store
from core.training import events
from tests.processes import running
from tests.runs.made import EXPERIMENT, FACTS, recorded
from tui.cli import runs
from tui.cli import train as train_command
from tui.cli.app import app

SHORT = ("--set", "dataset=synthetic", "--set", "max_updates=30", "--set", "evaluate_every=10")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def train(*arguments: str) -> str:
    made = run("train", *SHORT, *arguments, "--json")
    assert made.exit_code == 0, made.output
    return str(json.loads(made.stdout)["run"])


def refused(result: Result, code: int = 2) -> str:
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    queries = result.stderr.strip().splitlines()
    assert len(queries) == 1, queries
    assert queries[0].startswith("convsole: ")
    return queries[0]


def test_the_list_is_newest_first_and_json_has_everything() -> None:
    empty = run("runs", "list")
    assert (empty.exit_code, empty.stdout) == (0, "")
    assert "there are no runs" in empty.stderr
    assert json.loads(run("runs", "list", "--json").stdout) == {"runs": []}
    ids = [train(), train("--preset", "arch-1", "--seed", "3")]
    table = run("runs", "list").stdout
    assert [line.split()[0] for line in table.splitlines()[1:]] == ids[::-1]
    assert "finished" in table
    assert "  30  " in table
    out = run("runs", "list", "--json").stdout
    assert len(out.splitlines()) == 1
    newest = json.loads(out)["runs"][0]
    assert newest["id"] == ids[1]
    for name in ("id", "name", "preset", "state", "started", "updates", "train_accuracy",
                 "validation_accuracy", "test_accuracy"):  # fmt: skip
        assert newest[name] is not None


def test_a_run_is_shown_whole() -> None:
    name = train("--seed", "5", "--set", "lambda=0.004")
    shown = run("runs", "show", "latest").stdout
    for word in (name, "finished", "0.004", "4x4/10/50", "30 of 30", "started"):
        assert word in shown
    line = json.loads(run("runs", "show", name, "--json").stdout)
    assert line["settings"]["seed"] == 5
    assert [event["kind"] for event in line["events"]] == ["started", "finished"]
    assert Path(line["folder"]).is_dir()


def test_edits_are_shown_from_what_to_what_and_no_limit_as_none() -> None:
    store = Store(saved_models_folder())
    [made] = recorded(store, 1)

    def job(connection: Any) -> None:
        queries.add_event(connection, made, 10, "edited", {"changes": {"eta_max": 0.05}})

    store.writer.do(job)
    shown = " ".join(run("runs", "show", "latest").stdout.split())
    assert "edited highest rate 0.1 → 0.05" in shown
    assert "stop after no limit" in shown


def test_a_run_is_deleted_with_its_folder() -> None:
    name = train()
    folder = Path(json.loads(run("runs", "show", name, "--json").stdout)["folder"])
    assert "--yes removes it" in refused(run("runs", "delete", name))
    assert folder.exists()
    gone = run("runs", "delete", name, "--yes")
    assert gone.exit_code == 0
    assert not folder.exists()
    assert "there are no runs" in refused(run("runs", "show", name))


def test_references_that_name_no_run_are_told() -> None:
    for command in (("runs", "show"), ("runs", "delete"), ("resume",)):
        assert "there are no runs" in refused(run(*command, "latest"))
    train()
    for command in (("runs", "show"), ("runs", "delete"), ("resume",)):
        assert "there is no run 'x'" in refused(run(*command, "x"))
        assert "an empty text names no run" in refused(run(*command, ""))
    assert len(json.loads(run("runs", "list", "--json").stdout)["runs"]) == 1


def test_a_finished_run_is_resumed_to_its_results() -> None:
    made = run("train", *SHORT, "--json")
    again = run("resume", "arch", "--json")
    assert again.exit_code == 0
    assert again.stdout == made.stdout
    assert "finished" in again.stderr
    table = run("resume", "latest")
    assert table.exit_code == 0
    assert "accuracy" in table.stdout


def test_what_was_measured_at_a_stop_is_told_as_that() -> None:
    store = Store(saved_models_folder())
    (run_,) = recorded(store, 1, state=RunState.STOPPED)
    table = run("runs", "show", "latest").stdout
    assert "at the stop" in table
    assert "not measured" in table
    measured = {
        "preset": "arch-2", "dataset": "synthetic", "seed": 0, "updates": 30, "seconds": 1.0,
        "parameters": 10, "train_accuracy": 0.41, "validation_accuracy": 0.402,
        "test_accuracy": 0.39, "train_loss": 1.5, "validation_loss": 1.6,
    }  # fmt: skip
    store.writer.do(lambda connection: queries.update_run(connection, run_.number, result=measured))
    table = run("runs", "show", "latest").stdout
    assert "training 41.00%, validation 40.20%, test 39.00%" in table
    assert "validation accuracy" not in table
    assert "at the stop 39.00%" in run("runs", "list").stdout
    (line,) = json.loads(run("runs", "list", "--json").stdout)["runs"]
    assert (line["validation_accuracy"], line["at_stop"]["validation_accuracy"]) == (None, 0.402)
    shown = json.loads(run("runs", "show", "latest", "--json").stdout)
    assert shown["at_stop"] == shown["result"]["at_stop"] == line["at_stop"]
    assert shown["result"]["validation_accuracy"] is None


@pytest.mark.parametrize("measured", [True, False])
def test_the_result_of_a_stopped_training_is_what_was_measured_at_the_stop(
    measured: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = [0.402] * 5
    result = events.Result("arch-2", "cifar10", 0, 349, 19.2, 33_050, *parts)
    made = Session(presets.load("arch-2"), kept=new_run("arch-2-1", EXPERIMENT, **FACTS))
    told_last = result if measured else None
    train_command._print(made, events.Finished(told_last, stopped=True), as_json=False)
    told = capsys.readouterr().out
    assert ("at the stop" in told and "40.20%" in told) is measured
    assert ("at the stop: not measured" in told) is not measured
    train_command._print(made, events.Finished(result, stopped=False), as_json=False)
    assert "stop" not in capsys.readouterr().out


def test_a_stopped_run_goes_on_to_the_same_line(tmp_path: Path) -> None:
    environment = {**os.environ, "CONVSOLE_HOME": str(tmp_path)}
    settings = ("--set", "dataset=synthetic", "--set", "half_cycle=300", "--set", "cycles=1")
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


def test_a_database_that_is_damaged_is_told_in_a_sentence(convsole_home: Path) -> None:
    train()
    (convsole_home / "saved_models" / "runs.sqlite3").write_bytes(b"\0" * 5000)
    for command in (("runs", "list"), ("runs", "show", "latest"), ("train", *SHORT)):
        result = run(*command)
        assert result.exit_code == 2
        assert "is damaged" in result.stderr
        assert "Traceback" not in result.output


@pytest.mark.parametrize("words", [("runs",), ("runs", "show"), ("resume",)])
def test_commands_without_what_they_need_say_so(words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2


@pytest.mark.parametrize("text", ["lr [/2]", "[bold]x", "\x1b[31mred"])
def test_names_and_notes_are_shown_as_they_are(text: str) -> None:
    name = train()
    store = Store(saved_models_folder())
    store.describe(store.find(name), name=text, note=text)
    store.writer.flush()
    for words in (("runs", "list"), ("runs", "show", name)):
        found = run(*words)
        assert found.exit_code == 0, found.output
        assert text.replace("\x1b", "�") in found.stdout


def test_a_name_from_a_file_is_no_markup() -> None:
    found = run("train", *SHORT, "--set", "name=x[/y]")
    assert found.exit_code == 0, found.output
    assert "x[/y] on synthetic" in found.stdout


@pytest.mark.parametrize(("width", "columns"), [(30, 2), (60, 5), (80, 7), (200, 9)])
def test_what_has_no_room_is_left_out_and_nothing_is_cut(width: int, columns: int) -> None:
    recorded(Store(saved_models_folder()), 2)
    kept = Store(saved_models_folder()).runs()
    named = [replace(run, id=f"final-unsmoothed-{run.number}", name="a name") for run in kept]
    table = runs.listed(named, width)
    text = StringIO()
    Console(width=width, file=text).print(table)
    queries = text.getvalue().splitlines()
    assert len(table.columns) == columns
    assert [line.split()[0] for line in queries[1:]] == ["final-unsmoothed-2", "final-unsmoothed-1"]
    assert "…" not in text.getvalue()
    assert max(map(len, queries)) <= width
    assert all("finished" in line for line in queries[1:])


def test_a_long_name_is_cut_where_there_is_no_room_and_nowhere_else() -> None:
    recorded(Store(saved_models_folder()), 1)
    (kept,) = Store(saved_models_folder()).runs()
    named = [replace(kept, name="lower lambda " * 7)]
    for width, cut in ((120, True), (1_000, False)):
        text = StringIO()
        Console(width=width, file=text).print(runs.listed(named, width))
        assert ("…" in text.getvalue()) is cut
        assert "preset" in text.getvalue()


def test_a_file_in_the_place_of_the_folder_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CONVSOLE_HOME", str(tmp_path / "file"))
    for command in (("runs", "list"), ("doctor",), ("runs", "show", "latest")):
        assert f"{tmp_path / 'file'} is no folder" in refused(run(*command))
