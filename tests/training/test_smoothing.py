"""Tests of the moving average against a loop over all values, at once or in pieces."""

from math import isfinite, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.training.smoothing import Smoother, decay_factor, smoothed, span

numbers = st.one_of(st.floats(-1e6, 1e6), st.sampled_from([nan, float("inf")]))


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


@given(st.lists(numbers, max_size=300), st.floats(0.01, 0.999), st.data())
def test_a_series_that_grows_is_averaged_as_if_it_had_come_at_once(values, keep, data):
    y = np.array(values, dtype=float)
    smoother, views = Smoother(keep), []
    for cut in sorted(data.draw(st.lists(st.integers(0, len(values)), max_size=4))):
        view = smoother.extend(y[:cut])
        views.append((view, view.copy()))
    pieces = smoother.extend(y)
    assert pieces == pytest.approx(smoothed(y, keep), rel=1e-12, abs=1e-9, nan_ok=True)
    for view, then in views:
        assert np.array_equal(view, then, equal_nan=True), "it must not change afterwards"
        assert np.array_equal(view, pieces[: len(view)], equal_nan=True)


def test_it_carries_on_over_gaps_and_has_no_bias_to_zero():
    found = smoothed(np.array([4.0, 1.0, nan, 2.0]), decay_factor(2))
    assert found == pytest.approx([4.0, (2 * 1 + 4) / 3, (2 * 1 + 4) / 3, (4 * 2 + 2 * 1 + 4) / 7])
    assert smoothed(np.full(3000, 7.0), decay_factor(50)) == pytest.approx(np.full(3000, 7.0))


def test_nothing_is_smoothed_by_nothing():
    values = np.array([1.0, 5.0, np.nan])
    assert smoothed(values, 0.0) is values
    assert len(smoothed(np.array([]), 0.5)) == 0
    assert np.isnan(smoothed(np.array([np.nan]), 0.5)).all()


@pytest.mark.parametrize(
    ("updates", "wanted"),
    [(0, 1), (159, 1), (160, 2), (4800, 50), (24_000, 200), (39_999, 200), (40_000, 500),
     (80_000, 1000), (10**7, 1000)],
)  # fmt: skip
def test_the_span_is_a_round_number(updates, wanted):
    assert span(updates) == wanted
