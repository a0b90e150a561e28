"""Layers that take every value for itself, and those that only move values."""

from collections.abc import Callable

import numpy as np

from core.nn.arrays import Array, Gradients


def relu(x: Array) -> Array:
    """Return x where it is above 0, else 0."""
    return np.where(x.real > 0, x, 0)


def relu_backward(dy: Array, x: Array) -> Gradients:
    """Pass dy where x is above 0."""
    return {"x": np.where(x.real > 0, dy, 0)}


def leakyrelu(x: Array, slope: float = 0.01) -> Array:
    """Return x where it is above 0, else a small part of it."""
    return np.where(x.real > 0, x, slope * x)


def leakyrelu_backward(dy: Array, x: Array, slope: float = 0.01) -> Gradients:
    """Pass dy where x is above 0, else a small part of it."""
    return {"x": np.where(x.real > 0, dy, slope * dy)}


def gelu(x: Array) -> Array:
    """Return x times about the probability that a standard normal number is below it."""
    y: Array = x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    return y


def gelu_backward(dy: Array, x: Array) -> Gradients:
    """Return dx by the product rule: the derivative of tanh t is 1 - tanh(t)^2."""
    t = np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))
    dt = (1 - t**2) * np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * x**2)
    return {"x": dy * ((1 + t) / 2 + x / 2 * dt)}


def dropout(x: Array, mask: Array) -> Array:
    """Return x times a mask: 0 with probability p, else 1 / (1 - p)."""
    return x * mask


def dropout_backward(dy: Array, x: Array, mask: Array) -> Gradients:
    """Pass dy times the same mask."""
    return {"x": dy * mask}


def flatten(x: Array) -> Array:
    """Return images as vectors."""
    return x.reshape(len(x), -1)


def flatten_backward(dy: Array, x: Array) -> Gradients:
    """Return dy in the shape of the images."""
    return {"x": dy.reshape(x.shape)}


Map = Callable[[Array], Array]


def residual(x: Array, branch: Map, shortcut: Map = lambda x: x) -> Array:
    """Return the input plus what the branch makes of it."""
    return shortcut(x) + branch(x)


def residual_backward(
    dy: Array, x: Array, branch_backward: Map, shortcut_backward: Map = lambda dy: dy
) -> Gradients:
    """Add what comes back on both ways."""
    return {"x": shortcut_backward(dy) + branch_backward(dy)}
