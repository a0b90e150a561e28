"""Max pooling."""

from typing import ClassVar, Literal

from core.layers import pool_sums
from core.layers.torch_reference import ReferencePass, Tensor
from core.layers.window_pool import WindowPool
from core.nn.pool import MaxPool2d
from core.nn.window import pair


class Pool(WindowPool):
    """Max pooling; padding never wins."""

    words: ClassVar = "max pooling"
    formula: ClassVar = "the largest value of the window, in its channel"
    name: ClassVar = "max pool"
    layer: ClassVar = MaxPool2d
    modules: ClassVar = ("MaxPool2d", "MaxPool1d")
    shares: ClassVar = staticmethod(pool_sums.largest)
    operator: ClassVar = "MaxPool"

    kind: Literal["pool"] = "pool"

    @property
    def keeps_offsets(self) -> bool:
        """A constant passes unchanged."""
        return True

    def reference(self, x: Tensor, at: ReferencePass) -> Tensor:
        """Return the output, and decide by the position of each winner in its window."""
        form = (self.filter, self.stride, self.padding)
        if x.ndim == 3:
            y, steps = at.f.max_pool1d(x.transpose(1, 2), *form, return_indices=True)
            starts = _starts(steps, 2, self.stride, self.padding)
            at.decide((steps - starts).transpose(1, 2))
            sequence: Tensor = y.transpose(1, 2)
            return sequence
        width = x.shape[2]
        y, places = at.f.max_pool2d(x.permute(0, 3, 1, 2), *form, return_indices=True)
        (sh, sw), (ph, pw), (_, kw) = pair(self.stride), pair(self.padding), pair(self.filter)
        down = places // width - _starts(places, 2, sh, ph)[:, None]
        across = places % width - _starts(places, 3, sw, pw)
        at.decide((down * kw + across).permute(0, 2, 3, 1))
        image: Tensor = y.permute(0, 2, 3, 1)
        return image


def _starts(places: Tensor, axis: int, stride: object, padding: object) -> Tensor:
    """Return the first row or column of every window along an axis."""
    assert isinstance(stride, int)
    assert isinstance(padding, int)
    numbers: Tensor = places.new_tensor(range(places.shape[axis]))
    return numbers * stride - padding
