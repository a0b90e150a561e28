"""Pooling: one number for every window and channel."""

from typing import Any

import numpy as np

from core.nn.arrays import Array, Gradients
from core.nn.plain.convolution import padded, pair, windows


def pool(x: Array, filter: Any = 2, stride: Any = 2, padding: Any = 0) -> Array:
    """Return the largest value of every window; padding never wins."""
    images, *form = as_images(x, filter, stride, padding, -np.inf)
    y = empty_output(images, *form)
    for i, j, window in windows(images, *form):
        values = by_place(images[window])
        y[:, i, j] = np.take_along_axis(values, winner(values), axis=1)[:, 0]
    return y.reshape(output_shape(x, y))


def pool_backward(
    dy: Array, x: Array, filter: Any = 2, stride: Any = 2, padding: Any = 0
) -> Gradients:
    """Pass dy to the largest value of every window alone, the first of equal ones."""
    images, *form = as_images(x, filter, stride, padding, -np.inf)
    dx, dy = np.zeros_like(images), dy.reshape(empty_output(images, *form).shape)
    for i, j, window in windows(images, *form):
        share = np.zeros_like(by_place(images[window]))
        np.put_along_axis(share, winner(by_place(images[window])), dy[:, i, j][:, None], axis=1)
        dx[window] += share.reshape(images[window].shape)
    return {"x": cropped(dx, padding, x)}


def avgpool(x: Array, filter: Any = 2, stride: Any = 2, padding: Any = 0) -> Array:
    """Return the mean of every window, in which padding counts as 0."""
    images, *form = as_images(x, filter, stride, padding, 0.0)
    y = empty_output(images, *form)
    for i, j, window in windows(images, *form):
        y[:, i, j] = images[window].mean(axis=(1, 2))
    return y.reshape(output_shape(x, y))


def avgpool_backward(
    dy: Array, x: Array, filter: Any = 2, stride: Any = 2, padding: Any = 0
) -> Gradients:
    """Pass an equal share of dy to every value of the window."""
    images, *form = as_images(x, filter, stride, padding, 0.0)
    dx, dy = np.zeros_like(images), dy.reshape(empty_output(images, *form).shape)
    for i, j, window in windows(images, *form):
        kh, kw = form[0]
        dx[window] += dy[:, i, j][:, None, None] / (kh * kw)
    return {"x": cropped(dx, padding, x)}


def globalpool(x: Array) -> Array:
    """Return the mean of every channel over all places."""
    y: Array = by_place(x).mean(axis=1)
    return y


def globalpool_backward(dy: Array, x: Array) -> Gradients:
    """Pass an equal share of dy to every place."""
    places = by_place(x).shape[1]
    return {"x": np.broadcast_to(dy[:, None] / places, by_place(x).shape).reshape(x.shape)}


def by_place(x: Array) -> Array:
    """Return arrays (N, ..., C) as (N, places, C)."""
    return x.reshape(len(x), -1, x.shape[-1])


def winner(values: Array) -> Array:
    """Return the first of the largest values (N, places, C), as indices (N, 1, C)."""
    index: Array = values.real.argmax(axis=1)[:, None]
    return index


def as_images(x: Array, filter: Any, stride: Any, padding: Any, outside: float) -> Any:
    """Return padded images, and window and stride; sequences are images of one pixel's width."""
    if x.ndim == 4:
        return padded(x, padding, outside), pair(filter), pair(stride)
    return padded(x[:, :, None], (padding, 0), outside), (filter, 1), (stride, 1)


def empty_output(images: Array, filter: Any, stride: Any) -> Array:
    """Return an array with a place for every window."""
    down, across, _ = windows(images, filter, stride)[-1]
    return np.zeros((len(images), down + 1, across + 1, images.shape[3]), images.dtype)


def output_shape(x: Array, y: Array) -> tuple[int, ...]:
    """Return the shape of y (N, Ho, Wo, C) for x: images, or sequences of one pixel's width."""
    return y.shape if x.ndim == 4 else (len(y), y.shape[1], y.shape[3])


def cropped(dx: Array, padding: Any, x: Array) -> Array:
    """Return the gradient of the image without its padding."""
    down, across = pair(padding) if x.ndim == 4 else (padding, 0)
    height, width = dx.shape[1] - down, dx.shape[2] - across
    return dx[:, down:height, across:width].reshape(x.shape)
