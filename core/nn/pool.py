"""Max pooling.

In plain NumPy: `core.nn.plain.pooling.pool`.
"""

import numpy as np
import numpy.typing as npt

from core.nn.arrays import Array
from core.nn.buffers import Buffers
from core.nn.layer import Mode
from core.nn.pooling import Pooling, copied


class MaxPool2d(Pooling):
    """Max pooling: the largest value of each window, channel by channel.

    y[n, i, j, c] = max over u, v of x[n, i s + u - p, j s + v - p, c]

    A slice wins where it is strictly greater than all slices before it: of equal values the first
    in the window, row by row, wins, as in PyTorch. Backward passes dy to the winner alone; where
    windows overlap, a pixel sums the contributions of all its windows.

    Complex numbers are compared by their real parts. Padding is -inf, and never wins.

    Shapes and arguments as in `Pooling`.
    """

    kind = "pool"
    name = "max pooling"
    outside = -np.inf

    def buffers(self, make: Buffers) -> None:
        """Allocate the output, the winning position in each window, and the gradients."""
        places = np.uint8 if self.filter[0] * self.filter[1] <= 256 else np.uint16
        super().buffers(make)
        self.winner = make.per_image(self.output_shape, places)
        self.number = make.per_image(self.output_shape, places)
        self.won = make.per_image(self.output_shape, np.bool_)

    def forward(self, x: Array, mode: Mode) -> Array:
        """Return y for x."""
        y, won = self._image(self.y), self._image(self.won)
        number, winner = self._image(self.number), self._image(self.winner)
        images = self._pad(x)
        winner.fill(0)
        for part, values in self._blocks(len(y)):
            largest, winners, is_larger, at = y[part], winner[part], won[part], number[part]
            first, *others = self._slices(images[part])
            copied(first, out=largest)
            for place, each in enumerate(others, 1):
                copied(each, out=values)
                np.greater(values.real, largest.real, out=is_larger)
                # Positions are numbered in order, so the last winner has the greatest number.
                np.multiply(is_larger, winner.dtype.type(place), out=at)
                np.maximum(winners, at, out=winners)
                if self.dtype.kind == "c":
                    np.copyto(largest, values, where=is_larger)
                else:
                    np.maximum(largest, values, out=largest)
        return self.y

    def decisions(self) -> Array:
        """Return each window's winning position, row by row, as integers (N, *output_shape)."""
        return self.winner

    def clearance(self, x: Array) -> npt.NDArray[np.float64]:
        """Return the smallest lead above 0 of a winner of each image."""
        values = np.stack(self._slices(self._pad(x)), axis=-1).reshape(len(x), -1, self._values())
        if self._values() == 1:
            return np.full(len(x), np.inf)
        largest = np.partition(values, self._values() - 2, axis=-1)[..., -2:]
        lead = largest[..., 1] - largest[..., 0]
        nearest: npt.NDArray[np.float64] = np.where(lead > 0, lead, np.inf).min(axis=1)
        return nearest

    def _values(self) -> int:
        return self.filter[0] * self.filter[1]

    def backward(self, dy: Array) -> Array | None:
        """Return dx, or None."""
        if not self.needs_input_gradient:
            return None
        winner, won, dy = self._image(self.winner), self._image(self.won), self._image(dy)
        if self.overlapping:
            self.dpadded.fill(0.0)
        for part, values in self._blocks(len(dy)):
            for place, target in enumerate(self._slices(self.dpadded[part])):
                np.copyto(values, np.equal(winner[part], place, out=won[part]))
                np.multiply(dy[part], values, out=values)
                if self.overlapping:
                    np.add(target, values, out=target)
                else:
                    copied(values, out=target)
        return self._crop(self.dpadded)
