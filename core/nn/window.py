"""Geometry of windows on an image, shared by convolutions and pooling layers."""

from core.nn.arrays import Array
from core.nn.layer import ShapeError

Pair = tuple[int, int]


def pair(value: int | Pair) -> Pair:
    """Return (vertical, horizontal); one number stands for both."""
    return (value, value) if isinstance(value, int) else value


def span(window: Pair, dilation: Pair) -> Pair:
    """Return the height and width that a window covers: (f - 1) d + 1 in each direction."""
    down, across = ((f - 1) * d + 1 for f, d in zip(window, dilation, strict=True))
    return down, across


def output_grid(
    what: str,
    size: Pair,
    window: Pair,
    stride: Pair,
    padding: Pair = (0, 0),
    dilation: Pair = (1, 1),
) -> Pair:
    """Return the number of positions of a window down and across an image.

    Along one axis, a window that covers f pixels and moves in steps of s over h pixels with p zeros
    at both ends has floor((h + 2 p - f) / s) + 1 positions. Pixels beyond the last position are
    ignored.

    Args:
        what: the window's name in messages, such as "filter".
        size: height and width of the image.
        window: height and width of the window.
        stride: steps down and across.
        padding: zeros above and below, left and right.
        dilation: distance of neighbouring values of the window, down and across.

    Raises:
        ShapeError: if the window does not fit, or if a number is below its minimum.
    """
    if min(*window, *stride, *dilation) < 1 or min(padding) < 0:
        raise ShapeError(
            f"a {what} of {_times(window)} with stride {_times(stride)} and padding "
            f"{_times(padding)} on a {_times(size)} input: sizes and strides start at 1, "
            "padding at 0"
        )
    covered = span(window, dilation)
    if any(f > h + 2 * p for f, h, p in zip(covered, size, padding, strict=True)):
        zeros = padding[0] if padding[0] == padding[1] else _times(padding)
        wide = "" if covered == window else f" that covers {_times(covered)}"
        raise ShapeError(
            f"a {_times(window)} {what}{wide} does not fit a {_times(size)} input (padding {zeros})"
        )
    down, across = (
        (h + 2 * p - f) // s + 1 for h, f, s, p in zip(size, covered, stride, padding, strict=True)
    )
    return down, across


def remainder(size: Pair, window: Pair, stride: Pair, padding: Pair, grid: Pair) -> Pair:
    """Return how many rows at the bottom and columns on the right no window reaches.

    Gaps between windows whose stride exceeds their size are not counted.
    """
    down, across = (
        max(0, h + p - (places - 1) * s - max(f, s))
        for h, f, s, p, places in zip(size, window, stride, padding, grid, strict=True)
    )
    return down, across


def opaque_rows(array: Array) -> Array:
    """Return a view of `array` in which each run along the last axis is one opaque item.

    Assignment between two such views copies each run as a whole; otherwise NumPy starts an inner
    loop for every run, which takes 50 % longer for the few numbers in one line of a patch.

    Args:
        array: any shape (..., n), contiguous along its last axis.
    """
    return array.view(f"V{array.shape[-1] * array.itemsize}")[..., 0]


def _times(numbers: Pair) -> str:
    return f"{numbers[0]}x{numbers[1]}"
