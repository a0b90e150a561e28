"""Tests of the confusion matrix in the app."""

import pytest

from core.predictions.evaluation import Evaluation
from tests.figures.test_predictions import evaluated
from tui.inspect import confusion


def table(found: Evaluation, width: int) -> tuple[str, list[str], str]:
    """Return the lines of the matrix: the headings, one row per class, and the caption."""
    lines = confusion.lines(found, width).plain.split("\n")
    assert max(map(len, lines)) <= width
    return lines[0], lines[1:-2], lines[-1]


@pytest.mark.parametrize("width", [54, 60, 80, 120, 200])
def test_every_share_stands_below_its_class(width: int) -> None:
    found = evaluated()
    head, rows, note = table(found, width)
    assert note == "per cent of the images of each class"
    assert head.endswith(" accuracy")
    names = head[: -len(" accuracy")].rsplit(maxsplit=10)[-10:]
    shares = 100 * found.confusion / found.confusion.sum(axis=1, keepdims=True)
    for at, (row, name) in enumerate(zip(rows, found.classes, strict=True)):
        cells = row.split()
        assert name.startswith(cells[0])
        assert found.classes[at].startswith(names[at].rstrip("…"))
        for column, share in enumerate(shares[at]):
            wanted = f"{share:.0f}" if share >= 0.5 else "·"
            assert cells[1 + column] == wanted
            # The heading ends with its cell, whose last column is blank.
            end = head.index(f" {names[column]} ") + 1 + len(names[column])
            assert row[:end].endswith(f"{wanted} ")
        assert cells[11:13] == [f"{100 * found.class_accuracy[at]:.1f}", "%"]


def test_a_bar_is_as_long_as_its_accuracy() -> None:
    _, rows, _ = table(evaluated(skill=99), 120)
    assert {len(row) for row in rows} == {120}, "all right: to the last column"
    whole = rows[0].count("━")
    assert whole >= confusion.BAR - 1
    found = evaluated()
    _, rows, _ = table(found, 120)
    for row, share in zip(rows, found.class_accuracy, strict=True):
        assert row.count("━") == round(whole * float(share))


def test_a_class_without_images_has_no_accuracy() -> None:
    _, rows, _ = table(evaluated(count=0), 80)
    for row in rows:
        assert row.split()[1:] == [*"·" * 10, "0.0", "%"]
