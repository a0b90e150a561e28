"""Average pooling.

In plain NumPy: `core.nn.plain.pooling.avgpool`.
"""

import numpy as np

from core.nn.arrays import Array
from core.nn.layer import Mode
from core.nn.pooling import Pooling, copied


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
        y, images, size = self._image(self.y), self._pad(x), self.filter[0] * self.filter[1]
        for part, values in self._blocks(len(y)):
            first, *others = self._slices(images[part])
            total = copied(first, out=y[part])
            for each in others:
                np.add(total, copied(each, out=values), out=total)
            np.multiply(total, 1.0 / size, out=total)
        return self.y

    def backward(self, dy: Array) -> Array | None:
        """Return dx, or None."""
        if not self.needs_input_gradient:
            return None
        dy, part = self._image(dy), 1.0 / (self.filter[0] * self.filter[1])
        if self.overlapping:
            self.dpadded.fill(0.0)
        for images, share in self._blocks(len(dy)):
            np.multiply(dy[images], part, out=share)
            for target in self._slices(self.dpadded[images]):
                if self.overlapping:
                    np.add(target, share, out=target)
                else:
                    copied(share, out=target)
        return self._crop(self.dpadded)
