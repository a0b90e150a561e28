"""What the first layer looks for, as pictures."""

import numpy as np
import numpy.typing as npt

from core.predictions.model import Model
from core.runs.errors import StoreError


def pictures(model: Model) -> npt.NDArray[np.float64]:
    """Return the filters of the first layer as pictures (F, h, w, 3), values from 0 to 1.

    Zero is grey; each filter fills its own range, for their strengths differ a hundredfold.

    Raises:
        StoreError: if the first layer has no filters over the colours of an image.
    """
    tensors = model.kept.state.tensors
    first = model.experiment.architecture[0]
    if first.kind == "conv":
        weight = np.moveaxis(tensors["conv1.weight"].astype(np.float64), -1, 0)
    elif first.kind == "conv1d":
        steps = tensors["conv1d1.weight"].astype(np.float64)
        weight = np.moveaxis(steps.reshape(steps.shape[0], -1, 3, steps.shape[-1]), -1, 0)
    else:
        raise StoreError(f"the first layer ({first.title()}) has no filters to show as pictures")
    largest = np.abs(weight).max(axis=(1, 2, 3), keepdims=True)
    return 0.5 + 0.5 * weight / np.where(largest > 0, largest, 1.0)
