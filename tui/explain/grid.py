"""Values of a layer as a picture: one channel of an image, a sequence, or a vector in rows."""

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
import numpy.typing as npt

from core.layers.explanation import Place
from core.nn.arrays import Array, Shape

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Form:
    """How the values of one shape are laid out.

    An image shows one channel. A sequence shows all, a column for each; a vector stands in rows of
    equal length.
    """

    shape: Shape
    rows: int
    columns: int

    @classmethod
    def of(cls, shape: Shape) -> "Form":
        """Return the layout for values of a shape."""
        if len(shape) == 3:
            return cls(shape, shape[0], shape[1])
        if len(shape) == 2:
            return cls(shape, shape[0], shape[1])
        count = shape[0] if shape else 1
        # About twice as wide as high, as boxes are.
        columns = min(count, ceil(sqrt(2 * count)))
        return cls(shape, ceil(count / columns), columns)

    @property
    def channels(self) -> int:
        """Number of pictures, one for each channel of an image."""
        return self.shape[2] if len(self.shape) == 3 else 1

    def values(self, array: Array, channel: int) -> Values:
        """Return the picture (rows, columns) of a channel; NaN where a row is not full."""
        values = np.asarray(array, np.float64)
        if len(self.shape) == 3:
            return values[:, :, channel]
        if len(self.shape) == 2:
            return values
        flat = np.full(self.rows * self.columns, np.nan)
        flat[: values.size] = values.reshape(-1)
        return flat.reshape(self.rows, self.columns)

    def cell(self, place: Place) -> tuple[int, int]:
        """Return row and column of a place."""
        if len(self.shape) >= 2:
            return place[0], place[1]
        return divmod(place[0], self.columns) if place else (0, 0)

    def channel(self, place: Place) -> int:
        """Return the channel that a place is in, 0 where there is one picture."""
        return place[2] if len(self.shape) == 3 else 0

    def place(self, row: int, column: int, channel: int) -> Place:
        """Return the place in a cell, the nearest one where the cell is empty or outside."""
        row, column = max(0, min(row, self.rows - 1)), max(0, min(column, self.columns - 1))
        if len(self.shape) == 3:
            return row, column, max(0, min(channel, self.channels - 1))
        if len(self.shape) == 2:
            return row, column
        return (min(row * self.columns + column, self.shape[0] - 1),) if self.shape else ()
