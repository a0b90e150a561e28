"""Every kind of layer in an ONNX runtime, alone and in drawn networks."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from core.checks.subject import weighted
from core.layers.onnx_nodes import LAST, Nodes
from core.layers.sequence import build_sequence
from core.layers.spec import LayerSpec
from core.nn.arrays import Array, Shape
from core.nn.layer import Mode
from core.nn.network import Network
from tests.checks.networks import Case, networks
from tests.layers.table import ROWS, spec_of
from tests.predictions.test_onnx_graph import MISSING, judged

OPSET = 17


def graph(specs: Sequence[LayerSpec], shape: Shape, network: Network) -> bytes:
    """Return a graph of these layers alone, from float32 (N, *shape) to their output."""
    onnx = pytest.importorskip("onnx", reason=f"onnx {MISSING}")
    nodes, make, single = Nodes("images", shape), onnx.helper, onnx.TensorProto.FLOAT
    tensors = {name: value for name, (value, _) in network.tensors().items()}
    nodes.add_chain(build_sequence(specs, shape), tensors)
    nodes.transpose(LAST)
    if not nodes.nodes:
        nodes.add("Identity")
    nodes.nodes[-1].output[0] = "probabilities"
    given_ = make.make_tensor_value_info("images", single, ["N", *shape])
    found = make.make_tensor_value_info("probabilities", single, ["N", *nodes.shape])
    made = make.make_graph(nodes.nodes, "layers", [given_], [found], nodes.constants)
    versions = [make.make_opsetid("", OPSET)]
    model = make.make_model(made, opset_imports=versions, ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString()
    return content


def agrees(specs: Sequence[LayerSpec], shape: Shape, seed: int) -> None:
    """Check that a runtime computes what the network does in evaluation."""
    layers = tuple(each.layer for each in build_sequence(specs, shape))
    network, batch = weighted(layers, seed), 3
    rng = np.random.default_rng(seed)
    network.statistics[...] = rng.uniform(0.5, 2.0, network.statistics.shape)
    whole = Network(layers, batch, np.float64, network.parameters, None, network.statistics)
    x: Array = rng.standard_normal((batch, *shape))
    expected = whole.forward(x, Mode.EVALUATION)
    found = judged(graph(specs, shape, whole), x.astype(np.float32))
    scale = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(found / scale, expected / scale, atol=1e-5)


@pytest.mark.parametrize(
    ("values", "before", "after"), ROWS, ids=[f"{row[0]['kind']}-{n}" for n, row in enumerate(ROWS)]
)
def test_a_runtime_computes_the_same(values: dict[str, Any], before: Shape, after: Shape) -> None:
    agrees([spec_of(values)], before, 0)


@settings(max_examples=100)
@given(networks())
def test_a_runtime_computes_drawn_networks(case: Case) -> None:
    agrees(case.specs, case.shape, case.seed)


def test_a_branch_without_its_last_bias() -> None:
    """A batch normalisation after the sum would cancel that bias, so the network has none."""
    branch = [{"kind": "relu"}, {"kind": "conv", "filter": 3, "filters": 4, "padding": 1}]
    rows = [{"kind": "residual", "layers": branch}, {"kind": "batchnorm"}]
    agrees([spec_of(row) for row in rows], (6, 6, 3), 1)
