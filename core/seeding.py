"""Stateless random numbers: each is a function of a seed, a stream and counters.

No generator outlives its use, so a checkpoint contains no generator state: a resumed run generates
the same numbers from the same counters.
"""

from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    """Purpose of random numbers. The values affect every result: never renumber them."""

    INITIALISATION = 0
    ORDER = 1
    OFFLINE = 2
    FRESH = 3
    SYNTHETIC = 4
    SAMPLE = 5
    DROPOUT = 6
    CHECK = 7


def generator(seed: int, stream: Stream, *counters: int) -> np.random.Generator:
    """Return a new generator for one stream.

    Args:
        seed: the seed of the run, 0 or more.
        stream: purpose of the numbers.
        counters: position in the stream, such as the epoch; each from 0 to 2**32 - 1.

    Returns:
        A generator that depends only on the arguments; other arguments give independent numbers.

    Raises:
        ValueError: if the seed or a counter is negative.

    """
    # As entropy, (seed, 0) and (seed, 0, 0) would be equivalent; as spawn keys they differ.
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(int(stream), *counters)))
