"""Tests of the suggested rates on curves with a known answer."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.training.lr_curve import MIN_UPDATES, RateCurve, two_digits


def curve(
    count: int = 300,
    falls: tuple[float, float] = (1e-3, 1e-1),
    rises: float = 0.3,
    noise: float = 0.1,
    seed: int = 0,
) -> RateCurve:
    """Return a loss that is flat, falls evenly between two rates, and rises above a third."""
    rates = np.geomspace(1e-5, 1, count)
    at = np.log10(rates)
    low, high = np.log10(falls)
    losses = 2.3 - 1.0 * np.clip((at - low) / (high - low), 0, 1)
    losses += 5 * np.clip(at - np.log10(rises), 0, None)
    losses += noise * np.random.default_rng(seed).standard_normal(count)
    return RateCurve(rates, losses, count)


@pytest.mark.parametrize("seed", range(8))
def test_the_rates_are_those_between_which_the_loss_falls(seed: int) -> None:
    found = curve(seed=seed).suggestion
    assert found is not None
    # A tenth and nineteen twentieths of the way through two decades.
    assert found.eta_min == pytest.approx(10**-2.8, rel=0.6)
    assert found.eta_max == pytest.approx(10**-1.1, rel=0.4)
    assert not found.note


def test_without_noise_they_are_exact_to_the_width_of_the_smoothing() -> None:
    found = curve(count=5000, noise=0.0).suggestion
    assert found is not None
    assert found.eta_min == pytest.approx(10**-2.8, rel=0.08)
    assert found.eta_max == pytest.approx(10**-1.1, rel=0.08)


@pytest.mark.parametrize("seed", range(8))
def test_a_loss_that_never_falls_suggests_nothing(seed: int) -> None:
    flat = curve(falls=(10.0, 100.0), rises=10.0, seed=seed)
    assert flat.suggestion is None
    assert flat.words == "the loss does not fall clearly at any of these rates"
    rising = curve(falls=(10.0, 100.0), rises=1e-4, seed=seed)
    assert rising.suggestion is None


def test_a_loss_that_still_falls_at_the_end_says_so() -> None:
    found = curve(falls=(1e-2, 1.0), rises=10.0, noise=0.01)
    assert found.suggestion is not None
    assert found.words.endswith("; it is lowest at the end, 1: try higher rates")


def test_a_test_that_was_stopped_on_the_way_down_says_so() -> None:
    whole = curve(noise=0.01)
    half = RateCurve(whole.rates[:200], whole.losses[:200], 300)
    assert half.words.endswith("; it was still falling when it was stopped")
    past = RateCurve(whole.rates[:290], whole.losses[:290], 300)
    assert past.suggestion is not None
    assert not past.suggestion.note, "it had seen the lowest loss"


def test_few_updates_suggest_nothing() -> None:
    whole = curve()
    early = RateCurve(whole.rates[: MIN_UPDATES - 1], whole.losses[: MIN_UPDATES - 1], 300)
    assert early.words == "too few updates for a suggestion"
    empty = RateCurve(whole.rates[:0], whole.losses[:0], 300)
    assert empty.suggestion is None
    assert empty.as_dict()["smoothed"] == []


def test_smoothing_is_a_mean_with_the_weights_of_a_gaussian() -> None:
    whole = curve(count=90)
    span = 90 / 40
    for at in (0, 3, 44, 89):
        weights = np.exp(-0.5 * ((np.arange(90) - at) / span) ** 2)
        expected = (weights * whole.losses).sum() / weights.sum()
        assert whole.smoothed[at] == pytest.approx(expected, rel=2e-3)
    constant = RateCurve(whole.rates, np.full(90, 1.5), 90)
    assert constant.smoothed == pytest.approx(np.full(90, 1.5))


@given(
    st.lists(st.floats(0, 1e30), min_size=0, max_size=120),
    st.integers(0, 400),
    st.booleans(),
)
def test_whatever_was_measured_there_are_words_and_rates_in_order(
    losses: list[float], more: int, exploded: bool
) -> None:
    planned = max(2, len(losses) + more)
    rates = np.geomspace(1e-7, 10, planned)[: len(losses)]
    found = RateCurve(rates, np.array(losses), planned, exploded)
    assert found.words
    json.dumps(found.as_dict(), allow_nan=False)
    if found.suggestion is not None:
        assert rates[0] * 0.95 <= found.suggestion.eta_min < found.suggestion.eta_max <= 10


@pytest.mark.parametrize(("value", "text"), [(0.0123, "0.012"), (1.96e-5, "2e-05"), (0.95, "0.95")])
def test_rates_have_two_digits(value: float, text: str) -> None:
    assert f"{two_digits(value):g}" == text
