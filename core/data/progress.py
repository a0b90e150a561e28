"""Progress of reading a data set."""

from collections.abc import Callable
from dataclasses import dataclass

from core.format import percent

Progress = Callable[[float, str], None]
"""Called with the fraction that is done, from 0 to 1 and never falling, and what is being done,
such as `reading CIFAR-10: data_batch_3`; must not block."""


def silent(fraction: float, doing: str) -> None:
    """Report nothing."""


def part(progress: Progress, start: float, end: float) -> Progress:
    """Return the progress of a part of the work, which leads from `start` to `end` of the whole."""
    return lambda fraction, doing: progress(start + (end - start) * fraction, doing)


@dataclass(frozen=True)
class Reading:
    """How far the reading of a data set is."""

    fraction: float
    doing: str

    def __str__(self) -> str:
        """Return it in words, such as `reading CIFAR-10: data_batch_3, 40 %`."""
        return f"{self.doing}, {percent(self.fraction, 0)}"
