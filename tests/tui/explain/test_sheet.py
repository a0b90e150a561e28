"""All pictures of a layer at a glance, and where each value stands."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui.explain.grid import EMPTY, Form
from tui.explain.paint import DARK
from tui.explain.sheet import Sheet, in_colours, in_signs, shrunk

sides = st.integers(1, 40)


@given(st.integers(2, 300), sides, sides, st.integers(4, 120), st.integers(4, 90), st.data())
def test_the_chosen_picture_is_always_on_the_sheet(
    pictures: int, rows: int, columns: int, width: int, height: int, data: st.DataObject
) -> None:
    chosen = data.draw(st.integers(0, pictures - 1))
    group = data.draw(st.sampled_from([1, 3]))
    sheet = Sheet.of(pictures, rows, columns, width, height, chosen, group)
    assert chosen in sheet.seen
    row, column = sheet.corners(chosen)
    assert sheet.picture(column, row) == chosen
    assert row + sheet.rows <= sheet.size[0]
    assert column + sheet.columns <= sheet.size[1]
    values = np.zeros((pictures, rows, columns))
    values[chosen] = -1.0
    laid = sheet.laid_out(values)
    assert laid.shape == sheet.size
    assert (laid[row : row + sheet.rows, column : column + sheet.columns] == -1).all()
    frame = sheet.frame(chosen)
    assert np.isnan(laid[frame]).all()
    lines = in_colours(sheet, values, 1.0, chosen, DARK, 70)
    assert len(lines) == (sheet.size[0] + 1) // 2
    assert any("++" in part.text for line in in_signs(sheet, values, 1.0, chosen) for part in line)


def test_where_there_is_room_all_pictures_are_seen_as_large_as_they_can_be() -> None:
    sheet = Sheet.of(10, 8, 8, 60, 40, 0)
    assert len(sheet.seen) == 10
    assert sheet.unit == 1
    assert Sheet.of(4, 8, 8, 60, 40, 0).unit == 2
    assert Sheet.of(64, 32, 32, 60, 40, 0).shrink > 1


def test_pictures_that_belong_together_stand_in_one_row() -> None:
    sheet = Sheet.of(30, 4, 4, 40, 40, 0, 3)
    assert sheet.across % 3 == 0
    assert len(sheet.seen) == 30


def test_arrows_lead_to_the_pictures_beside() -> None:
    sheet = Sheet.of(10, 4, 4, 30, 30, 0)
    assert sheet.across == 3
    assert sheet.neighbour(0, 0, 1) == 1
    assert sheet.neighbour(2, 0, 1) == 2
    assert sheet.neighbour(0, 1, 0) == 3
    assert sheet.neighbour(9, 1, 0) == 9
    assert sheet.neighbour(0, -1, 0) == 0


def test_a_shrunk_picture_keeps_what_is_furthest_from_zero() -> None:
    values = np.zeros((4, 5))
    values[0, 1], values[3, 4], values[2, 0] = -3.0, 2.0, 0.5
    assert shrunk(values, 2).tolist() == [[-3.0, 0.0, 0.0], [0.5, 0.0, 2.0]]


shapes = st.one_of(
    st.just(()),
    st.tuples(sides),
    st.tuples(sides, sides),
    st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)),
)


@given(shapes)
def test_every_value_stands_in_one_cell(shape: tuple[int, ...]) -> None:
    check(Form.of(shape), shape)


@given(st.one_of(shapes.filter(bool), st.tuples(*[st.integers(1, 5)] * 4)))
def test_every_weight_stands_in_one_cell(shape: tuple[int, ...]) -> None:
    check(Form.of_weight(shape), shape)


def check(form: Form, shape: tuple[int, ...]) -> None:
    count = int(np.prod(shape))
    numbers = form.numbers[form.numbers != EMPTY]
    assert sorted(numbers.tolist()) == list(range(count))
    values = np.arange(count, dtype=float).reshape(shape)
    for number in {0, count // 2, count - 1}:
        place = tuple(int(k) for k in np.unravel_index(number, shape)) if shape else ()
        row, column = form.cell(place)
        assert form.values(values, form.channel(place))[row, column] == number
        assert form.place(row, column, form.channel(place)) == place


def test_the_weights_of_a_linear_layer_are_pictures_of_its_image() -> None:
    form = Form.of_weight((2 * 3 * 4, 5), (2, 3, 4))
    assert (form.channels, form.rows, form.columns) == (20, 2, 3)
    assert form.named(7) == "unit 1 of 0-4, channel 3 of 0-3"
    # Row 1, column 2, channel 3 of the image is input 23.
    assert form.place(1, 2, 1 * 4 + 3) == (23, 1)


def test_the_filters_of_a_convolution_come_one_after_the_other() -> None:
    form = Form.of_weight((3, 3, 2, 4))
    assert form.named(5) == "filter 2 of 0-3, channel 1 of 0-1"
    assert form.place(2, 1, 5) == (2, 1, 1, 2)
