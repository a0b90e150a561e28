"""Conversion of a network to an ONNX graph.

The input of the graph is images as they are stored, uint8 (N, H, W, C), which it normalises; the
output is the probability of each of the K classes, float32 (N, K). It computes in single precision,
the only one for which all runtimes implement convolutions.
"""

import json
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from core.errors import StoreError
from core.layers.onnx_nodes import Nodes
from core.layers.sequence import build_sequence
from core.runs.checkpoint import Checkpoint

OPSET, IR_VERSION = 17, 8
"""Old enough for runtimes of recent years, new enough for all operators used here."""

INPUT, OUTPUT = "images", "probabilities"


def onnx_bytes(checkpoint: Checkpoint) -> bytes:
    """Return the network of a checkpoint as the content of an ONNX file.

    Raises:
        StoreError: if the package `onnx` is not installed.
    """
    try:
        from onnx import checker
    except ImportError:
        raise StoreError(
            "ONNX files need the package onnx; `pip install onnx` gets it, in the environment "
            "that Convsole runs in"
        ) from None
    model = _model(checkpoint)
    checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def _model(checkpoint: Checkpoint) -> Any:
    """Build and return the model."""
    from onnx import TensorProto, helper

    experiment = checkpoint.timeline.experiment
    data = experiment.data
    nodes = Nodes(INPUT, data.shape)
    nodes.add("Cast", to=TensorProto.FLOAT)
    # As in training: a product and a difference, each rounded once.
    nodes.add("Mul", scale=1 / checkpoint.deviation)
    nodes.add("Sub", shift=checkpoint.mean / checkpoint.deviation)
    nodes.add_chain(build_sequence(experiment.architecture, data.shape), checkpoint.state.tensors)
    nodes.add("Softmax", axis=1)
    nodes.nodes[-1].output[0] = OUTPUT
    images = helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["N", *data.shape])
    answer = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["N", *nodes.shape])
    model = helper.make_model(
        helper.make_graph(nodes.nodes, checkpoint.run, [images], [answer], nodes.constants),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="convsole",
        producer_version=_version(),
    )
    helper.set_model_props(
        model,
        {
            "run": checkpoint.run,
            "updates": str(checkpoint.state.updates),
            "classes": json.dumps(data.classes),
            "settings": experiment.to_toml(),
        },
    )
    return model


def _version() -> str:
    try:
        return version("convsole")
    except PackageNotFoundError:  # a checkout that was never installed
        return ""
