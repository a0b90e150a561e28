"""Randomness without state: every random number is a function of a seed, a stream and counters.

Nothing keeps a generator, so a run that is resumed needs no generator states: it asks for the same
numbers again by the same counters.
"""

from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    """What random numbers are for. The values are part of every result: never renumber them."""

    INITIALISATION = 0
    ORDER = 1
    OFFLINE = 2
    FRESH = 3
    SYNTHETIC = 4
    SAMPLE = 5
    DROPOUT = 6
    CHECK = 7


def generator(seed: int, stream: Stream, *counters: int) -> np.random.Generator:
    """Return a new generator at the beginning of one stream.

    Args:
        seed: the seed of the run, 0 or more.
        stream: what the numbers are for.
        counters: where in the stream, such as the epoch; each from 0 to 2**32 - 1.

    Returns:
        A generator that depends on the arguments alone; other arguments give independent numbers.

    Raises:
        ValueError: if the seed or a counter is negative.

    """
    # As plain entropy (seed, 0) and (seed, 0, 0) would be the same; as a spawn key they differ.
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(int(stream), *counters)))
