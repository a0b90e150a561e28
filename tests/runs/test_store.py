"""A run on disk is complete, reads back, and never half written."""

import csv
import dataclasses
import errno
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import load_file

from core.data.dataset import Dataset
from core.experiment import Experiment
from core.runs.store import RunFolder, StoreError
from core.training.control import Control
from core.training.events import Failed, Finished
from core.training.history import History
from core.training.trainer import Trainer

FILES = {"settings.toml", "updates.csv", "evaluations.csv", "weights.safetensors", "result.json"}

EXPERIMENT = Experiment.of(
    {
        "name": "mine",
        "architecture": "8x8/4/6",
        "half_cycle": 4,
        "cycles": 1,
        "batch_size": 40,
        "evaluate_every": 3,
        "dataset": "synthetic",
    }
)


def trained(dataset: Dataset, **values: Any) -> tuple[Trainer, History, Finished | Failed]:
    trainer, history = Trainer(EXPERIMENT.changed(**values), dataset, 1), History()
    return trainer, history, trainer.run(Control(), history.add)


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def test_a_kept_run_is_complete_and_reads_back(tmp_path: Path, small: Dataset) -> None:
    trainer, history, last = trained(small)
    folder = RunFolder.create(tmp_path / "new" / "root", trainer.experiment)
    assert names(folder.path) == {"settings.toml"}
    folder.keep(trainer, history, last)
    assert names(folder.path) == FILES
    assert folder.id == folder.path.name == "mine-1"
    assert Experiment.read(folder.path / "settings.toml") == trainer.experiment

    updates, evaluations = rows(folder.path / "updates.csv"), rows(folder.path / "evaluations.csv")
    assert updates[0] == ["update", "rate", "loss", "cost"]
    assert len(updates) == 1 + 8
    assert [row[0] for row in updates[1:]] == [str(number) for number in range(1, 9)]
    # Every digit is kept.
    assert [float(row[2]) for row in updates[1:]] == history.updates.read()["loss"].tolist()
    assert len(evaluations) == 1 + 3
    assert [row[0] for row in evaluations[1:]] == ["3", "6", "8"]

    result = json.loads((folder.path / "result.json").read_text())
    assert isinstance(last, Finished)
    assert result == {"state": "finished", **dataclasses.asdict(last.result)}


def test_weights_load_back_equal(tmp_path: Path, small: Dataset) -> None:
    trainer, history, last = trained(small)
    folder = RunFolder.create(tmp_path, trainer.experiment)
    folder.keep(trainer, history, last)
    path = folder.path / "weights.safetensors"
    loaded = load_file(path)
    expected = {name: value for name, (value, _) in trainer.engine.network.tensors().items()}
    expected["normalisation.mean"] = trainer.feed.normaliser.mean
    expected["normalisation.deviation"] = trainer.feed.normaliser.deviation
    assert set(loaded) == set(expected)
    for name, value in expected.items():
        assert loaded[name].dtype == value.dtype
        assert loaded[name].shape == value.shape
        assert np.array_equal(loaded[name], value)
    with safe_open(path, "numpy") as file:
        about = file.metadata()
    assert Experiment.from_toml(about["settings"]) == trainer.experiment
    assert about["updates"] == "8"

    # The file is enough to go on with: a new network with these weights scores the same.
    again = Trainer(trainer.experiment, small, 1)
    for name, (value, _) in again.engine.network.tensors().items():
        value[...] = loaded[name]
    assert isinstance(last, Finished)
    assert again.engine.evaluate(small.test).accuracy == last.result.test_accuracy


def test_a_failed_run_is_kept_too(tmp_path: Path, small: Dataset) -> None:
    trainer, history, last = trained(small, weight_decay=5, eta_max=10, half_cycle=50)
    assert isinstance(last, Failed)
    folder = RunFolder.create(tmp_path, trainer.experiment)
    folder.keep(trainer, history, last)
    assert names(folder.path) == FILES
    result = json.loads((folder.path / "result.json").read_text())
    assert result == {"state": "failed", "update": last.update, "reason": last.reason}
    assert len(rows(folder.path / "updates.csv")) == 1 + trainer.updates_done


def test_results_are_json_whatever_the_numbers(tmp_path: Path, small: Dataset) -> None:
    trainer, history, last = trained(small)
    assert isinstance(last, Finished)
    wild = dataclasses.replace(last.result, train_loss=float("nan"), validation_loss=float("inf"))
    folder = RunFolder.create(tmp_path, trainer.experiment)
    folder.keep(trainer, history, Finished(wild, stopped=True))

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    text = (folder.path / "result.json").read_text()
    result = json.loads(text, parse_constant=refuse)
    assert result["state"] == "stopped"
    assert result["train_loss"] is result["validation_loss"] is None


def test_numbers_rise_and_are_never_given_twice(tmp_path: Path) -> None:
    ids = [RunFolder.create(tmp_path, EXPERIMENT).id for _ in range(11)]
    assert ids == [f"mine-{number}" for number in range(1, 12)]
    (tmp_path / "mine-40").mkdir()
    (tmp_path / "mine-x").mkdir()
    (tmp_path / "mine-7-500").mkdir()
    (tmp_path / "other-900").mkdir()
    assert RunFolder.create(tmp_path, EXPERIMENT).id == "mine-41"
    assert RunFolder.create(tmp_path, EXPERIMENT.changed(name="mi")).id == "mi-1"


def test_a_number_taken_in_the_same_moment_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine-1").mkdir()
    monkeypatch.setattr(Path, "iterdir", lambda self: iter(()))
    assert RunFolder.create(tmp_path, EXPERIMENT).id == "mine-2"


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("a/b", "a-b-1"),
        ("../../etc/passwd", "etc-passwd-1"),
        ("..", "run-1"),
        ("/", "run-1"),
        ("C:\\x", "C-x-1"),
        ("größe 1", "gr-e-1-1"),
        ("arch-2", "arch-2-1"),
        (".hidden", "hidden-1"),
    ],
)
def test_names_are_made_safe(tmp_path: Path, name: str, folder: str) -> None:
    made = RunFolder.create(tmp_path / "runs", EXPERIMENT.changed(name=name))
    assert made.path == tmp_path / "runs" / folder
    assert names(tmp_path) == {"runs"}


@given(name=st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=100))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_name_makes_a_folder_of_the_root(tmp_path: Path, name: str) -> None:
    made = RunFolder.create(tmp_path, EXPERIMENT.changed(name=name))
    assert made.path.parent == tmp_path
    assert made.path.is_dir()
    assert Experiment.read(made.path / "settings.toml").name == name


def test_a_root_that_is_a_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for root in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StoreError) as caught:
            RunFolder.create(root, EXPERIMENT)
        assert str(caught.value).startswith(f"cannot write to {root}: ")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("error", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_a_disk_that_takes_nothing_leaves_no_drafts(
    tmp_path: Path, small: Dataset, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    trainer, history, last = trained(small)
    folder = RunFolder.create(tmp_path, trainer.experiment)
    write = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if "weights" in path.name:
            write(path, content[:100])
            raise OSError(error, "no luck")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StoreError) as caught:
        folder.keep(trainer, history, last)
    assert str(caught.value) == f"cannot write to {folder.path}: no luck"
    assert names(folder.path) == {"settings.toml", "updates.csv", "evaluations.csv"}
    monkeypatch.undo()
    folder.keep(trainer, history, last)
    assert names(folder.path) == FILES


def test_a_run_is_copied_whole(tmp_path: Path, small: Dataset) -> None:
    trainer, history, last = trained(small)
    folder = RunFolder.create(tmp_path / "runs", trainer.experiment)
    folder.keep(trainer, history, last)
    target = tmp_path / "some" / "where"
    folder.copy_to(target)
    folder.copy_to(target)
    assert names(target) == FILES
    for name in FILES:
        assert (target / name).read_bytes() == (folder.path / name).read_bytes()
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(StoreError, match=f"cannot write to {blocked}: "):
        folder.copy_to(blocked)
