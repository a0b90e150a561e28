from math import isnan, log10

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.checks.compare import WORST, Histogram, compare, normwise

ordinary = st.floats(-10, 10, allow_nan=False).map(lambda value: round(value, 6))
pairs = st.integers(1, 40).flatmap(
    lambda n: st.tuples(
        arrays(np.float64, n, elements=ordinary), arrays(np.float64, n, elements=ordinary)
    )
)


@given(pairs)
def test_measures_are_their_definitions(pair):
    a, b = pair
    found = compare(a, b, 1e-6)
    relative = [abs(x - y) / max(1e-6, abs(x) + abs(y)) for x, y in zip(a, b, strict=True)]
    assert found.max_absolute == max(abs(x - y) for x, y in zip(a, b, strict=True))
    assert found.max_relative == max(relative)
    norms = sum(x * x for x in a) ** 0.5, sum(y * y for y in b) ** 0.5
    if all(norms):
        difference = sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5
        np.testing.assert_allclose(found.normwise, difference / sum(norms), rtol=1e-12)
        dot = sum(x * y for x, y in zip(a, b, strict=True))
        np.testing.assert_allclose(found.cosine, dot / (norms[0] * norms[1]), atol=1e-12)
    assert [entry.relative for entry in found.worst] == sorted(relative, reverse=True)[:WORST]
    assert found.histogram.zeros == sum(value == 0 for value in relative)
    assert sum(found.histogram.counts) + found.histogram.zeros == found.compared == len(a)


def test_the_worst_entry_is_named_by_its_place():
    a = np.arange(24.0).reshape(2, 3, 4)
    b = a.copy()
    b[1, 2, 0] += 0.5
    worst = compare(a, b, 1e-6).worst[0]
    assert (worst.index, worst.value, worst.reference, worst.absolute) == (
        (1, 2, 0),
        20.0,
        20.5,
        0.5,
    )


def test_some_places_alone_are_compared():
    a = np.arange(24.0).reshape(2, 3, 4)
    found = compare(a, np.array([23.0, 7.5]), 1e-6, np.array([23, 7]))
    assert (found.compared, found.max_absolute) == (2, 0.5)
    assert [entry.index for entry in found.worst] == [(0, 1, 3), (1, 2, 3)]


def test_two_zero_gradients_are_equal():
    found = compare(np.zeros(5), np.zeros(5), 1e-6)
    assert (found.max_absolute, found.max_relative, found.normwise, found.cosine) == (0, 0, 0, 1)
    assert compare(np.zeros(5), np.ones(5), 1e-6).normwise == 1
    assert compare(np.zeros(5), np.ones(5), 1e-6).cosine == 0


def test_what_is_not_a_number_or_not_there_is_not_close():
    for found in (
        compare(np.array([1.0, np.nan]), np.ones(2), 1e-6),
        compare(np.ones(2), np.array([np.inf, 1.0]), 1e-6),
        compare(np.ones(2), np.empty(0), 1e-6, np.empty(0, np.int64)),
    ):
        assert isnan(found.normwise)
        assert isnan(found.max_relative)
    assert compare(np.array([1.0, np.nan]), np.ones(2), 1e-6).worst[0].index == (1,)


def test_errors_stand_in_the_bin_of_their_logarithm():
    edges = Histogram.edges()
    errors = np.array([1e-30, 3e-8, 3e-8, 0.4, 0.0])
    found = compare(0.5 + errors / 2, 0.5 - errors / 2, 1e-300).histogram
    assert found.zeros == 2  # 0.5 + 1e-30 is 0.5
    for error in (3e-8, 0.4):
        place = next(k for k in range(len(edges)) if edges[k + 1] > log10(error))
        assert found.counts[place] == np.sum(errors == error)
    tiny = compare(np.array([2e-18]), np.array([1e-18]), 1e6).histogram
    assert tiny.counts[0] == 1


def test_single_precision_is_compared_in_double():
    a = np.full(1_000_000, 1e-25, np.float32)
    assert normwise(a, a) == 0
    assert compare(a, a, 1e-6).cosine > 0.999
