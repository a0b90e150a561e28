"""Timing of contenders in alternating blocks, so that drift affects all of them alike."""

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter, sleep

import numpy as np
import numpy.typing as npt

from core.benchmark.contender import Contender

SKIPPED = 10
"""Warm-up updates at the start of a block, which are not timed: caches and threads recover."""

REST = 0.05
"""Seconds between two blocks, so that threads of the previous block, which spin for a while before
they sleep (as those of OpenMP and OpenBLAS do), take no core from the next."""

BLOCK = 25
"""Number of timed updates in a block."""

MIN_UPDATES = 4 * BLOCK
"""Number of updates below which a measurement is only a quick look: the quartiles of the block
ratios need four blocks."""


@dataclass(frozen=True)
class Times:
    """Milliseconds per update of one contender."""

    blocks: tuple[tuple[float, ...], ...]
    """Times of the timed updates in each block."""

    @property
    def all(self) -> npt.NDArray[np.float64]:
        """Times of all updates."""
        return np.concatenate([np.array(block) for block in self.blocks])

    @property
    def median(self) -> float:
        """Median of all updates."""
        return float(np.median(self.all))

    @property
    def minimum(self) -> float:
        """Time of the fastest update."""
        return float(self.all.min())

    @property
    def quartiles(self) -> tuple[float, float]:
        """First and third quartile of all updates."""
        low, high = np.percentile(self.all, (25, 75))
        return float(low), float(high)

    def ratio(self, other: "Times") -> tuple[float, float, float]:
        """Return the ratio of the medians of this and `other`, and quartiles of the ratio.

        The quartiles are those of the ratios of neighbouring blocks.
        """
        ratios = [
            float(np.median(ours) / np.median(theirs))
            for ours, theirs in zip(self.blocks, other.blocks, strict=False)
        ]
        low, high = np.percentile(ratios, (25, 75))
        return self.median / other.median, float(low), float(high)


def alternate(
    contenders: Mapping[str, Contender],
    updates: int,
    on_block: Callable[[str], None] = lambda name: None,
    look: Callable[[], None] = lambda: None,
) -> dict[str, Times]:
    """Time contenders in alternating blocks.

    Args:
        contenders: contenders by name.
        updates: number of timed updates of each; rounded up to whole blocks.
        on_block: callback after every block with the name of its contender.
        look: callback before every update, not timed; may raise to cancel.

    Returns:
        The times of each contender.
    """
    blocks: dict[str, list[tuple[float, ...]]] = {name: [] for name in contenders}
    for turn in range(rounds(updates)):
        first = turn * (SKIPPED + BLOCK)
        for name, contender in contenders.items():
            blocks[name].append(_block(contender, first, look))
            on_block(name)
    return {name: Times(tuple(times)) for name, times in blocks.items()}


def rounds(updates: int) -> int:
    """Return the number of blocks for `updates` timed updates."""
    return -(-updates // BLOCK)


def _block(contender: Contender, first: int, look: Callable[[], None]) -> tuple[float, ...]:
    times = []
    sleep(REST)
    with contender.block():
        # A garbage collection would distort the time of a single contender.
        gc.disable()
        try:
            for number in range(first, first + SKIPPED):
                look()
                contender.update(number)
            for number in range(first + SKIPPED, first + SKIPPED + BLOCK):
                look()
                began = perf_counter()
                contender.update(number)
                times.append(1e3 * (perf_counter() - began))
        finally:
            gc.enable()
    return tuple(times)
