"""A network as an ONNX graph, which other programs can run.

Images are (N, 32, 32, 3), float32, pixel values from 0 to 255; the normalisation is part of the
graph, and probabilities (N, 10) come out. Activations stay (N, H, W, C) as in this project: ONNX
wants channels first, so convolutions and pools stand between two transpositions.
"""

from typing import Any

import numpy as np

from core.architecture import Conv, Conv1d, Flatten, LayerSpec, Linear, Pool, Relu
from core.build import IMAGE_SHAPE
from core.predictions.model import Model
from core.runs.errors import StoreError

OPSET, IR = 17, 9
"""Old enough to be read by programs of some years ago."""


def model_bytes(model: Model) -> bytes:
    """Return the network as the bytes of an ONNX file.

    Raises:
        StoreError: if the package `onnx` is not installed.
    """
    try:
        from onnx import checker, helper
    except ImportError:
        raise StoreError(
            "writing ONNX needs the package onnx: pip install 'convsole[onnx]', or pip install onnx"
        ) from None
    graph = _Graph(model)
    made = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "convsole",
            [helper.make_tensor_value_info("images", 1, ["N", *IMAGE_SHAPE])],
            [helper.make_tensor_value_info("probabilities", 1, ["N", 10])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR,
        producer_name="convsole",
    )
    checker.check_model(made)
    content: bytes = made.SerializeToString()
    return content


class _Graph:
    """Nodes and constants, layer after layer."""

    def __init__(self, model: Model) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._tensors = model.kept.state.tensors
        self._counts: dict[str, int] = {}
        self._at = "images"
        self.shape: tuple[int, ...] = IMAGE_SHAPE
        scale = 1 / model.kept.deviation
        self._add("Mul", self._constant(np.broadcast_to(scale, IMAGE_SHAPE)))
        shift = model.kept.mean * scale
        self._add("Sub", self._constant(np.broadcast_to(shift, IMAGE_SHAPE)))
        for spec in model.experiment.architecture:
            self._layer(spec)
        self._add("Softmax", axis=1, output="probabilities")

    def _layer(self, spec: LayerSpec) -> None:
        name = f"{spec.kind}{self._counts.setdefault(spec.kind, 0) + 1}"
        self._counts[spec.kind] += 1
        match spec:
            case Relu():
                self._add("Relu")
            case Flatten():
                self._flatten()
            case Linear():
                self._flatten()
                self._add("MatMul", self._constant(self._tensors[f"{name}.weight"]))
                self._add("Add", self._constant(self._tensors[f"{name}.bias"]))
                self.shape = (spec.units,)
            case Conv():
                side, pad = (spec.filter, spec.filter), (spec.padding, spec.padding)
                stride = (spec.stride, spec.stride)
                self._convolve(name, self._tensors[f"{name}.weight"], side, stride, pad)
            case Conv1d():
                # A sequence is an image of width 1; the rows of an image are its steps.
                steps = (self.shape[0] + 2 * spec.padding - spec.filter) // spec.stride + 1
                self._reshape((self.shape[0], 1, int(np.prod(self.shape[1:]))))
                weight = self._tensors[f"{name}.weight"][:, None]
                self._convolve(name, weight, (spec.filter, 1), (spec.stride, 1), (spec.padding, 0))
                self._reshape((steps, spec.filters))
            case Pool():
                self._pool(spec)

    def _convolve(
        self,
        name: str,
        weight: Any,
        side: tuple[int, int],
        stride: tuple[int, int],
        pad: tuple[int, int],
    ) -> None:
        """Convolve an image; `weight` is (kh, kw, C, F)."""
        height, width, _ = self.shape
        self._add("Transpose", perm=(0, 3, 1, 2))
        self._add(
            "Conv",
            self._constant(weight.transpose(3, 2, 0, 1)),
            self._constant(self._tensors[f"{name}.bias"]),
            kernel_shape=side,
            strides=stride,
            pads=(*pad, *pad),
        )
        self._add("Transpose", perm=(0, 2, 3, 1))
        self.shape = (
            (height + 2 * pad[0] - side[0]) // stride[0] + 1,
            (width + 2 * pad[1] - side[1]) // stride[1] + 1,
            weight.shape[-1],
        )

    def _pool(self, spec: Pool) -> None:
        sequence = len(self.shape) == 2
        if sequence:
            self._reshape((self.shape[0], 1, self.shape[1]))
        side = (spec.filter, 1 if sequence else spec.filter)
        stride = spec.stride or spec.filter
        strides = (stride, 1 if sequence else stride)
        height, width, channels = self.shape
        self._add("Transpose", perm=(0, 3, 1, 2))
        self._add("MaxPool", kernel_shape=side, strides=strides)
        self._add("Transpose", perm=(0, 2, 3, 1))
        self.shape = (
            (height - side[0]) // strides[0] + 1,
            (width - side[1]) // strides[1] + 1,
            channels,
        )
        if sequence:
            self._reshape((self.shape[0], channels))

    def _flatten(self) -> None:
        if len(self.shape) > 1:
            self._reshape((int(np.prod(self.shape)),))

    def _reshape(self, shape: tuple[int, ...]) -> None:
        self._add("Reshape", self._constant(np.array([-1, *shape], np.int64)))
        self.shape = shape

    def _add(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> None:
        from onnx import helper

        output = output or f"x{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, [self._at, *inputs], [output], **attributes))
        self._at = output

    def _constant(self, value: Any) -> str:
        from onnx import numpy_helper

        name = f"c{len(self.constants)}"
        value = np.ascontiguousarray(value)
        if value.dtype != np.int64:
            value = value.astype(np.float32)
        self.constants.append(numpy_helper.from_array(value, name))
        return name
