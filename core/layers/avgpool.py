"""Average pooling."""

from typing import ClassVar, Literal

from core.layers import pool_sums
from core.layers.torch_reference import ReferencePass, Tensor
from core.layers.window_pool import WindowPool
from core.nn.avgpool import AveragePool2d


class AvgPool(WindowPool):
    """Average pooling; padding counts as 0."""

    words: ClassVar = "average pooling"
    formula: ClassVar = "the mean of the values in the window, in its channel"
    name: ClassVar = "average pool"
    layer: ClassVar = AveragePool2d
    modules: ClassVar = ("AvgPool2d", "AvgPool1d")
    shares: ClassVar = staticmethod(pool_sums.equal)
    operator: ClassVar = "AveragePool"

    kind: Literal["avgpool"] = "avgpool"

    @property
    def keeps_offsets(self) -> bool:
        """A constant passes unchanged, except at padding, which is 0."""
        return not self.padding

    def reference(self, x: Tensor, at: ReferencePass) -> Tensor:
        """Return the output by `torch.nn.functional.avg_pool2d`, or `avg_pool1d`."""
        y: Tensor
        form = (self.filter, self.stride, self.padding)
        if x.ndim == 3:
            y = at.f.avg_pool1d(x.transpose(1, 2), *form)
            return y.transpose(1, 2)
        y = at.f.avg_pool2d(x.permute(0, 3, 1, 2), *form)
        return y.permute(0, 2, 3, 1)
