"""A saved network says what the training was told, to the bit; and so do files made of it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from core.data.dataset import Dataset
from core.predictions import files, filters
from core.predictions.evaluation import evaluate
from core.predictions.model import CLASSES, Model, load, softmax
from core.runs.checkpoint import Checkpoint
from core.runs.errors import StoreError
from tests.runs import made

NETWORKS: dict[str, Any] = {
    "patchify": "8x8/4/6",
    "overlap": [
        {"kind": "conv", "filter": 5, "filters": 4, "padding": 2},
        {"kind": "relu"},
        {"kind": "pool"},
        {"kind": "conv", "filter": 3, "filters": 5, "stride": 2},
        {"kind": "relu"},
        {"kind": "linear", "units": 7},
        {"kind": "relu"},
        {"kind": "linear", "units": 10},
    ],
    "conv1d": [
        {"kind": "conv1d", "filter": 5, "filters": 6, "padding": 2},
        {"kind": "relu"},
        {"kind": "pool"},
        {"kind": "conv1d", "filter": 3, "filters": 4, "stride": 2},
        {"kind": "flatten"},
        {"kind": "linear", "units": 10},
    ],
}


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("values", [{}, {"normalisation": "channel", "shards": 3}, {"shards": 1}])
def test_an_evaluation_is_what_the_run_recorded(
    small: Dataset, tmp_path: Path, network: str, values: dict[str, Any]
) -> None:
    trained = made.trained(small, tmp_path, architecture=NETWORKS[network], **values)
    run = trained.store.find("latest")
    model, notes = load(trained.store, run)
    assert notes == []
    assert run.result is not None
    for split in ("train", "validation", "test"):
        found = evaluate(model, getattr(small, split), split)
        assert found.accuracy == run.result[f"{split}_accuracy"]
    for split in ("train", "validation"):
        found = evaluate(model, getattr(small, split), split)
        assert found.loss == pytest.approx(run.result[f"{split}_loss"], rel=1e-6)


def naive(kept: Checkpoint, images: Any) -> Any:
    """The patchify network, image by image and patch by patch, in double precision."""
    t = {name: value.astype(np.float64) for name, value in kept.state.tensors.items()}
    found = []
    for image in images:
        x = (image - kept.mean) / kept.deviation
        y = np.zeros((4, 4, 4))
        for i in range(4):
            for j in range(4):
                patch = x[8 * i : 8 * i + 8, 8 * j : 8 * j + 8]
                y[i, j] = np.tensordot(patch, t["conv1.weight"], 3) + t["conv1.bias"]
        z = np.maximum(y, 0).reshape(-1)
        z = np.maximum(z @ t["linear1.weight"] + t["linear1.bias"], 0)
        z = z @ t["linear2.weight"] + t["linear2.bias"]
        found.append(np.exp(z) / np.exp(z).sum())
    return np.array(found)


def test_probabilities_are_those_of_a_naive_network(small: Dataset) -> None:
    kept = made.checkpoint(small)
    found = Model(kept).probabilities(small.test.images)
    assert found.shape == (57, 10)
    assert found == pytest.approx(naive(kept, small.test.images), abs=1e-5)
    assert found.sum(axis=1) == pytest.approx(np.ones(57))
    assert Model(kept).probabilities(small.test.images[:0]).shape == (0, 10)


def test_softmax_of_huge_numbers_is_finite() -> None:
    found = softmax(np.array([[1e30, 0.0], [-1e30, -1e30]], np.float32))
    assert found.tolist() == [[1.0, 0.0], [0.5, 0.5]]


def test_confusion_classes_and_mistakes(small: Dataset) -> None:
    found = evaluate(Model(made.checkpoint(small)), small.test, "test")
    labels, predicted = small.test.labels, found.predicted
    for a in range(10):
        for b in range(10):
            assert found.confusion[a, b] == sum((labels == a) & (predicted == b))
        right = sum((labels == a) & (predicted == a))
        assert found.recall[a] == right / max(1, sum(labels == a))
        assert found.precision[a] == right / max(1, sum(predicted == a))
    worst = found.mistakes(5)
    assert len(worst) == 5
    sure = [mistake.probability for mistake in worst]
    assert sure == sorted(sure, reverse=True)
    wrong = found.probabilities.max(axis=1)[predicted != labels]
    assert sure[0] == wrong.max()
    for mistake in worst:
        assert mistake.label == labels[mistake.index] != mistake.predicted
        assert mistake.image is small.test.images[mistake.index] or np.array_equal(
            mistake.image, small.test.images[mistake.index]
        )
    assert len(found.mistakes(1000)) == sum(predicted != labels)
    rows = found.as_csv().splitlines()
    assert len(rows) == 11
    assert set(found.as_dict()["classes"]) == set(CLASSES)


def test_best_and_last_are_two_networks(small: Dataset, tmp_path: Path) -> None:
    trained = made.trained(small, tmp_path, half_cycle=40, eta_max=1.0)
    run = trained.store.find("latest")
    last, _ = load(trained.store, run)
    best, _ = load(trained.store, run, best=True)
    assert last.kept.state.updates == 80
    assert best.kept.state.updates == run.best_update
    assert evaluate(best, small.validation, "validation").accuracy == run.best_accuracy


def test_a_damaged_checkpoint_is_passed_over_or_told(small: Dataset, tmp_path: Path) -> None:
    trained = made.trained(small, tmp_path)
    run, folder = trained.store.find("latest"), trained.folder
    assert folder is not None
    (newest,) = folder.numbered()
    earlier = folder.path / "checkpoint-00000001.safetensors"
    earlier.write_bytes(newest.read_bytes())
    newest.write_bytes(b"nothing")
    _, notes = load(trained.store, run)
    assert "the one before it is used" in notes[0]
    earlier.unlink()
    with pytest.raises(StoreError, match="cannot be used"):
        load(trained.store, run)
    newest.unlink()
    with pytest.raises(StoreError, match="mine-1 has no weights yet"):
        load(trained.store, run)


@pytest.mark.parametrize("network", NETWORKS)
def test_filters_are_pictures(small: Dataset, network: str) -> None:
    model = Model(made.checkpoint(small, architecture=NETWORKS[network]))
    shown = filters.pictures(model)
    assert shown.ndim == 4
    assert shown.shape[-1] == 3
    assert shown.min() >= 0
    assert shown.max() <= 1
    assert {0.0, 1.0} & set(np.abs(shown).max(axis=(1, 2, 3)).tolist())
    if network == "patchify":
        weight = model.kept.state.tensors["conv1.weight"]
        assert shown.shape == (4, 8, 8, 3)
        scale = np.abs(weight[..., 2]).max()
        assert shown[2, 3, 5, 1] == pytest.approx(0.5 + 0.5 * weight[3, 5, 1, 2] / scale)


def test_a_network_without_filters_says_so(small: Dataset) -> None:
    model = Model(made.checkpoint(small, architecture=[{"kind": "linear", "units": 10}]))
    with pytest.raises(StoreError, match="has no filters to show"):
        filters.pictures(model)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("normalisation", ["pixel", "channel"])
def test_onnx_gives_the_same_probabilities(
    small: Dataset, tmp_path: Path, network: str, normalisation: str
) -> None:
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    trained = made.trained(
        small, tmp_path, architecture=NETWORKS[network], normalisation=normalisation
    )
    run, path = trained.store.find("latest"), tmp_path / "a.onnx"
    files.write(trained.store, run, path, best=False, force=False)
    session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"images": small.test.images.astype(np.float32)})
    expected = load(trained.store, run)[0].probabilities(small.test.images)
    assert np.abs(found - expected).max() < 1e-5
    assert expected.std() > 1e-3


def test_weights_are_exported_as_they_are(small: Dataset, tmp_path: Path) -> None:
    trained = made.trained(small, tmp_path)
    store, run = trained.store, trained.store.find("latest")
    for name in ("a.npz", "a.safetensors", "a.csv", "a.json"):
        files.write(store, run, tmp_path / "out" / name, best=False, force=False)
    model, _ = load(store, run)
    with np.load(tmp_path / "out" / "a.npz", allow_pickle=False) as packed:
        arrays = dict(packed)
    expected = dict(model.kept.state.tensors)
    expected["normalisation.mean"] = model.kept.mean
    expected["normalisation.deviation"] = model.kept.deviation
    for found in (arrays, load_file(tmp_path / "out" / "a.safetensors")):
        assert set(found) == set(expected)
        assert all(np.array_equal(found[name], expected[name]) for name in expected)
    assert len((tmp_path / "out" / "a.csv").read_text().splitlines()) == 1 + 8
    assert len((tmp_path / "out" / "a.evaluations.csv").read_text().splitlines()) == 1 + 3


def test_files_are_refused_where_they_must_be(small: Dataset, tmp_path: Path) -> None:
    trained = made.trained(small, tmp_path)
    store, run = trained.store, trained.store.find("latest")
    with pytest.raises(StoreError, match=r"must end in \.safetensors, \.npz or \.onnx"):
        files.write(store, run, tmp_path / "a.txt", best=False, force=False)
    path = tmp_path / "a.npz"
    path.write_bytes(b"mine")
    with pytest.raises(StoreError, match="is there already"):
        files.write(store, run, path, best=False, force=False)
    assert path.read_bytes() == b"mine"
    files.write(store, run, path, best=True, force=True)
    assert path.read_bytes() != b"mine"
    with pytest.raises(StoreError, match="cannot write to"):
        files.write(store, run, path / "below" / "a.npz", best=False, force=False)
