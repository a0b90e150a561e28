"""Tests of what is shown: splits, classes, pages, numbers, and copies."""

import numpy as np
import pytest

from core.training.copies import AugmentedCopy
from tests.tui.data.made import CLASSES, dataset, experiment, known_set
from tui.data import text
from tui.data.view_model import ImageBook, Item


@pytest.fixture
def book() -> ImageBook:
    made = ImageBook()
    made.take(dataset())
    return made


def rows(book: ImageBook, size: int = 1000) -> list[int]:
    return [item.row for item in book.items(book.page(size))]


def test_every_image_of_a_split_and_class_is_listed_once(book: ImageBook) -> None:
    for name, count in (("train", 80), ("validation", 20), ("test", 20)):
        book.choose_split(name)
        book.choose_class(None)
        assert rows(book) == list(range(count))
        seen = []
        for label in range(len(CLASSES)):
            book.choose_class(label)
            found = book.items(book.page(1000))
            assert {item.name for item in found} == {CLASSES[label]}
            seen += [item.row for item in found]
        assert sorted(seen) == list(range(count))


def test_an_item_shows_the_image_of_its_row(book: ImageBook) -> None:
    book.choose_class(2)
    for item in book.items(book.page(7)):
        assert item.image[0, 0, 0] == item.row
    book.choose_split("validation")
    assert [item.image[0, 0, 0] - item.row for item in book.items(book.page(3))] == [80] * 3


def test_a_page_has_the_cursor_and_the_last_is_shorter(book: ImageBook) -> None:
    assert book.page(12) == range(12)
    book.move(12)
    assert (book.cursor, book.page(12)) == (12, range(12, 24))
    book.move(10**9)
    assert (book.cursor, book.page(12)) == (79, range(72, 80))
    book.move(-(10**9))
    assert book.cursor == 0


def test_the_cursor_stays_on_its_image_when_the_class_is_shown(book: ImageBook) -> None:
    book.move(42)
    book.next_class()
    assert book.row == 0, "it is of another class"
    book.choose_class(None)
    book.move(42)
    book.choose_class(2)
    assert book.row == 42
    book.choose_class(None)
    assert book.row == 42


def test_the_next_class_after_the_last_is_all_and_splits_go_round(book: ImageBook) -> None:
    seen = []
    for _ in range(len(CLASSES) + 1):
        book.next_class()
        seen.append(book.class_words)
    assert seen == [*CLASSES, "all classes"]
    splits = []
    for _ in range(3):
        book.next_split()
        splits.append(book.split)
    assert splits == ["validation", "test", "train"]


def test_a_number_is_found_and_a_class_that_hides_it_is_left(book: ImageBook) -> None:
    book.find("41")
    assert (book.row, book.label) == (41, None)
    book.choose_class(0)
    book.find(" 44 ")
    assert (book.row, book.label) == (44, 0)
    book.find("45")
    assert (book.row, book.label) == (45, None)


def test_a_class_is_found_by_the_beginning_of_its_name(book: ImageBook) -> None:
    for words, label in (("square", 2), ("SQ", 2), ("crow", 3), ("cross", 1), ("", None)):
        assert book.reason(words) is None
        book.find(words)
        assert book.label == label


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("80", "the training images have the numbers 0 to 79"),
        (30 * "9", "the training images have the numbers 0 to 79"),
        ("cr", "cr may be cross or crown"),
        ("dog", "no class is named dog; write a number, or the beginning of a name"),
        ("-1", "no class is named -1; write a number, or the beginning of a name"),
        ("²", "no class is named ²; write a number, or the beginning of a name"),
    ],
    ids=["above", "huge", "several", "none", "negative", "no digit"],
)
def test_what_is_not_found_is_told_and_changes_nothing(
    book: ImageBook, words: str, reason: str
) -> None:
    book.move(5)
    assert book.reason(words) == reason
    book.find(words)
    assert (book.row, book.label) == (5, None)


def test_without_a_data_set_there_is_nothing() -> None:
    book = ImageBook()
    assert (len(book), book.row, book.items(book.page(5))) == (0, None, [])
    assert book.reason("1") == "there are no images"
    book.next_class()
    book.next_split()
    book.move(1)
    assert book.cursor == 0


def test_other_images_are_shown_at_the_same_place(book: ImageBook) -> None:
    book.choose_class(1)
    book.move(3)
    row = book.row
    book.take(None)
    book.take(dataset())
    assert (book.row, book.label) == (row, 1)


@pytest.mark.parametrize("augmentation", ["fresh", "offline"])
def test_copies_follow_their_image_page_by_page(book: ImageBook, augmentation: str) -> None:
    with known_set():
        settings = experiment(augmentation=augmentation, copies=400, max_updates=20)
    book.move(7)
    book.open_copies(settings)
    assert len(book) == 6
    first, second = book.items(range(4)), book.items(range(4, 6))
    assert first[0].original
    assert first[0].copy is None
    copies = [item.copy for item in (*first[1:], *second)]
    numbers = [copy.number for copy in copies if copy is not None]
    assert len(numbers) == 5
    if augmentation == "fresh":
        assert numbers == [0, 1, 2, 3, 4]
    assert {item.row for item in (*first, *second)} == {7}
    for item in first:
        assert item.image.shape == (32, 32, 3)
    book.move(3)
    book.close_copies()
    assert (book.cursor, len(book)) == (7, 80)


def test_only_training_images_have_copies_and_only_with_augmentation(book: ImageBook) -> None:
    with known_set():
        none, fresh = experiment(), experiment(augmentation="fresh")
    assert "none in Configure" in book.copies_refusal(none)
    book.open_copies(none)
    assert book.copies is None
    assert book.copies_refusal(fresh) == ""
    book.choose_split("test")
    assert book.copies_refusal(fresh) == "only training images are augmented"


@pytest.mark.parametrize(
    ("flip", "dy", "dx", "signs", "words"),
    [
        (False, 0, 0, "=", "as it is"),
        (True, 0, 0, "↔", "mirrored"),
        (False, 2, 0, "↓2", "moved 2 down"),
        (True, -1, 3, "↔ ↑1 →3", "mirrored, then moved 1 up and 3 right"),
        (False, 0, -16, "←16", "moved 16 left"),
    ],
)
def test_what_was_done_to_a_copy_stands_below_it(
    flip: bool, dy: int, dx: int, signs: str, words: str
) -> None:
    image = np.zeros((8, 8, 3), np.uint8)
    item = Item(image, 5, "cross", AugmentedCopy(12, flip, dy, dx, image))
    assert text.caption(item, "fresh", 30) == f"epoch 12 {signs}"
    assert text.caption(item, "offline", 30) == f"copy 12 {signs}"
    assert text.caption(item, "offline", 4) == f"12 {signs}"
    assert item.copy is not None
    assert text.done_to(item.copy) == words
    assert text.lines(item, "fresh") == ["epoch 12", *words.split(", then ")]
