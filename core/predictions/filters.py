"""The filters of the first layer of a network, as pictures."""

import numpy as np
import numpy.typing as npt

from core.build_layers import layers_of
from core.errors import StoreError
from core.nn.conv1d import Conv1d
from core.nn.convolution import Convolution
from core.nn.layer import Layer
from core.runs.checkpoint import Checkpoint


def pictures(checkpoint: Checkpoint) -> npt.NDArray[np.float64]:
    """Return the filters of the first layer with weights as pictures, (F, h, w, C).

    The channels C are the colours of the image: three, or one of grey.

    A filter of a 1-D convolution spans whole rows of the image, so it has the width of the image.

    Each filter is scaled separately to the range from 0 to 1, because their magnitudes differ by a
    factor of up to a hundred; 0.5 represents a weight of 0.

    Raises:
        StoreError: if that layer is not a convolution of the colours of an image.
    """
    experiment = checkpoint.timeline.experiment
    colours = experiment.data.shape[-1]
    layers, rows = layers_of(experiment)
    place = next(place for place, layer in enumerate(layers) if layer.parameters())
    layer = layers[place]
    if colours not in (1, 3) or not _sees_colours(layer, colours):
        raise StoreError(
            f"the first layer with weights ({rows[place].title}) has no filters that can be shown "
            "as pictures; a convolution of the image itself has"
        )
    assert isinstance(layer, Convolution)
    weight = checkpoint.state.tensors[f"{layer.kind}1.weight"].astype(np.float64)
    shaped = weight.reshape(layer.filter[0], -1, colours, layer.filters)
    shown = np.moveaxis(shaped, -1, 0)
    largest = np.abs(shown).max(axis=(1, 2, 3), keepdims=True)
    return 0.5 + 0.5 * shown / np.where(largest > 0, largest, 1.0)


def _sees_colours(layer: Layer, colours: int) -> bool:
    if isinstance(layer, Conv1d):
        return len(layer.input_shape) == 3 and layer.input_shape[-1] == colours
    return isinstance(layer, Convolution) and layer.channels == colours
