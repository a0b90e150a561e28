"""Tests of `convsole runs show`: settings, edits and results of a run."""

import json
from pathlib import Path
from typing import Any

from core.data.home import saved_models_folder
from core.runs import queries
from core.runs.records import RunState
from core.runs.store import Store
from tests.runs.made import recorded
from tests.tui.cli.commands import run, train


def test_a_run_is_shown_whole() -> None:
    name = train("--seed", "5", "--set", "lambda=0.004")
    shown = run("runs", "show", "latest").stdout
    for word in (name, "finished", "0.004", "4x4/10/50", "30 of 30", "started"):
        assert word in shown
    line = json.loads(run("runs", "show", name, "--json").stdout)
    assert line["settings"]["seed"] == 5
    assert [event["kind"] for event in line["events"]] == ["started", "finished"]
    assert Path(line["folder"]).is_dir()


def test_checkpoints_are_listed_and_which_of_them_are_kept() -> None:
    name = train("--set", "kept_checkpoints=3", "--set", "max_updates=33")
    line = json.loads(run("runs", "show", name, "--json").stdout)
    there = {each["updates"]: each for each in line["checkpoints"]}
    assert [updates for updates, each in there.items() if each["kept"]] == [11, 22, 33]
    (best,) = (updates for updates, each in there.items() if each["best"])
    shown = " ".join(run("runs", "show", name).stdout.split())
    marks = {updates: ["kept"] for updates in (11, 22, 33)}
    marks[best] = [*marks.get(best, []), "best"]
    words = ", ".join(f"{updates} ({', '.join(marks[updates])})" for updates in sorted(marks))
    assert f"checkpoints after {words} updates" in shown
    assert "kept checkpoints 3" in shown


def test_edits_are_shown_from_what_to_what_and_no_limit_as_none() -> None:
    store = Store(saved_models_folder())
    [made] = recorded(store, 1)

    def job(connection: Any) -> None:
        queries.add_event(connection, made, 10, "edited", {"changes": {"eta_max": 0.05}})

    store.writer.do(job)
    shown = " ".join(run("runs", "show", "latest").stdout.split())
    assert "edited highest rate 0.1 → 0.05" in shown
    assert "stop after no limit" in shown


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
    assert "training 41.0 %, validation 40.2 %, test 39.0 %" in table
    assert "validation accuracy" not in table
    assert "at the stop 39.0 %" in run("runs", "list").stdout
    (line,) = json.loads(run("runs", "list", "--json").stdout)["runs"]
    assert (line["validation_accuracy"], line["at_stop"]["validation_accuracy"]) == (None, 0.402)
    shown = json.loads(run("runs", "show", "latest", "--json").stdout)
    assert shown["at_stop"] == shown["result"]["at_stop"] == line["at_stop"]
    assert shown["result"]["validation_accuracy"] is None
