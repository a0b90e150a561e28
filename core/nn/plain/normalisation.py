"""Normalisation: values at mean 0 and deviation 1, then scaled and shifted."""

import numpy as np

from core.nn.arrays import Array, Gradients

EPSILON = 1e-5


def normalised(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    """Return u = (x - mean) / sqrt(variance + eps) over some axes, and the divisor."""
    centred = x - x.mean(axis=axes, keepdims=True)
    deviation = np.sqrt((centred**2).mean(axis=axes, keepdims=True) + EPSILON)
    return centred / deviation, deviation


def normalised_backward(du: Array, x: Array, axes: tuple[int, ...]) -> Array:
    """Return dx: du without its mean and without its component along u, over the deviation."""
    u, deviation = normalised(x, axes)
    mean, along = du.mean(axis=axes, keepdims=True), (du * u).mean(axis=axes, keepdims=True)
    dx: Array = (du - mean - u * along) / deviation
    return dx


def batchnorm(x: Array, gamma: Array, beta: Array) -> Array:
    """Normalise every channel over images and places, as in training."""
    return gamma * normalised(x, tuple(range(x.ndim - 1)))[0] + beta


def batchnorm_backward(dy: Array, x: Array, gamma: Array, beta: Array) -> Gradients:
    """Return the gradients; every x changes mean and variance of its channel as well."""
    axes = tuple(range(x.ndim - 1))
    u, _ = normalised(x, axes)
    dx = normalised_backward(dy * gamma, x, axes)
    return {"x": dx, "gamma": (dy * u).sum(axis=axes), "beta": dy.sum(axis=axes)}


def layernorm(x: Array, gamma: Array, beta: Array) -> Array:
    """Normalise the channels of every place."""
    return gamma * normalised(x, (-1,))[0] + beta


def layernorm_backward(dy: Array, x: Array, gamma: Array, beta: Array) -> Gradients:
    """Return the gradients; every x changes mean and variance of its place as well."""
    axes = tuple(range(x.ndim - 1))
    u, _ = normalised(x, (-1,))
    dx = normalised_backward(dy * gamma, x, (-1,))
    return {"x": dx, "gamma": (dy * u).sum(axis=axes), "beta": dy.sum(axis=axes)}
