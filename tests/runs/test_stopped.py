"""Measurements at a stop are reported as such, wherever a run is shown or exported."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from core.data.dataset import Dataset
from core.predictions import export
from core.runs.records import ACCURACIES, MEASURED, Run, RunState, accuracies_text, new_run
from core.runs.session import Session
from core.training.events import Event, UpdateDone
from tests.runs.made import EXPERIMENT, FACTS, loader, session

RESULT: dict[str, Any] = {
    "preset": "mine", "dataset": "synthetic", "seed": 0, "updates": 5, "seconds": 1.0,
    "parameters": 10, "train_accuracy": 0.41, "validation_accuracy": 0.402, "test_accuracy": 0.39,
    "train_loss": 1.5, "validation_loss": 1.6,
}  # fmt: skip
VALUES = {name: RESULT[name] for name in MEASURED}
UNKNOWN = dict.fromkeys(MEASURED)


def run(state: RunState, **result: Any) -> Run:
    made = new_run("mine-1", EXPERIMENT, **FACTS)
    return dataclasses.replace(made, state=state, result={**RESULT, **result})


def percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def test_a_finished_run_has_come_to_what_was_measured() -> None:
    made = run(RunState.FINISHED)
    assert (made.at_end(), made.at_stop()) == (VALUES, {})
    assert made.exported_result() == {**RESULT, "at_stop": None}
    told = made.summary()
    assert (told["validation_accuracy"], told["at_stop"]) == (0.402, None)


def test_a_stopped_run_has_not() -> None:
    made = run(RunState.STOPPED)
    assert (made.at_end(), made.at_stop()) == ({}, VALUES)
    assert made.exported_result() == {**RESULT, **UNKNOWN, "at_stop": VALUES}
    told = made.summary()
    assert told["at_stop"] == VALUES
    assert {told[name] for name in ACCURACIES} == {None}
    words = accuracies_text(made.at_stop(), percent)
    assert words == "training 41.0 %, validation 40.2 %, test 39.0 %"


def test_a_stop_at_which_nothing_was_measured_says_so() -> None:
    for made in (
        run(RunState.STOPPED, **UNKNOWN),
        dataclasses.replace(run(RunState.STOPPED), result=None),
    ):
        assert made.at_stop() == {}
        assert accuracies_text(made.at_stop(), percent) == "not measured"
        assert made.summary()["at_stop"] is None
        assert (made.exported_result() or {"at_stop": None})["at_stop"] is None


def stopped(dataset: Dataset, root: Path, at: int) -> Session:
    """A run of 8 updates that evaluates after every third and is stopped."""
    made = session(dataset, root)

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone) and event.update == at:
            made.control.stop()

    made.run(listen, loader(dataset))
    return made


@pytest.mark.parametrize("live", [True, False])
def test_the_evaluation_at_a_stop_is_apart_from_those_of_the_run(
    small: Dataset, tmp_path: Path, live: bool
) -> None:
    made = stopped(small, tmp_path, 5)
    history = made.history if live else made.store.history(made.store.find("latest"))
    regular, stop = history.evaluated()
    assert regular["update"].tolist() == [3]
    assert stop is not None
    assert stop["update"] == 5
    run = made.store.find("latest")
    assert run.result is not None
    assert stop["validation_accuracy"] == run.result["validation_accuracy"]
    assert (run.best_accuracy, run.best_update) == (regular["validation_accuracy"][0], 3)
    rows = export.evaluations_csv(history).decode().splitlines()
    assert [row.split(",")[0::5] for row in rows] == [["update", "at_stop"], ["3", "0"], ["5", "1"]]


def test_a_stop_where_the_run_evaluates_anyway_adds_nothing(small: Dataset, tmp_path: Path) -> None:
    regular, stop = stopped(small, tmp_path, 6).history.evaluated()
    assert (regular["update"].tolist(), stop) == ([3, 6], None)


def test_it_is_gone_when_the_run_has_gone_on(small: Dataset, tmp_path: Path) -> None:
    made = stopped(small, tmp_path, 5)
    again = Session.resume(made.store.find("latest"), store=made.store, threads=1)
    again.run(load=loader(small))
    for history in (again.history, made.store.history(made.store.find("latest"))):
        regular, stop = history.evaluated()
        assert (regular["update"].tolist(), stop) == ([3, 6, 8], None)


def test_the_files_of_a_stopped_run_say_it(small: Dataset, tmp_path: Path) -> None:
    made = stopped(small, tmp_path, 5)
    export.write_folder(made.store.find("latest"), made.history, None, tmp_path / "out")
    line = json.loads((tmp_path / "out" / "result.json").read_text())
    assert (line["state"], line["updates"], line["validation_accuracy"]) == ("stopped", 5, None)
    assert line["at_stop"]["validation_accuracy"] > 0
