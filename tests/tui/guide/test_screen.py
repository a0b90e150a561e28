"""Tests of the guide in the app."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Markdown

from core.config import presets
from tests.tui.waiting import screen_text, until
from tui.app import PANES, Convsole
from tui.chapters import catalogue
from tui.chapters.catalogue import BELONGS, CHAPTERS
from tui.frame.palette import Palette
from tui.guide.contents import Contents
from tui.guide.screen import ChapterText, GuideScreen
from tui.keymap import keys
from tui.lr_finder.screen import RangeScreen

SMALL = presets.load("arch-2").changed(dataset="synthetic", architecture="8x8/4/6", shards=1)
SIZES = [(60, 20), (80, 24), (120, 40), (200, 50)]


def app_of() -> Convsole:
    return Convsole(bell=False, experiment=SMALL)


def shown(app: Convsole) -> str:
    """Name of the chapter on the screen."""
    return app.screen._shown if isinstance(app.screen, GuideScreen) else ""


async def opened(pilot: Pilot[None], app: Convsole, key: str = "f1") -> None:
    await pilot.press(key)
    await until(pilot, lambda: isinstance(app.screen, GuideScreen))
    await until(pilot, lambda: bool(app.screen.query(Markdown).first().children))


@pytest.mark.parametrize("pane", PANES)
async def test_a_key_leads_from_every_pane_to_its_chapter(pane: str) -> None:
    app = app_of()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(str(list(PANES).index(pane) + 1))
        await until(pilot, lambda: app.pane == pane)
        await opened(pilot, app)
        assert shown(app) == BELONGS[pane].partition("#")[0]
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, GuideScreen))
        assert app.pane == pane


async def test_a_screen_above_the_panes_has_a_chapter_of_its_own() -> None:
    app = app_of()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("f")
        await until(pilot, lambda: isinstance(app.screen, RangeScreen))
        await opened(pilot, app, "G")
        assert shown(app) == "6-descent"
        await until(pilot, lambda: "The learning rate" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RangeScreen))
        app.runner.end()


async def test_the_chapter_opens_at_its_place_and_without_latex() -> None:
    app = app_of()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("3")
        await opened(pilot, app)
        await until(pilot, lambda: app.screen.query_one(ChapterText).scroll_y > 0)
        await until(pilot, lambda: "∂L/∂w ≈ (L(w + h) - L(w - h)) / (2h)" in screen_text(app))
        await pilot.press("home")
        await until(pilot, lambda: "∂L/∂z_k = p_k - t_k" in screen_text(app))


async def test_all_chapters_by_keyboard() -> None:
    app = app_of()
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        for chapter in CHAPTERS[3:]:
            await pilot.press("right")
            await until(pilot, lambda name=chapter.name: shown(app) == name)
        await pilot.press("right")
        await until(pilot, lambda: "✗ this is the last chapter" in screen_text(app))
        await pilot.press("f1", "home", "enter")
        await until(pilot, lambda: shown(app) == "README")
        await until(pilot, lambda: isinstance(app.focused, ChapterText))
        await pilot.press("left")
        await until(pilot, lambda: "✗ this is the first chapter" in screen_text(app))


async def test_where_it_is_narrow_the_chapters_take_the_place_of_the_text() -> None:
    app = app_of()
    async with app.run_test(size=(60, 20)) as pilot:
        await opened(pilot, app)
        assert not app.screen.query_one(Contents).display
        await pilot.press("f1")
        await until(pilot, lambda: "▸ 2. Convolution" in screen_text(app))
        assert not app.screen.query_one(ChapterText).display
        await pilot.press("f1")
        await until(pilot, lambda: not app.screen.query_one(Contents).display)
        await pilot.press("down", "pagedown")
        await until(pilot, lambda: app.screen.query_one(ChapterText).scroll_y > 10)


async def test_links_between_chapters_lead_there_and_others_say_where_they_lead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    app = app_of()
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        monkeypatch.setattr(app, "notify", lambda text, **_: said.append(text))
        document = app.screen.query_one(Markdown)

        async def follow(link: str) -> None:
            document.post_message(Markdown.LinkClicked(document, link))
            await pilot.pause()

        await follow("../../core/nn/loss.py")
        await follow("../../docs/nowhere.md")
        await follow("https://example.org/")
        await until(pilot, lambda: len(said) == 3)
        assert said[0].startswith("core/nn/loss.py lies in ")
        assert said[1].startswith("docs/nowhere.md is not part of this installation")
        assert "example.org" in said[2]
        assert shown(app) == "2-convolution"
        await follow("6-descent.md#momentum")
        await until(pilot, lambda: shown(app) == "6-descent")
        await until(pilot, lambda: "Nesterov" in screen_text(app))


async def test_the_palette_has_every_chapter() -> None:
    app = app_of()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        titles = [command.title for command in app.get_system_commands(app.screen)]
        for chapter in CHAPTERS:
            assert f"Guide: {chapter.title}" in titles
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, Palette))
        await pilot.press(*"Glossary")
        await until(pilot, lambda: "A chapter of the guide" in screen_text(app))
        await pilot.press("enter", "enter")
        await until(pilot, lambda: shown(app) == "glossary")
        await until(pilot, lambda: "stride" in screen_text(app))


async def test_another_key_opens_it() -> None:
    keys.use({"guide": ("f9",)})
    app = app_of()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "f9")


async def test_a_chapter_that_is_missing_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    app = app_of()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: "✗ the chapter 2-convolution is not part" in screen_text(app))


@pytest.mark.parametrize("size", SIZES)
def test_it_looks_as_it_should(snap_compare: Any, size: tuple[int, int]) -> None:
    app = app_of()

    async def show(pilot: Pilot[None]) -> None:
        await opened(pilot, app)
        await until(pilot, lambda: "What it computes" in screen_text(app))
        await until(pilot, lambda: app.screen.query_one(ChapterText).scroll_y > 0)
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=show)


def test_it_looks_as_it_should_in_the_light(snap_compare: Any) -> None:
    app = app_of()

    async def show(pilot: Pilot[None]) -> None:
        await pilot.press("ctrl+t")
        await opened(pilot, app)
        await until(pilot, lambda: app.screen.query_one(ChapterText).scroll_y > 0)
        await pilot.press("home")
        await pilot.pause()

    assert snap_compare(app, terminal_size=(80, 24), run_before=show)
