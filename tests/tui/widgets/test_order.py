"""Tests of the order of tables."""

from tui.widgets.order import DOWN, UP, Order, column_at

NAMES = ("a", "b", "c")


def test_the_key_goes_through_the_visible_columns_each_in_its_own_direction() -> None:
    order = Order("a", True)
    seen = []
    for _ in range(3):
        order = order.after(NAMES)
        seen.append(order)
    assert seen == [Order("b"), Order("c"), Order("a")]
    assert Order("hidden").after(NAMES) == Order("b")


def test_a_second_click_turns_the_order_round() -> None:
    assert Order("a").clicked("b") == Order("b")
    assert Order("b").clicked("b") == Order("b", True)
    assert Order("b", True).clicked("b") == Order("b")


def test_the_sign_shows_the_direction() -> None:
    assert Order("a").sign(largest_first=True) == DOWN
    assert Order("a", True).sign(largest_first=True) == UP
    assert Order("a").sign(largest_first=False) == UP


def test_a_heading_is_aligned_to_the_right_end_of_its_column() -> None:
    assert [column_at(x, (5, 9, 12), NAMES) for x in (0, 4, 5, 8, 9, 11, 12)] == [
        "a", "a", "b", "b", "c", "c", None,
    ]  # fmt: skip
