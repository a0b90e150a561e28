"""Where a window stands on an image: what convolutions and pools have in common."""

from core.nn.arrays import Array
from core.nn.layer import ShapeError

Pair = tuple[int, int]


def pair(value: int | Pair) -> Pair:
    """Return (vertical, horizontal); one number stands for both."""
    return (value, value) if isinstance(value, int) else value


def output_grid(what: str, size: Pair, window: Pair, stride: Pair, padding: Pair = (0, 0)) -> Pair:
    """Return how many places a window takes down and across an image.

    Along one direction a window of f pixels moves in steps of s over h pixels with p zeros at both
    ends, and stands at floor((h + 2 p - f) / s) + 1 places. Pixels behind the last place are not
    looked at.

    Args:
        what: the window's name in messages, such as "filter".
        size: height and width of the image.
        window: height and width of the window.
        stride: steps down and across.
        padding: zeros above and below, left and right.

    Raises:
        ShapeError: if the window does not fit, or if a number is too small to mean anything.
    """
    if min(window) < 1 or min(stride) < 1 or min(padding) < 0:
        raise ShapeError(
            f"a {what} of {_times(window)} with stride {_times(stride)} and padding "
            f"{_times(padding)} on a {_times(size)} input: sizes and strides start at 1, "
            "padding at 0"
        )
    if any(f > h + 2 * p for f, h, p in zip(window, size, padding, strict=True)):
        zeros = padding[0] if padding[0] == padding[1] else _times(padding)
        raise ShapeError(
            f"a {_times(window)} {what} does not fit a {_times(size)} input (padding {zeros})"
        )
    down, across = (
        (h + 2 * p - f) // s + 1 for h, f, s, p in zip(size, window, stride, padding, strict=True)
    )
    return down, across


def remainder(size: Pair, window: Pair, stride: Pair, padding: Pair, grid: Pair) -> Pair:
    """Return how many rows at the bottom and columns at the right no window reaches.

    What lies between windows that are further apart than they are large is not counted.
    """
    down, across = (
        max(0, h + p - (places - 1) * s - max(f, s))
        for h, f, s, p, places in zip(size, window, stride, padding, grid, strict=True)
    )
    return down, across


def opaque_rows(array: Array) -> Array:
    """Return a view of `array` in which each run along the last axis is one opaque item.

    Assigning between two such views copies a run in one go; entry by entry, NumPy starts an inner
    loop for every run, which for the few numbers that a patch has in a line takes half as long
    again.

    Args:
        array: of any shape (..., n), contiguous along its last axis.
    """
    return array.view(f"V{array.shape[-1] * array.itemsize}")[..., 0]


def _times(numbers: Pair) -> str:
    return f"{numbers[0]}x{numbers[1]}"
