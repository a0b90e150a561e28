"""Probabilities of an exported graph, computed by onnxruntime."""

import builtins
import json
from typing import Any

import numpy as np
import pytest

from core.config.experiment import Experiment
from core.data import synthetic
from core.data.dataset import Dataset
from core.errors import StoreError
from core.predictions.model import Model
from core.predictions.onnx_graph import onnx_bytes
from core.runs.checkpoint import Checkpoint
from tests.predictions.reference import NETWORKS
from tests.runs import made

MISSING = "is not installed: `pip install onnx onnxruntime` lets ONNX files be tested"


def judged(content: bytes, images: Any) -> Any:
    """Return the probabilities that onnxruntime computes."""
    runtime = pytest.importorskip("onnxruntime", reason=f"onnxruntime {MISSING}")
    session = runtime.InferenceSession(content, providers=["CPUExecutionProvider"])
    [found] = session.run(["probabilities"], {"images": images})
    return found


def made_bytes(kept: Checkpoint) -> bytes:
    pytest.importorskip("onnx", reason=f"onnx {MISSING}")
    return onnx_bytes(kept)


@pytest.mark.parametrize("normalisation", ["pixel", "channel"])
@pytest.mark.parametrize("network", NETWORKS)
def test_a_runtime_says_the_same(small: Dataset, network: str, normalisation: str) -> None:
    kept = made.checkpoint(
        small, architecture=NETWORKS[network], normalisation=normalisation, max_updates=6
    )
    content, model = made_bytes(kept), Model(kept)
    for count in (1, 57):
        images = small.test.images[:count]
        found = judged(content, images)
        assert found.shape == (count, 10)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, model.probabilities(images), atol=1e-5)


@pytest.mark.parametrize("network", ["patchify", "lenet", "conv1d"])
def test_double_precision_becomes_single(small: Dataset, network: str) -> None:
    kept = made.checkpoint(small, architecture=NETWORKS[network], dtype="float64", max_updates=6)
    found = judged(made_bytes(kept), small.test.images)
    np.testing.assert_allclose(found, Model(kept).probabilities(small.test.images), atol=1e-5)


@pytest.mark.parametrize("preset", ["arch-2", "lenet", "conv1d", "deep", "resnet"])
def test_presets_are_taken(small: Dataset, preset: str) -> None:
    from core.config import presets

    shipped: Experiment = presets.load(preset)
    kept = made.checkpoint(small, architecture=shipped.architecture, max_updates=1)
    images = small.test.images[:7]
    found = judged(made_bytes(kept), images)
    np.testing.assert_allclose(found, Model(kept).probabilities(images), atol=1e-5)


def test_the_file_says_what_it_is(small: Dataset) -> None:
    onnx = pytest.importorskip("onnx", reason=f"onnx {MISSING}")
    kept = made.checkpoint(small)
    content = onnx_bytes(kept)
    assert content == onnx_bytes(kept)
    model = onnx.load_from_string(content)
    about = {entry.key: entry.value for entry in model.metadata_props}
    assert (about["run"], about["updates"]) == ("mine-1", "8")
    assert json.loads(about["classes"]) == list(synthetic.SHAPES)
    assert Experiment.from_toml(about["settings"]) == kept.timeline.experiment
    assert model.producer_name == "convsole"
    [images], [answer] = model.graph.input, model.graph.output
    assert images.type.tensor_type.elem_type == onnx.TensorProto.UINT8
    for value, name, sizes in ((images, "images", [32, 32, 3]), (answer, "probabilities", [10])):
        batch, *rest = value.type.tensor_type.shape.dim
        assert value.name == name
        assert batch.dim_param == "N"
        assert [size.dim_value for size in rest] == sizes


def test_without_the_package_it_is_said_how_to_get_it(
    small: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: Any, **more: Any) -> Any:
        if name == "onnx" or name.startswith("onnx."):
            raise ModuleNotFoundError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(StoreError, match=r"need the package onnx; `pip install onnx`"):
        onnx_bytes(made.checkpoint(small, max_updates=1))
