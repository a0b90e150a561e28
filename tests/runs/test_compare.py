"""Runs side by side: the same axis, the same numbers, only what differs."""

import csv
import dataclasses
import json

from core.runs import compare
from core.runs.compare import Compared
from core.runs.records import Run, new_run
from core.training.events import Evaluated, UpdateDone
from core.training.history import History
from tests.runs.made import EXPERIMENT, FACTS


def compared(number: int, updates: int = 6, **settings: object) -> Compared:
    run = new_run(f"mine-{number}", EXPERIMENT.changed(**settings), **FACTS)
    history = History()
    for update in range(1, updates + 1):
        history.add(UpdateDone(update, 0.1, 2.0 / update, 3.0 / update, 0.5 * update))
        if update % 2 == 0:
            history.add(Evaluated(update, 1.0, 0.5, 1.5, update / 10))
    return Compared(run, history)


RUNS = [compared(1), compared(2, 4, seed=3, weight_decay=0.01)]


def test_curves_over_updates_epochs_and_time() -> None:
    loss = compare.curves(RUNS, "loss")
    assert [line.run.id for line in loss] == ["mine-1", "mine-2"]
    assert loss[0].x.tolist() == [1, 2, 3, 4, 5, 6]
    assert loss[0].y.tolist() == [2.0 / u for u in range(1, 7)]
    accuracy = compare.curves(RUNS, "validation_accuracy", "epoch")
    assert accuracy[1].x.tolist() == [2 / 7, 4 / 7]
    assert accuracy[1].y.tolist() == [0.2, 0.4]
    assert compare.curves(RUNS, "validation_loss", "time")[0].x.tolist() == [1, 2, 3]
    assert compare.curves(RUNS, "rate", "time")[0].x.tolist() == [0.5, 1, 1.5, 2, 2.5, 3]


def test_a_run_without_points_has_an_empty_curve() -> None:
    for quantity in compare.QUANTITIES:
        for axis in compare.AXES:
            (line,) = compare.curves([compared(1, 0)], quantity, axis, 0.5)
            assert len(line.x) == len(line.y) == 0


def test_only_what_differs_is_listed() -> None:
    runs = [each.run for each in RUNS]
    assert compare.differing(runs) == [("lambda", ["0.003", "0.01"]), ("seed", ["0", "3"])]
    assert compare.differing(runs[:1]) == []
    other = compared(3, architecture="8x8/4/9").run
    assert ("network", ["8x8/4/6", "8x8/4/9"]) in compare.differing([runs[0], other])
    strange = dataclasses.replace(runs[0], settings={"architecture": 5})
    assert compare.differing([runs[0], strange])


def test_a_run_that_is_older_than_a_setting_had_its_default() -> None:
    new = RUNS[0].run
    added = {"momentum", "nesterov", "warmup"}
    before = {name: value for name, value in new.settings.items() if name not in added}
    old = dataclasses.replace(new, id="old", settings=before)
    assert compare.differing([old, new]) == []
    faster = dataclasses.replace(new, settings=new.settings | {"momentum": 0.9})
    assert compare.differing([old, faster]) == [("momentum", ["0", "0.9"])]


def test_tables_and_points_are_written_for_others() -> None:
    runs: list[Run] = [each.run for each in RUNS]
    rows = list(csv.DictReader(compare.table_csv(runs).splitlines()))
    assert [row["id"] for row in rows] == ["mine-1", "mine-2"]
    assert [row["lambda"] for row in rows] == ["0.003", "0.01"]
    lines = compare.curves(RUNS, "loss")
    points = list(csv.reader(compare.curves_csv(lines, "update", "loss").splitlines()))
    assert points[0] == ["run", "update", "loss"]
    assert len(points) == 1 + 6 + 4
    content = json.loads(compare.as_json(RUNS))
    assert content[1]["settings"]["seed"] == 3
    assert content[0]["updates"]["loss"] == [2.0 / u for u in range(1, 7)]
