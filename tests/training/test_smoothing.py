"""The average is the one that a loop over all values gives."""

from math import isfinite

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.training.smoothing import smoothed

numbers = st.one_of(st.floats(-1e6, 1e6), st.sampled_from([float("nan"), float("inf")]))


@given(st.lists(numbers, max_size=300), st.floats(0.01, 0.999))
def test_it_is_the_average_of_a_plain_loop(values, keep):
    found = smoothed(np.array(values), keep)
    total = weight = 0.0
    for value, average in zip(values, found.tolist(), strict=True):
        if isfinite(value):
            total = keep * total + (1.0 - keep) * value
            weight = keep * weight + (1.0 - keep)
        if not weight:
            assert not isfinite(average)
            continue
        assert average == pytest.approx(total / weight, rel=1e-9, abs=1e-6)


def test_nothing_is_smoothed_by_nothing():
    values = np.array([1.0, 5.0, np.nan])
    assert smoothed(values, 0.0) is values
    assert len(smoothed(np.array([]), 0.5)) == 0
    assert np.isnan(smoothed(np.array([np.nan]), 0.5)).all()
