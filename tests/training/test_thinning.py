"""Tests that a thinned curve has the outline of the original."""

from math import inf, nan

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.training.thinning import thinned

finite = st.floats(-1e6, 1e6)
anything = st.one_of(finite, st.sampled_from([nan, inf, -inf]))


@given(st.lists(anything, max_size=400), st.integers(1, 60))
def test_the_ends_and_the_extremes_are_kept_and_nothing_is_invented(values, buckets):
    y = np.array(values, dtype=float)
    x = np.arange(len(y), dtype=float)
    few_x, few_y = thinned(x, y, buckets)
    assert len(few_x) == len(few_y) <= 2 * buckets + 2
    assert np.all(np.diff(few_x) > 0)
    assert np.array_equal(few_y, y[few_x.astype(int)])
    good = y[np.isfinite(y)]
    assert len(few_y) >= min(1, len(good))
    if len(good):
        assert (few_y.min(), few_y.max()) == (good.min(), good.max())
        assert (few_y[0], few_y[-1]) == (good[0], good[-1])


@given(st.lists(finite, min_size=1, max_size=400), st.integers(1, 30))
def test_every_bucket_keeps_its_minimum_and_maximum(values, buckets):
    y = np.array(values)
    few = set(thinned(np.arange(len(y)), y, buckets)[0].tolist())
    size = -(-len(y) // buckets)
    for start in range(0, len(y), size):
        part = y[start : start + size]
        kept = [y[row] for row in few if start <= row < start + size]
        assert (min(kept), max(kept)) == (part.min(), part.max())


def test_few_points_are_left_alone():
    x, y = np.arange(6.0), np.array([3.0, 1, 2, 5, 4, 0])
    assert np.array_equal(thinned(x, y, 3)[1], y)


def test_positions_that_are_not_known_are_left_out():
    x, y = np.array([nan, 1.0, nan, 3.0]), np.arange(4.0)
    assert thinned(x, y, 1)[0].tolist() == [1.0, 3.0]
