"""Tests of the Data pane by keyboard and mouse, and how it looks."""

import threading
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from core.config.experiment import Experiment
from core.data import cifar10, source
from core.data.dataset import DataError, Dataset
from core.data.home import saved_models_folder
from core.data.summary import Summary
from core.seeding import Stream, generator
from tests.tui.data.made import CLASSES, DataStage, dataset, experiment, known_set, read
from tests.tui.test_app import is_png
from tests.tui.waiting import screen_text, until
from tui.app import Convsole
from tui.data.pane import DataPane
from tui.data.summary_box import SummaryBox
from tui.dialogs.prompt import LineScreen
from tui.widgets.explanation import Explanation

SIZES = [(60, 20), (80, 24), (120, 40), (200, 50)]
WIDE = (120, 40)


@pytest.fixture(autouse=True)
def made_set() -> Iterator[None]:
    with known_set():
        yield


async def test_arrows_and_pages_go_through_the_images() -> None:
    app = DataStage()
    async with app.run_test(size=WIDE) as pilot:
        await read(pilot, app)
        assert app.title_text == "Training, all classes ─ the made set, 1 to 4 of 80"
        assert app.captions == ["0 circle", "1 cross", "2 square", "3 crown"]
        assert app.under == "0 circle"
        await pilot.press("right", "down")
        assert app.under == "3 crown"
        await pilot.press("right")
        assert app.under == "4 circle"
        assert "5 to 8 of 80" in app.title_text
        await pilot.press("pagedown", "up", "left")
        assert app.under == "5 cross"
        await pilot.press("end", "pagedown")
        assert app.under == "79 crown"
        await pilot.press("right")
        await until(pilot, lambda: screen_text(app).count("▸79") == 1)
        await pilot.press("home", "pageup")
        assert app.under == "0 circle"


async def test_splits_and_classes_follow_each_other_by_key() -> None:
    app = DataStage()
    async with app.run_test(size=WIDE) as pilot:
        await read(pilot, app)
        for words in ("Validation", "Test", "Training"):
            await pilot.press("v")
            assert app.title_text.startswith(f"{words}, all classes")
        for number, name in enumerate(CLASSES, 1):
            await pilot.press("C")
            assert app.title_text == f"Training, {name} ─ the made set, 1 to 4 of 20"
            assert app.class_list.cursor == number
            assert all(name in caption for caption in app.captions)
        await pilot.press("C")
        assert app.title_text.startswith("Training, all classes")


async def test_the_list_of_classes_counts_and_chooses() -> None:
    app = DataStage()
    async with app.run_test(size=WIDE) as pilot:
        await read(pilot, app)
        found = [line.split() for line in app.lines(app.class_list)]
        assert found[0] == ["▸", "all", "classes", "80", "20", "20"]
        assert found[1:] == [[name, "20", "5", "5"] for name in CLASSES]
        await pilot.press("tab", "down", "down")
        assert app.title_text.startswith("Training, cross ─")
        await pilot.resize_terminal(80, 24)
        await pilot.press("v")
        await until(pilot, lambda: app.lines(app.class_list)[0].split()[-1] == "20")
        assert len(app.lines(app.class_list)[0].split()) == 3 + 1 - 1


@pytest.mark.parametrize(
    ("words", "title"),
    [("77", "Training, all classes"), ("squ", "Training, square"), ("", "Training, all classes")],
)
async def test_a_number_or_a_class_is_found(words: str, title: str) -> None:
    app = DataStage()
    async with app.run_test(size=WIDE) as pilot:
        await read(pilot, app)
        await pilot.press("C", "slash")
        await until(pilot, lambda: isinstance(app.screen, LineScreen))
        await pilot.press(*words, "enter")
        await until(pilot, lambda: not isinstance(app.screen, LineScreen))
        assert app.title_text.startswith(title)
        assert app.under.startswith(words if words.isdigit() else "")


async def test_what_is_not_found_is_said_where_it_was_typed() -> None:
    app = DataStage()
    async with app.run_test(size=WIDE) as pilot:
        await read(pilot, app)
        await pilot.press("slash", *"cr", "enter")
        await until(pilot, lambda: "cr may be cross or crown" in app.line)
        assert isinstance(app.screen, LineScreen)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, LineScreen))
        assert app.under == "0 circle"


async def test_copies_are_opened_walked_through_and_left() -> None:
    app = DataStage(augmentation="fresh", seed=4, flip_probability=0.5, largest_shift=3)
    async with app.run_test(size=WIDE) as pilot:
        await read(pilot, app)
        await pilot.press("right", "enter")
        assert app.title_text == "Training image 1 and its copies ─ the made set, 1 to 4 of 6"
        assert app.captions[0] == "1 cross"
        assert app.line.endswith("the training sees another copy in each of 5 epochs")
        rng = generator(4, Stream.FRESH, 0)
        flip = bool((rng.random(80) < 0.5)[1])
        dy, dx = rng.integers(-3, 3, (2, 80), endpoint=True)[:, 1]
        assert app.captions[1].startswith("epoch 0 ")
        assert ("↔" in app.captions[1]) == flip
        assert (f"{abs(dy)}" in app.captions[1].split(" ", 2)[2]) or not dy
        await pilot.press("right")
        assert "Epoch 0 sees it" in app.line
        assert ("mirrored" in app.line) == flip
        assert ("down" in app.line, "up" in app.line) == (dy > 0, dy < 0)
        assert ("right" in app.line, "left" in app.line) == (dx > 0, dx < 0)
        await pilot.press("enter")
        assert app.why == "these are the copies of one image; Esc goes back"
        await pilot.press("end")
        assert app.under.startswith("epoch 4 ")
        await pilot.press("escape")
        assert app.title_text.startswith("Training, all classes")
        assert app.under == "1 cross"


async def test_other_settings_make_other_copies_at_once() -> None:
    app = DataStage(augmentation="fresh", largest_shift=3, flip_probability=0.0)
    async with app.run_test(size=WIDE) as pilot:
        await read(pilot, app)
        await pilot.press("enter")
        before = app.captions
        app.pane.experiment = experiment(augmentation="fresh", largest_shift=16)
        await until(pilot, lambda: app.captions != before)
        app.pane.experiment = experiment()
        await until(pilot, lambda: app.title_text.startswith("Training, all classes"))


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ("enter", "augmentation is none in Configure (1), so there are no copies"),
        ("left", "this is the first picture"),
        ("end right", "this is the last picture"),
        ("v enter", "augmentation is none in Configure (1), so there are no copies"),
        ("minus", "the pictures can be no larger"),
        ("plus plus plus plus plus", "the pictures can be no smaller"),
    ],
)
async def test_a_key_that_cannot_work_says_why(keys: str, why: str) -> None:
    app = DataStage()
    async with app.run_test(size=WIDE) as pilot:
        await read(pilot, app)
        await pilot.press(*keys.split())
        await until(pilot, lambda: app.why == why)


async def test_pictures_become_smaller_and_larger() -> None:
    app = DataStage()
    async with app.run_test(size=WIDE) as pilot:
        await read(pilot, app)
        count = len(app.captions)
        await pilot.press("plus", "plus")
        assert len(app.captions) > count
        await pilot.press("minus", "minus")
        assert len(app.captions) == count


async def test_the_mouse_chooses_opens_and_turns_pages() -> None:
    app = DataStage(augmentation="fresh")
    async with app.run_test(size=WIDE) as pilot:
        await read(pilot, app)
        grid = app.sheet.grid
        there = (2 + grid.columns + grid.gap + 3, 1 + grid.rows + 1 + 2)
        await pilot.click(app.sheet, offset=there)
        assert app.under == "3 crown"
        await pilot.click(app.sheet, offset=there, times=2)
        assert app.title_text.startswith("Training image 3 and its copies")
        await pilot.press("escape")
        app.sheet.action_page(1)
        await pilot.pause()
        assert app.under == "7 crown"
        header = app.class_list.query_one("HeaderRow")
        await pilot.click(header, offset=(header.size.width - 2, 0))
        assert app.title_text.startswith("Test, all classes")


async def test_what_is_shown_is_exported() -> None:
    app = DataStage(augmentation="fresh")
    async with app.run_test(size=WIDE) as pilot:
        await read(pilot, app)
        await pilot.press("v", "C", "e")
        folder = saved_models_folder() / "reports"
        await until(pilot, lambda: is_png(folder / "made-validation-circle-from-1.png"))
        await until(pilot, lambda: len(app.exports) == 1)
        await pilot.press("v", "v", "enter", "e")
        await until(pilot, lambda: is_png(folder / "made-image-0-copies-0.png"))
        await until(pilot, lambda: len(app.exports) == 2)
        assert not any(done.failed for done in app.exports)


async def test_the_numbers_are_those_of_the_normalisation() -> None:
    app = DataStage(normalisation="channel")
    async with app.run_test(size=WIDE) as pilot:
        await read(pilot, app)
        found = Summary.of(dataset(), "channel")
        shown = screen_text(app)
        assert "32 x 32 x 3 bytes" in shown
        assert " ".join(f"{value:.1f}" for value in found.mean) in shown
        assert " ".join(f"{value:.1f}" for value in found.deviation) in shown
        app.pane.experiment = experiment(normalisation="pixel")
        per_pixel = Summary.of(dataset())
        least = f"{per_pixel.mean.min():.1f} to {per_pixel.mean.max():.1f}"
        await until(pilot, lambda: least in screen_text(app))


async def test_reading_happens_beside_the_screen_and_old_results_are_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    free, asked = threading.Event(), []

    def slow(name: str, *_: object) -> Dataset:
        asked.append(name)
        if len(asked) == 1:
            free.wait(30)
        return dataset()

    monkeypatch.setattr(source, "load", slow)
    app = DataStage()
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: asked)
        await until(pilot, lambda: "reading the made set…" in screen_text(app))
        await pilot.press("v", "C", "right", "plus", "e", "enter")
        assert app.is_running
        app.pane.experiment = experiment(validation_size=200)
        await until(pilot, lambda: len(asked) == 2)
        await read(pilot, app)
        await pilot.press("right")
        taken = app.pane.book.dataset
        free.set()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.pane.book.dataset is taken
        assert app.under == "1 cross"


async def test_why_there_are_no_images_is_one_sentence_and_f5_reads_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good = source.load

    def missing(*_: object) -> Dataset:
        raise DataError(cifar10.not_found(None))

    monkeypatch.setattr(source, "load", missing)
    app = DataStage()
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "convsole data fetch" in " ".join(screen_text(app).split()))
        await pilot.press("v", "C", "slash", "e", "enter", "right")
        assert not isinstance(app.screen, LineScreen)
        monkeypatch.setattr(source, "load", good)
        app.pane.read_again()
        await read(pilot, app)
        assert app.under == "0 circle"


async def test_the_numbers_can_be_folded_away_and_take_the_place_of_pictures() -> None:
    app = DataStage()
    async with app.run_test(size=WIDE) as pilot:
        await read(pilot, app)
        beside = app.query_one("#data-beside")
        await pilot.press("F")
        await until(pilot, lambda: not beside.display)
        await pilot.resize_terminal(60, 20)
        await pilot.press("F")
        await until(pilot, lambda: beside.display and not app.sheet.display)
        await until(pilot, lambda: app.class_list.has_focus)
        await pilot.press("F")
        await until(pilot, lambda: app.sheet.display and app.sheet.has_focus)


@pytest.mark.parametrize(
    "shape", [(28, 28, 1), (12, 40, 2), (90, 6, 1), (90, 1, 2), (1, 50, 9), (1, 1, 1)]
)
async def test_images_of_any_shape_are_shown_with_their_copies(shape: tuple[int, int, int]) -> None:
    with known_set(shape):
        app = DataStage(augmentation="fresh", largest_shift=2)
        for size in SIZES:
            async with DataStage(augmentation="fresh").run_test(size=size) as pilot:
                app = pilot.app  # type: ignore[assignment]
                await read(pilot, app)
                await pilot.press("enter", "right")
                assert app.under.startswith("epoch 0 ") or app.under.startswith("0 ")
                await pilot.press("escape", "v", "C", "pagedown")


async def test_a_class_without_images_is_told_and_no_name_reaches_the_terminal_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = dataset()
    odd = replace(made, classes=(*CLASSES, "e\x1b[2J[b]"))
    monkeypatch.setattr(source, "load", lambda *_: odd)
    app = DataStage(augmentation="fresh")
    async with app.run_test(size=WIDE) as pilot:
        await read(pilot, app)
        await pilot.press(*["C"] * 5)
        name = r"e\x1b[2J[b]"
        await until(pilot, lambda: f"no training image is of {name}" in screen_text(app))
        assert app.lines(app.class_list)[5].split() == ["▸", name, "0", "0", "0"]
        await pilot.press("enter")
        assert app.why == "there is no such image"
        await pilot.press("right", "e", "plus", "C")
        await until(pilot, lambda: app.under == "0 circle")
        await pilot.resize_terminal(200, 50)
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: len(app.captions) == 6)


async def opened(app: Convsole, pilot: Pilot[None]) -> DataPane:
    await pilot.press("8")
    await until(pilot, lambda: app.query(DataPane) and app.query_one(DataPane).is_on_screen)
    pane = app.query_one(DataPane)
    await until(pilot, lambda: pane.book.dataset is not None)
    return pane


def settings(**changes: Any) -> Experiment:
    return experiment(**changes)


async def test_the_app_shows_what_configure_has_chosen() -> None:
    app = Convsole(bell=False, experiment=settings(augmentation="fresh"))
    async with app.run_test(size=WIDE) as pilot:
        pane = await opened(app, pilot)
        assert pane.book.dataset is not None
        assert pane.book.dataset.name == "made"
        await pilot.press("enter")
        await until(pilot, lambda: pane.book.copies is not None)
        assert "8 Data" in screen_text(app).split("\n")[0]
        await pilot.press("escape", "1")
        app.take_settings(settings(dataset="synthetic", validation_size=200, batch_size=100,
                                   architecture="8x8/4/6"))  # fmt: skip
        await pilot.press("8")
        await until(pilot, lambda: pane.book.dataset and pane.book.dataset.name == "synthetic")
        assert len(pane.book.dataset.validation) == 200


async def test_a_pane_that_is_left_gives_the_images_back_and_returns_as_it_was() -> None:
    app = Convsole(bell=False, experiment=settings(augmentation="fresh"))
    async with app.run_test(size=WIDE) as pilot:
        pane = await opened(app, pilot)
        await until(pilot, lambda: pane.query_one(SummaryBox).summary is not None)
        await pilot.press("C", "right", "enter", "right")
        await until(pilot, lambda: "▸epoch 0" in screen_text(app))
        images = weakref.ref(pane.book.dataset)
        await pilot.press("2")
        await until(pilot, lambda: images() is None)
        await pilot.press("8")
        await until(pilot, lambda: "4 circle" in screen_text(app))
        assert "reading" not in screen_text(app)
        await until(pilot, lambda: pane.book.copies is not None)
        assert (pane.book.row, pane.book.label) == (4, 0)


async def test_a_missing_cifar10_is_told_with_what_to_do() -> None:
    app = Convsole(bell=False, experiment=Experiment.of({"dataset": "cifar10"}))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("8")
        await until(pilot, lambda: "✗ there is no CIFAR-10" in screen_text(app))
        await pilot.press("right")
        await until(pilot, lambda: "✗ there are no images to show" in screen_text(app))


@pytest.mark.parametrize("size", SIZES)
def test_images_look_as_they_should(snap_compare: Any, size: tuple[int, int]) -> None:
    app = DataStage()

    async def go(pilot: Pilot[None]) -> None:
        await read(pilot, app)
        await pilot.press("C", "C", "right")
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=go)


@pytest.mark.parametrize("size", SIZES[1:3])
def test_copies_look_as_they_should(snap_compare: Any, size: tuple[int, int]) -> None:
    app = DataStage(augmentation="fresh", largest_shift=9)

    async def go(pilot: Pilot[None]) -> None:
        app.theme = "textual-light"
        await read(pilot, app)
        await pilot.press("enter", "right")
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=go)


def test_sequences_look_as_they_should(snap_compare: Any) -> None:
    with known_set((60, 1, 2)):
        app = DataStage()

        async def go(pilot: Pilot[None]) -> None:
            await read(pilot, app)
            await pilot.pause()

        assert snap_compare(app, terminal_size=(80, 24), run_before=go)


async def test_without_colour_the_cursor_and_the_shown_split_are_still_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = DataStage()
    async with app.run_test(size=WIDE) as pilot:
        await read(pilot, app)
        await pilot.press("right", "tab")
        assert "▸1 cross" in screen_text(app)
        shades = {
            segment.style.color.name
            for strip in app.screen._compositor.render_strips()
            for segment in strip
            if segment.text == "▀" and segment.style and segment.style.color
        }
        assert len(shades) > 3
        assert app.query_one(Explanation).content


async def test_the_focus_stays_in_the_pane_where_its_box_is_hidden() -> None:
    app = DataStage()
    async with app.run_test(size=(100, 30)) as pilot:
        await read(pilot, app)
        await pilot.press("F", "F")  # now the numbers are wanted in any size
        app.pane._sheet.focus()
        await pilot.pause()
        for size in ((60, 20), (100, 30)):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda: app.focused is not None)
            assert app.focused is not None
            assert app.focused.size.area
