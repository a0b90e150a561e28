"""Tests of how many pictures stand on a page, and how large."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.data.picture_sheet import ENOUGH, grid, widths

SIDES = st.integers(1, 100)


@given(SIDES, SIDES, st.integers(1, 5), st.integers(1, 220), st.integers(1, 60), st.integers(-9, 9))
def test_a_page_fits_into_its_box(
    height: int, width: int, channels: int, columns: int, rows: int, zoom: int
) -> None:
    made = grid((height, width, channels), columns, rows, zoom)
    assert made.columns >= 1
    assert made.rows >= 1
    assert made.across * made.columns + (made.across - 1) * made.gap <= columns
    assert made.down * (made.rows + 1) <= max(rows, 2)


@pytest.mark.parametrize(
    ("box", "columns", "count"),
    [((74, 34), 32, 4), ((50, 18), 16, 6), ((56, 15), 16, 3), ((154, 44), 32, 8)],
    ids=["120x40", "80x24", "60x20", "200x50"],
)
def test_cifar10_is_as_large_as_some_images_allow(
    box: tuple[int, int], columns: int, count: int
) -> None:
    made = grid((32, 32, 3), *box)
    assert (made.columns, made.rows, made.count) == (columns, columns // 2, count)
    assert made.count >= ENOUGH


def test_smaller_ones_are_more_and_the_sizes_have_ends() -> None:
    counts = [grid((32, 32, 3), 74, 34, zoom).count for zoom in range(-9, 10)]
    assert counts == sorted(counts)
    assert len(set(counts)) > 3


def test_no_image_is_larger_than_its_pixels_but_small_ones_are_repeated() -> None:
    assert widths((32, 32, 3))[0] == 32
    assert widths((28, 28, 1))[0] == 28
    assert widths((8, 8, 1))[0] == 24
    assert widths((100, 100, 3))[0] == 64
    assert widths((90, 1, 2))[0] == 64
