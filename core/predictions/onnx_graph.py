"""Conversion of a network to an ONNX graph.

The input of the graph is images as they are stored, uint8 (N, 32, 32, 3), which it normalises; the
output is the probability of every class, float32 (N, 10). ONNX uses channels-first layouts,
(N, C, H, W) for images and (N, C, L) for sequences; the graph transposes arrays where a layer needs
the other layout. It computes in single precision, the only one for which all runtimes implement
convolutions.
"""

import json
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from core.build_layers import IMAGE_SHAPE, layers_of
from core.errors import StoreError
from core.nn.arrays import Shape
from core.nn.batchnorm import EPSILON, BatchNorm
from core.nn.conv1d import Conv1d
from core.nn.convolution import Convolution
from core.nn.globalpool import GlobalAveragePool
from core.nn.layer import Layer
from core.nn.linear import Linear
from core.nn.pool import MaxPool2d
from core.nn.pooling import Pooling
from core.predictions.model import class_names
from core.runs.checkpoint import Checkpoint

OPSET, IR_VERSION = 17, 8
"""Old enough for runtimes of recent years, new enough for all operators used here."""

INPUT, OUTPUT = "images", "probabilities"

FIRST, LAST = "first", "last"
"""Channels-first and channels-last layout."""


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
    model = _Graph(checkpoint).model()
    checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


class _Graph:
    """Builds the nodes of a graph, one after the other."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.name = INPUT
        """Name of the current array, the output of the last node."""
        self.channels = LAST
        """Layout of the current array."""
        self.shape: Shape = IMAGE_SHAPE
        """Shape of one image in the current array, in the channels-last layout of the network."""
        self._counts: Counter[str] = Counter()

    def model(self) -> Any:
        """Build and return the model."""
        from onnx import TensorProto, helper

        self._normalise()
        layers, _ = layers_of(self.checkpoint.timeline.experiment.architecture)
        for layer in layers:
            self._layer(layer)
        self._node("Softmax", axis=1)
        self.nodes[-1].output[0] = OUTPUT
        images = helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["N", *IMAGE_SHAPE])
        answer = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["N", *self.shape])
        model = helper.make_model(
            helper.make_graph(self.nodes, self.checkpoint.run, [images], [answer], self.constants),
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="convsole",
            producer_version=_version(),
        )
        experiment = self.checkpoint.timeline.experiment
        helper.set_model_props(
            model,
            {
                "run": self.checkpoint.run,
                "updates": str(self.checkpoint.state.updates),
                "classes": json.dumps(class_names(experiment.dataset)),
                "settings": experiment.to_toml(),
            },
        )
        return model

    def _normalise(self) -> None:
        from onnx import TensorProto

        mean, deviation = self.checkpoint.mean, self.checkpoint.deviation
        self._node("Cast", to=TensorProto.FLOAT)
        # As in training: a product and a difference, each rounded once.
        self._node("Mul", scale=1 / deviation)
        self._node("Sub", shift=mean / deviation)

    def _layer(self, layer: Layer) -> None:
        if isinstance(layer, Conv1d):
            self._conv1d(layer)
        elif isinstance(layer, Convolution):
            self._convolution(layer)
        elif isinstance(layer, Pooling):
            places = len(layer.input_shape) - 1
            self._transpose(FIRST)
            self._node(
                "MaxPool" if isinstance(layer, MaxPool2d) else "AveragePool",
                kernel_shape=layer.filter[:places],
                strides=layer.stride[:places],
            )
        elif isinstance(layer, GlobalAveragePool):
            self._transpose(FIRST)
            self._node("GlobalAveragePool")
            self._node("Flatten", axis=1)
        elif isinstance(layer, BatchNorm):
            self._transpose(FIRST)
            names = ("gamma", "beta", "mean", "variance")
            self._node("BatchNormalization", **self._tensors(layer, names), epsilon=EPSILON)
        elif isinstance(layer, Linear):
            self._node("Gemm", **self._tensors(layer))
        elif layer.kind == "flatten":
            self._transpose(LAST)
            self._node("Flatten", axis=1)
        elif layer.kind == "relu":
            self._node("Relu")
        elif layer.kind == "dropout":
            pass  # the identity in inference
        else:
            raise TypeError(f"{layer.kind} has no counterpart in ONNX")
        self.shape = layer.output_shape

    def _convolution(self, layer: Convolution) -> None:
        tensors, (down, across) = self._tensors(layer), layer.padding
        tensors["weight"] = tensors["weight"].transpose(3, 2, 0, 1)
        self._transpose(FIRST)
        self._node(
            "Conv",
            **tensors,
            strides=layer.stride,
            pads=[down, across, down, across],
        )

    def _conv1d(self, layer: Conv1d) -> None:
        tensors = self._tensors(layer)
        tensors["weight"] = tensors["weight"].transpose(2, 1, 0)
        steps, padding = layer.input_shape[0], layer.padding[0]
        if len(layer.input_shape) == 3:
            # Every row of an image is a step, whose channels are all values of the row.
            self._transpose(LAST)
            self.shape = (steps, prod(layer.input_shape[1:]))
            self._node("Reshape", shape=np.array([0, *self.shape], np.int64))
        self._transpose(FIRST)
        self._node(
            "Conv",
            **tensors,
            strides=[layer.stride[0]],
            pads=[padding, padding],
        )

    def _transpose(self, channels: str) -> None:
        """Transpose the current array to the given layout, if it has the other one."""
        if channels == self.channels or len(self.shape) == 1:
            return
        places = list(range(1, len(self.shape)))
        if channels == FIRST:
            order = [0, len(self.shape), *places]
        else:
            order = [0, *(place + 1 for place in places), 1]
        self._node("Transpose", perm=order)
        self.channels = channels

    def _tensors(
        self, layer: Layer, names: Sequence[str] = ("weight", "bias")
    ) -> dict[str, npt.NDArray[Any]]:
        """Return the tensors of the next layer of this kind; not every layer has a bias."""
        self._counts[layer.kind] += 1
        prefix, tensors = f"{layer.kind}{self._counts[layer.kind]}", self.checkpoint.state.tensors
        return {
            name: tensors[f"{prefix}.{name}"] for name in names if f"{prefix}.{name}" in tensors
        }

    def _node(self, operator: str, **inputs: Any) -> None:
        """Append a node that takes the current array; arrays among `inputs` become constants."""
        from onnx import helper, numpy_helper

        number = len(self.nodes)
        names, attributes = [self.name], {}
        for key, value in inputs.items():
            if not isinstance(value, np.ndarray):
                attributes[key] = value
                continue
            names.append(f"{operator.lower()}{number}.{key}")
            kind = value.dtype if value.dtype.kind == "i" else np.dtype(np.float32)
            constant = np.ascontiguousarray(value, kind)
            self.constants.append(numpy_helper.from_array(constant, names[-1]))
        self.name = f"{operator.lower()}{number}"
        self.nodes.append(helper.make_node(operator, names, [self.name], self.name, **attributes))


def _version() -> str:
    try:
        return version("convsole")
    except PackageNotFoundError:  # a checkout that was never installed
        return ""
