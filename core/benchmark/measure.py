"""The measurement: contenders in turns, block by block, so that drift hits all of them alike."""

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter, sleep

import numpy as np
import numpy.typing as npt

from core.benchmark.contender import Contender

SKIPPED = 10
"""Updates at the beginning of a block that do not count: caches and threads come back."""

REST = 0.05
"""Seconds between two blocks: threads of the one before, which spin for a while in the hope of more
work (OpenMP's and OpenBLAS's do), must not take a core from the next."""

BLOCK = 25
"""Updates of a block that count."""

FEWEST = 4 * BLOCK
"""Updates below which a measurement is only a quick look, whoever made it: the middle half of the
blocks, between whose ends a ratio is given, takes four of them."""


@dataclass(frozen=True)
class Times:
    """Milliseconds per update of one contender."""

    blocks: tuple[tuple[float, ...], ...]
    """Of every update that counts, block by block."""

    @property
    def all(self) -> npt.NDArray[np.float64]:
        """Every update."""
        return np.concatenate([np.array(block) for block in self.blocks])

    @property
    def median(self) -> float:
        """The middle of all updates."""
        return float(np.median(self.all))

    @property
    def minimum(self) -> float:
        """The fastest update."""
        return float(self.all.min())

    @property
    def quartiles(self) -> tuple[float, float]:
        """Between which the middle half of all updates lies."""
        low, high = np.percentile(self.all, (25, 75))
        return float(low), float(high)

    def ratio(self, other: "Times") -> tuple[float, float, float]:
        """Return how many times slower this is than `other`: median, and the middle half.

        The spread is that of the blocks: each is compared with the block that was its neighbour.
        """
        pairs = [
            float(np.median(mine) / np.median(its))
            for mine, its in zip(self.blocks, other.blocks, strict=False)
        ]
        low, high = np.percentile(pairs, (25, 75))
        return self.median / other.median, float(low), float(high)


def alternate(
    contenders: Mapping[str, Contender],
    updates: int,
    on_block: Callable[[str], None] = lambda name: None,
    look: Callable[[], None] = lambda: None,
) -> dict[str, Times]:
    """Measure contenders in turns.

    Args:
        contenders: by name.
        updates: of each that count; rounded up to whole blocks.
        on_block: called after every block with whose it was.
        look: called before every update, off the clock; may raise to end the measurement.

    Returns:
        The times of each.
    """
    blocks: dict[str, list[tuple[float, ...]]] = {name: [] for name in contenders}
    for turn in range(rounds(updates)):
        first = turn * (SKIPPED + BLOCK)
        for name, contender in contenders.items():
            blocks[name].append(_block(contender, first, look))
            on_block(name)
    return {name: Times(tuple(times)) for name, times in blocks.items()}


def rounds(updates: int) -> int:
    """Return how many blocks hold so many updates that count."""
    return -(-updates // BLOCK)


def _block(contender: Contender, first: int, look: Callable[[], None]) -> tuple[float, ...]:
    times = []
    sleep(REST)
    with contender.block():
        # A collection would hit whoever is running when it is due.
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
