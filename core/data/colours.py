"""Images of any number of channels in red, green and blue, for display."""

import numpy as np

from core.data.dataset import Array, Shape


def in_colour(images: Array) -> Array:
    """Return images with three channels: as they are, or the mean of their channels as grey.

    Args:
        images: (..., H, W, C), numbers of any type, which is kept.

    Returns:
        (..., H, W, 3).
    """
    if images.shape[-1] == 3:
        return images
    grey = images if images.shape[-1] == 1 else images.mean(axis=-1, keepdims=True)
    return np.repeat(grey.astype(images.dtype), 3, axis=-1)


def is_sequence(shape: Shape) -> bool:
    """Return whether images (H, W, C) are sequences, one pixel wide or high, drawn as curves."""
    return 1 in shape[:2]


def as_curves(image: Array) -> Array:
    """Return a sequence (L, 1, C) or (1, L, C) as (L, C): one column for each curve."""
    return image.reshape(-1, image.shape[-1])
