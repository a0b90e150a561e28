"""A reference implementation in double precision, from the tensors alone: one image, no buffers."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from core.runs.checkpoint import Checkpoint

NETWORKS: dict[str, Any] = {
    "patchify": "8x8/4/6",
    "patches with a remainder": "5x5/3/7",
    "lenet": [
        {"kind": "conv", "filter": 5, "filters": 3},
        {"kind": "pool"},
        {"kind": "relu"},
        {"kind": "conv", "filter": 3, "filters": 4, "stride": 2, "padding": 1},
        {"kind": "relu"},
        {"kind": "pool", "filter": 3, "stride": 2},
        {"kind": "linear", "units": 9},
        {"kind": "relu"},
        {"kind": "linear", "units": 10},
    ],
    "relu before pool": [
        {"kind": "conv", "filter": 4, "filters": 3, "stride": 4},
        {"kind": "relu"},
        {"kind": "pool", "filter": 2, "stride": 3},
        {"kind": "linear", "units": 10},
    ],
    "conv1d": [
        {"kind": "conv1d", "filter": 3, "filters": 5, "padding": 1},
        {"kind": "relu"},
        {"kind": "conv1d", "filter": 4, "filters": 4, "stride": 2},
        {"kind": "pool", "filter": 3, "stride": 2},
        {"kind": "linear", "units": 10},
    ],
    "conv1d of an image of features": [
        {"kind": "conv", "filter": 3, "filters": 2, "padding": 1},
        {"kind": "conv1d", "filter": 5, "filters": 3, "stride": 3, "padding": 2},
        {"kind": "relu"},
        {"kind": "flatten"},
        {"kind": "linear", "units": 10},
    ],
    "normalised": [
        {"kind": "conv", "filter": 3, "filters": 16, "padding": 1},
        {"kind": "batchnorm"},
        {"kind": "relu"},
        {"kind": "avgpool", "filter": 3, "stride": 2},
        {"kind": "conv", "filter": 3, "filters": 16, "padding": 1},
        {"kind": "pool"},
        {"kind": "batchnorm"},
        {"kind": "relu"},
        {"kind": "dropout", "probability": 0.3},
        {"kind": "globalpool"},
        {"kind": "linear", "units": 8},
        {"kind": "batchnorm"},
        {"kind": "relu"},
        {"kind": "linear", "units": 10},
    ],
    "a normalised sequence": [
        {"kind": "conv1d", "filter": 3, "filters": 5},
        {"kind": "batchnorm"},
        {"kind": "avgpool", "filter": 2, "stride": 2},
        {"kind": "dropout", "probability": 0.5},
        {"kind": "conv1d", "filter": 2, "filters": 4},
        {"kind": "globalpool"},
        {"kind": "linear", "units": 10},
    ],
    "normalised, then flat": [
        {"kind": "batchnorm"},
        {"kind": "conv", "filter": 8, "filters": 3, "stride": 8},
        {"kind": "batchnorm"},
        {"kind": "linear", "units": 10},
    ],
    "linear": [{"kind": "linear", "units": 10}],
    "pool first": [{"kind": "pool", "filter": 4, "stride": 4}, {"kind": "linear", "units": 10}],
}
"""Every kind of layer, in every position that needs a different layout."""


def probabilities(kept: Checkpoint, images: Any) -> Any:
    return np.stack([_softmax(_logits(kept, image)) for image in images])


def _logits(kept: Checkpoint, image: Any) -> Any:
    x = (image.astype(np.float64) - kept.mean) / kept.deviation
    seen: dict[str, int] = {}
    for spec in kept.timeline.experiment.architecture:
        seen[spec.kind] = seen.get(spec.kind, 0) + 1
        prefix = f"{spec.kind}{seen[spec.kind]}."
        tensors = {
            name.removeprefix(prefix): value.astype(np.float64)
            for name, value in kept.state.tensors.items()
            if name.startswith(prefix)
        }
        weight, bias = tensors.get("weight"), tensors.get("bias", 0.0)
        given: Any = spec
        if spec.kind == "conv":
            p, s = given.padding, given.stride
            x = np.pad(x, ((p, p), (p, p), (0, 0)))
            windows = sliding_window_view(x, (given.filter, given.filter), (0, 1))[::s, ::s]
            x = np.einsum("ijcuv,uvcf->ijf", windows, weight) + bias
        elif spec.kind == "conv1d":
            x = np.pad(x.reshape(len(x), -1), ((given.padding, given.padding), (0, 0)))
            windows = sliding_window_view(x, given.filter, 0)[:: given.stride]
            x = np.einsum("icu,ucf->if", windows, weight) + bias
        elif spec.kind in ("pool", "avgpool"):
            for axis in range(x.ndim - 1):
                windows = sliding_window_view(x, given.filter, axis)
                kept_ones = range(0, windows.shape[axis], given.stride)
                x = (windows.max if spec.kind == "pool" else windows.mean)(axis=-1)
                x = x.take(kept_ones, axis)
        elif spec.kind == "globalpool":
            x = x.mean(axis=tuple(range(x.ndim - 1)))
        elif spec.kind == "batchnorm":
            x = (x - tensors["mean"]) / np.sqrt(tensors["variance"] + 1e-5)
            x = tensors["gamma"] * x + tensors["beta"]
        elif spec.kind == "relu":
            x = np.maximum(x, 0)
        elif spec.kind == "linear":
            assert weight is not None
            x = x.reshape(-1) @ weight + bias
        elif spec.kind == "flatten":
            x = x.reshape(-1)
    return x


def _softmax(z: Any) -> Any:
    p = np.exp(z - z.max())
    return p / p.sum()
