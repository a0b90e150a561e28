"""Tests of the words that the help explains."""

import pytest

from core.config import presets
from tests.tui.waiting import screen_text, until
from tui.app import Convsole
from tui.chapters.glossary import on_screen
from tui.dialogs.help import HelpScreen

SMALL = presets.load("arch-2").changed(dataset="synthetic")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1 conv 4x4, 10 filters, /4   8x8x10", ["/2, /4 …", "filters"]),
        ("2 conv 3x3, 16 filters, +1", ["+1, +2 …", "filters"]),
        ("arch-2  4x4/10/50  4,000 updates", ["4x4/10/50", "update"]),
        ("12.50 M multiply-adds an image", ["mult-adds"]),
        (
            "tensor max rel norm-wise flips v^T J u",
            ["tensor", "norm-wise", "largest rel", "flips", "v^T J u"],
        ),
        ("floor x torch x best /floor", ["its best", "GEMM floor", "x PyTorch"]),
        ("schedule cosine", []),
        ("3 of 7 · 10.5 %", []),
    ],
)
def test_only_words_that_are_on_the_screen_are_explained(text: str, words: list[str]) -> None:
    assert [term.word for term in on_screen(text)] == words


async def test_the_help_explains_the_words_behind_it() -> None:
    app = Convsole(bell=False, experiment=SMALL)
    async with app.run_test(size=(120, 60)) as pilot:
        await until(pilot, lambda: "arch-1" in screen_text(app))
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("end")
        await until(pilot, lambda: "numbers that are learned" in screen_text(app))
        assert "norm-wise" not in screen_text(app)
