"""Average pooling.

In plain NumPy: `core.nn.plain.pooling.avgpool`.
"""

import numpy as np

from core.nn.arrays import Array
from core.nn.layer import Mode
from core.nn.pooling import Pooling


class AveragePool2d(Pooling):
    """Average pooling: the mean of each window, channel by channel.

    y[n, i, j, c] = 1 / (kh kw) * sum over u, v of x[n, i s + u - p, j s + v - p, c]

    Padding is 0 and counts, as by default in PyTorch. Backward passes 1 / (kh kw) of dy to every
    value of a window; where windows overlap, a pixel sums the contributions of all its windows.

    Shapes and arguments as in `Pooling`.
    """

    kind = "avgpool"
    name = "average pooling"

    def forward(self, x: Array, mode: Mode) -> Array:
        """Return y for x."""
        y = self._image(self.y)
        first, *others = self._slices(self._pad(x))
        np.copyto(y, first)
        for values in others:
            np.add(y, values, out=y)
        np.multiply(y, 1.0 / (1 + len(others)), out=y)
        return self.y

    def backward(self, dy: Array) -> Array | None:
        """Return dx, or None."""
        if not self.needs_input_gradient:
            return None
        dy, part = self._image(dy), 1.0 / (self.filter[0] * self.filter[1])
        if not self.overlapping:
            for target in self._slices(self.dpadded):
                np.multiply(dy, part, out=target)
            return self._crop(self.dpadded)
        share = np.multiply(dy, part, out=self._image(self.share))
        self.dpadded.fill(0.0)
        for target in self._slices(self.dpadded):
            np.add(target, share, out=target)
        return self._crop(self.dpadded)
