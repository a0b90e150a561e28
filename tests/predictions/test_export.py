"""Export of a run, atomically."""

import csv
import io
import json
import os
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import files
from core.config.experiment import Experiment
from core.data.dataset import Dataset
from core.errors import StoreError
from core.predictions import export
from core.predictions.export import Exported
from core.runs.checkpoint import load_checkpoint
from core.runs.session import Session
from core.settings import SettingError
from core.training.events import Event, UpdateDone
from tests.runs import made

NETWORKS = [".safetensors", ".npz", ".onnx"]
HISTORIES = [".csv", ".json"]


@pytest.fixture
def session(small: Dataset, tmp_path: Path) -> Session:
    """A run whose settings were edited during training."""
    session = made.session(small, tmp_path / "runs")

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone) and event.update == 4:
            session.control.edit({"eta_max": 0.05})

    session.run(listen, made.loader(small))
    return session


def written(session: Session, path: Path, **options: Any) -> Exported:
    assert session.record is not None
    if path.suffix == ".onnx":
        pytest.importorskip("onnx", reason="onnx is not installed")
    return export.write(session.store, session.record, path, **options)


def refused(kind: type[Exception], session: Session, path: Path, **options: Any) -> str:
    with pytest.raises(kind) as caught:
        written(session, path, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def test_safetensors_is_the_checkpoint(session: Session, tmp_path: Path) -> None:
    assert session.folder is not None
    path = tmp_path / "a.safetensors"
    found = written(session, path)
    assert found.files == (path,)
    assert path.read_bytes() == session.folder.numbered()[0].read_bytes()
    assert load_checkpoint(path).state.updates == 8
    written(session, path, best=True, overwrite=True)
    assert path.read_bytes() == session.folder.best().read_bytes()


def test_npz_has_the_tensors_and_needs_no_pickle(session: Session, tmp_path: Path) -> None:
    assert session.folder is not None
    written(session, tmp_path / "a.npz")
    kept = load_checkpoint(session.folder.numbered()[0])
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        arrays = dict(file)
    assert Experiment.from_toml(str(arrays.pop("settings"))) == kept.timeline.experiment
    assert len(arrays.pop("classes")) == 10
    assert np.array_equal(arrays.pop("normalisation.mean"), kept.mean)
    assert np.array_equal(arrays.pop("normalisation.deviation"), kept.deviation)
    assert set(arrays) == set(kept.state.tensors)
    for name, value in kept.state.tensors.items():
        assert arrays[name].dtype == value.dtype
        assert np.array_equal(arrays[name], value)


def test_onnx_is_a_model(session: Session, tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="onnx is not installed")
    written(session, tmp_path / "a.onnx")
    onnx.checker.check_model(tmp_path / "a.onnx", full_check=True)


def test_csv_is_three_tables(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "a.b.csv"
    found = written(session, path)
    other, third = tmp_path / "a.b.evaluations.csv", tmp_path / "a.b.health.csv"
    assert found == Exported((path, other, third), None)
    for file, table in (
        (path, session.history.updates),
        (other, session.history.evaluations),
        (third, session.history.health),
    ):
        rows = list(csv.DictReader(io.StringIO(file.read_text())))
        for name, column in table.read().items():
            assert [float(row[name]) for row in rows] == column.tolist()


def test_without_a_health_record_there_is_no_file_of_it(small: Dataset, tmp_path: Path) -> None:
    session = made.trained(small, tmp_path / "runs", health="off")
    assert written(session, tmp_path / "a.csv").files == (
        tmp_path / "a.csv",
        tmp_path / "a.evaluations.csv",
    )
    assert session.record is not None
    export.write_folder(session.record, session.history, None, tmp_path / "out")
    assert not (tmp_path / "out" / "health.csv").exists()


def test_json_has_everything(session: Session, tmp_path: Path) -> None:
    assert session.record is not None
    written(session, tmp_path / "a.json")

    def no(word: str) -> None:
        raise AssertionError(word)

    line = json.loads((tmp_path / "a.json").read_text(), parse_constant=no)
    assert (line["id"], line["state"], line["settings"]) == (
        "mine-1", "finished", session.record.settings,
    )  # fmt: skip
    assert session.record.result is not None
    assert line["result"] == {**session.record.result, "at_stop": None}
    assert [edit["changes"] for edit in line["edits"]] == [{"eta_max": 0.05}]
    assert [event["kind"] for event in line["events"]] == ["started", "edited", "finished"]
    for kind, table in session.history.tables.items():
        for name, column in table.read().items():
            shown = [value if np.isfinite(value) else None for value in column.tolist()]
            assert line["history"][kind][name] == shown
    assert line["history"]["updates"]["update"] == list(range(1, 9))
    assert set(line["history"]["evaluations"]["at_stop"]) == {0}


def test_numbers_that_are_none_are_null_in_json() -> None:
    from core.training.history import History

    history = History()
    history.updates.append(1, float("nan"), float("inf"), 2.5, 0.0)
    assert export._columns(history.updates) == {
        "update": [1], "rate": [None], "loss": [None], "cost": [2.5], "seconds": [0.0],
    }  # fmt: skip


def test_a_history_needs_no_checkpoint(session: Session, tmp_path: Path) -> None:
    assert session.folder is not None
    for path in session.folder.numbered():
        path.unlink()
    for suffix in HISTORIES:
        written(session, tmp_path / f"a{suffix}")
    for suffix in NETWORKS:
        assert "has no checkpoint" in refused(StoreError, session, tmp_path / f"b{suffix}")
        assert not (tmp_path / f"b{suffix}").exists()


@pytest.mark.parametrize("name", ["a", "a.pt", "a.npz.gz", ".npz", "csv", "a."])
def test_other_endings_are_refused_with_the_right_ones(
    session: Session, tmp_path: Path, name: str
) -> None:
    sentence = refused(SettingError, session, tmp_path / name)
    assert sentence.endswith("choose .safetensors, .npz, .onnx, .csv, .json")
    assert not (tmp_path / name).exists()


def test_an_ending_may_be_in_capitals(session: Session, tmp_path: Path) -> None:
    written(session, tmp_path / "a.NPZ")
    assert np.load(tmp_path / "a.NPZ")["normalisation.mean"].shape == (32, 32, 3)
    written(session, tmp_path / "a.CSV")
    assert (tmp_path / "a.evaluations.CSV").exists()


@pytest.mark.parametrize("suffix", HISTORIES)
def test_a_history_has_no_best(session: Session, tmp_path: Path, suffix: str) -> None:
    assert "--best" in refused(SettingError, session, tmp_path / f"a{suffix}", best=True)


@pytest.mark.parametrize("suffix", NETWORKS + HISTORIES)
def test_what_is_there_stays_unless_it_may_go(
    session: Session, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_text("precious")
    assert refused(StoreError, session, path) == f"{path} is there already; --force overwrites it"
    assert path.read_text() == "precious"
    written(session, path, overwrite=True)
    assert path.read_bytes() != b"precious"


def test_the_second_file_is_looked_for_too(session: Session, tmp_path: Path) -> None:
    other = tmp_path / "a.evaluations.csv"
    other.write_text("precious")
    assert str(other) in refused(StoreError, session, tmp_path / "a.csv")
    assert names(tmp_path) == {"runs", "a.evaluations.csv"}
    written(session, tmp_path / "a.csv", overwrite=True)
    assert other.read_text().startswith("update,")


def test_a_link_to_nowhere_is_something(session: Session, tmp_path: Path) -> None:
    (tmp_path / "a.npz").symlink_to(tmp_path / "nowhere")
    assert "is there already" in refused(StoreError, session, tmp_path / "a.npz")


@pytest.mark.parametrize("suffix", NETWORKS + HISTORIES)
def test_a_disk_that_is_full_leaves_the_old_file(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_text("old")

    def full(*what: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    sentence = refused(StoreError, session, path, overwrite=True)
    assert sentence == f"cannot write to {path}: there is no space left on the disk"
    assert path.read_text() == "old"
    assert names(tmp_path) == {"runs", path.name}


def test_a_place_that_cannot_be_written_to(session: Session, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot write to" in refused(StoreError, session, tmp_path / "file" / "a.npz")
    (tmp_path / "a.npz").mkdir()
    assert "cannot write to" in refused(StoreError, session, tmp_path / "a.npz", overwrite=True)


@pytest.mark.parametrize("suffix", [*NETWORKS, *HISTORIES])
def test_weights_are_the_users_alone_and_histories_as_open_as_other_files(
    session: Session, tmp_path: Path, suffix: str
) -> None:
    before = os.umask(0o022)
    try:
        found = written(session, tmp_path / f"a{suffix}")
    finally:
        os.umask(before)
    expected = 0o600 if suffix in NETWORKS else 0o644
    assert {stat.S_IMODE(file.stat().st_mode) for file in found.files} == {expected}


def test_a_run_in_a_folder_is_files_for_anybody(small: Dataset, tmp_path: Path) -> None:
    session, out = made.trained(small, tmp_path / "runs"), tmp_path / "some" / "where"
    assert session.record is not None
    assert session.folder is not None
    for _ in range(2):
        export.write_folder(session.record, session.history, session.folder.numbered()[0], out)
    assert names(out) == {
        "settings.toml", "updates.csv", "evaluations.csv", "health.csv", "result.json",
        "weights.safetensors",
    }  # fmt: skip
    rows = list(csv.reader((out / "updates.csv").read_text().splitlines()))
    assert rows[0] == ["update", "rate", "loss", "cost", "seconds"]
    assert [row[0] for row in rows[1:]] == [str(number) for number in range(1, 9)]
    # Numbers have full precision.
    assert [float(row[2]) for row in rows[1:]] == session.history.updates.read()["loss"].tolist()
    evaluations = list(csv.reader((out / "evaluations.csv").read_text().splitlines()))
    assert [row[0] for row in evaluations[1:]] == ["3", "6", "8"]
    result = json.loads((out / "result.json").read_text())
    assert result == {"state": "finished", **(session.record.result or {}), "at_stop": None}
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(StoreError, match=f"cannot write to {blocked}: "):
        export.write_folder(session.record, session.history, None, blocked)
