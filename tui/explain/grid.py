"""Values of a layer or a parameter as pictures: where each of them stands."""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, prod, sqrt

import numpy as np
import numpy.typing as npt

from core.layers.explanation import Place, Places
from core.nn.arrays import Array, Shape

Values = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

EMPTY = -1
"""Number of a cell without a value."""


@dataclass(frozen=True, eq=False)
class Form:
    """How the values of one shape are laid out in pictures of equal size."""

    shape: Shape
    numbers: Numbers
    """The value in each cell (pictures, rows, columns), counted in the order of the array; `EMPTY`
    for none."""
    parts: tuple[tuple[str, int], ...]
    """What the pictures are of, from the slowest to the fastest, and how many there are of each."""

    @classmethod
    def of(cls, shape: Shape) -> "Form":
        """Return the layout of activations.

        An image has a picture for each channel. A sequence is one picture with a column for each
        channel; a vector stands in rows.
        """
        return _of_activations(shape)

    @classmethod
    def of_weight(cls, shape: Shape, inputs: Shape = ()) -> "Form":
        """Return the layout of a parameter.

        A convolution has a picture for each filter and channel; a linear layer for each unit, and
        for each channel where its inputs are those of an image.

        Args:
            shape: shape of the parameter.
            inputs: shape of the inputs of a linear layer before they became a vector.
        """
        return _of_weight(shape, inputs)

    @property
    def rows(self) -> int:
        """Cells of a picture down."""
        return int(self.numbers.shape[1])

    @property
    def columns(self) -> int:
        """Cells of a picture across."""
        return int(self.numbers.shape[2])

    @property
    def channels(self) -> int:
        """Number of pictures."""
        return int(self.numbers.shape[0])

    def named(self, channel: int) -> str:
        """Return words for a picture, such as "filter 3 of 0-9"; empty where there is only one."""
        indices = np.unravel_index(channel, [count for _, count in self.parts])
        return ", ".join(
            f"{name} {int(index)} of 0-{count - 1}"
            for (name, count), index in zip(self.parts, indices, strict=True)
            if count > 1
        )

    def pictures(self, array: Array) -> Values:
        """Return all pictures (pictures, rows, columns); NaN in empty cells."""
        values = np.append(np.asarray(array, np.float64).reshape(-1), np.nan)
        pictures: Values = values[self.numbers]
        return pictures

    def values(self, array: Array, channel: int) -> Values:
        """Return one picture (rows, columns); NaN in empty cells."""
        values = np.append(np.asarray(array, np.float64).reshape(-1), np.nan)
        picture: Values = values[self.numbers[channel]]
        return picture

    def cell(self, place: Place) -> tuple[int, int]:
        """Return row and column of a place."""
        return self._position(place)[1:]

    def channel(self, place: Place) -> int:
        """Return the picture that a place is in."""
        return self._position(place)[0]

    def place(self, row: int, column: int, channel: int) -> Place:
        """Return the place in a cell, the nearest one where the cell is empty or outside."""
        row, column = max(0, min(row, self.rows - 1)), max(0, min(column, self.columns - 1))
        number = int(self.numbers[max(0, min(channel, self.channels - 1)), row, column])
        if number == EMPTY:
            number = int(self.numbers[channel].max())
        return tuple(int(k) for k in np.unravel_index(number, self.shape)) if self.shape else ()

    def covered(self, places: Places) -> npt.NDArray[np.bool_]:
        """Return the cells (rows, columns) that places (n, d) stand in, of any picture."""
        taken = np.zeros(prod(self.shape) + 1, np.bool_)  # the last for empty cells
        taken[np.ravel_multi_index(tuple(places.T), self.shape) if self.shape else 0] = True
        cells: npt.NDArray[np.bool_] = np.any(taken[self.numbers], axis=0)
        return cells

    def _position(self, place: Place) -> tuple[int, int, int]:
        number = int(np.ravel_multi_index(place, self.shape)) if self.shape else 0
        found = np.flatnonzero(self.numbers.reshape(-1) == number)[0]
        channel, row, column = np.unravel_index(found, self.numbers.shape)
        return int(channel), int(row), int(column)


@lru_cache(maxsize=16)
def _of_activations(shape: Shape) -> Form:
    numbers = np.arange(prod(shape)).reshape(shape)
    if len(shape) == 3:
        return Form(shape, numbers.transpose(2, 0, 1), (("channel", shape[2]),))
    if len(shape) == 2:
        return Form(shape, numbers[None], (("", 1),))
    return Form(shape, _in_rows(numbers.reshape(-1))[None], (("", 1),))


@lru_cache(maxsize=16)
def _of_weight(shape: Shape, inputs: Shape) -> Form:
    numbers = np.arange(prod(shape)).reshape(shape)
    if len(shape) == 4:
        rows, columns, channels, filters = shape
        each = numbers.transpose(3, 2, 0, 1).reshape(-1, rows, columns)
        return Form(shape, each, (("filter", filters), ("channel", channels)))
    if len(shape) == 3:
        return Form(shape, numbers.transpose(2, 0, 1), (("filter", shape[2]),))
    if len(shape) == 2 and len(inputs) == 3 and prod(inputs) == shape[0]:
        rows, columns, channels = inputs
        images = numbers.reshape(rows, columns, channels, -1).transpose(3, 2, 0, 1)
        parts = (("unit", shape[1]), ("channel", channels))
        return Form(shape, images.reshape(-1, rows, columns), parts)
    if len(shape) == 2:
        each = np.stack([_in_rows(column) for column in numbers.T])
        return Form(shape, each, (("unit", shape[1]),))
    return Form(shape, _in_rows(numbers.reshape(-1))[None], (("", 1),))


def _in_rows(numbers: Numbers) -> Numbers:
    """Return a vector in rows, about twice as wide as high, as boxes are."""
    columns = min(len(numbers), ceil(sqrt(2 * len(numbers))))
    rows = ceil(len(numbers) / columns)
    grid = np.full(rows * columns, EMPTY)
    grid[: len(numbers)] = numbers
    return grid.reshape(rows, columns)
