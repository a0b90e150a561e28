"""Tests of drawings in character cells."""

import numpy as np
from rich.style import Style

from tui.sweeps.cells import Cells, strokes, thinned


def test_a_dot_stands_where_it_should_in_its_character() -> None:
    cells = Cells(2, 1)
    for y, x, expected in ((0, 0, "⠁"), (3, 1, "⢀"), (1, 1, "⠐")):
        mask = np.zeros((4, 4), bool)
        mask[y, x] = True
        drawn = Cells(2, 1)
        drawn.dots(mask, 1)
        assert drawn.plain() == [expected]
    mask = np.ones((4, 4), bool)
    cells.dots(mask, 1)
    assert cells.plain() == ["⣿⣿"]


def test_texts_are_cut_at_the_edges() -> None:
    cells = Cells(5, 2)
    cells.text(3, 0, "abc", 1)
    cells.text(-1, 1, "xyz", 1)
    cells.text(0, 7, "below", 1)
    assert cells.plain() == ["   ab", "yz"]


def test_cells_of_one_style_are_one_segment() -> None:
    cells = Cells(6, 1)
    cells.text(1, 0, "ab", 1)
    cells.text(3, 0, "c", 2)
    [strip] = cells.strips([Style(), Style(bold=True), Style(italic=True)])
    assert [segment.text for segment in strip] == [" ", "ab", "c", "  "]
    assert strip.cell_length == 6


def test_a_steep_line_has_no_gaps_and_a_flat_one_a_dot_in_each_column() -> None:
    steep = strokes(np.array([0.0]), np.array([1.0]), 3, 30) > 0
    assert steep.any(axis=1).all()
    assert steep.sum() <= 33
    flat = strokes(np.array([0.5]), np.array([0.5]), 10, 9) > 0
    assert flat.sum(axis=0).tolist() == [1] * 10
    assert flat[4].all()


def test_lines_are_counted() -> None:
    counts = strokes(np.array([0.0, 0.0, 1.0]), np.array([0.0, 0.0, 1.0]), 4, 5)
    assert counts[0].tolist() == [2] * 4
    assert counts[4].tolist() == [1] * 4
    assert counts.sum() == 12


def test_a_full_area_shows_where_most_lines_are() -> None:
    few = np.array([[0, 0, 1], [0, 0, 2]])
    assert (thinned(few) == (few > 0)).all()
    many = np.arange(1, 101).reshape(10, 10)
    assert thinned(many).sum() == 30
    assert thinned(many)[-1].all()
    assert not thinned(many)[0].any()
