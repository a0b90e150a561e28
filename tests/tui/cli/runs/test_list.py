"""Tests of `convsole runs list`: the table, and the columns omitted on narrow terminals."""

import json
from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from core.data.home import saved_models_folder
from core.runs.store import Store
from tests.runs.made import recorded
from tests.tui.cli.commands import run, train
from tui.cli.runs.list import listed


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


@pytest.mark.parametrize(("width", "columns"), [(30, 2), (60, 5), (80, 7), (200, 9)])
def test_what_has_no_room_is_left_out_and_nothing_is_cut(width: int, columns: int) -> None:
    recorded(Store(saved_models_folder()), 2)
    kept = Store(saved_models_folder()).runs()
    named = [replace(run, id=f"final-unsmoothed-{run.number}", name="a name") for run in kept]
    table = listed(named, width)
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
        Console(width=width, file=text).print(listed(named, width))
        assert ("…" in text.getvalue()) is cut
        assert "settings" in text.getvalue()
