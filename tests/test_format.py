"""Tests of numbers and words as the screen and the shell show them."""

from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import format as fmt


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 kB"), (368_640, "369 kB"), (999_600, "1 MB"), (184_320_000, "184 MB"),
     (1_500_000_000, "1.5 GB")],
)  # fmt: skip
def test_sizes(count, text):
    assert fmt.size(count) == text


@given(st.integers(0, 10**13))
def test_short_numbers_have_at_most_six_characters(number):
    assert len(fmt.short(number)) <= 6


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (32_050, "32,050"), (123_040, "123 k"), (2_352_000, "2.35 M")]
)
def test_short_numbers(number, text):
    assert fmt.short(number) == text


def test_the_first_text_that_fits():
    assert fmt.first_fitting(5, "too long", "right", "x") == "right"
    assert fmt.first_fitting(0, "too long", "x") == "x"


def test_numbers_have_units_and_missing_ones_say_so():
    assert fmt.percent(0.5434) == "54.3 %"
    assert (fmt.loss(1.2144), fmt.loss(nan)) == ("1.214", "…")
    assert (fmt.rate(0.041), fmt.rate(1e-5)) == ("0.0410", "1.0e-5")
    assert fmt.speed(1899.6, "updates") == "1,900 updates/s"
    assert fmt.speed(nan, "updates") == ""
    assert [fmt.duration(s) for s in (0.4, 59.4, 107.6, 4300, nan)] == [
        "0 s", "59 s", "1 m 48 s", "1 h 11 m", "…",
    ]  # fmt: skip


@pytest.mark.parametrize("width", range(1, 60))
def test_a_path_is_cut_behind_slashes_only(width):
    text = "loss.png, rate.png in /home/somebody/convsole/saved_models/arch-2-1/figures"
    folded = fmt.folded(text, width)
    assert folded.replace("\n", "") == text
    assert all(line.endswith("/") for line in folded.split("\n")[:-1])
    words = folded.replace("\n", " ").split(" ")
    assert all(len(word) <= width or "/" not in word[:width] for word in words)
