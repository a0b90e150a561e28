"""Tests of `convsole guide`."""

from pathlib import Path

import pytest

from tests.tui.cli.commands import refused, run
from tui.chapters import catalogue
from tui.chapters.catalogue import CHAPTERS, source


def test_it_lists_the_chapters() -> None:
    result = run("guide")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[4].split("  ")[0] == "4-scores-and-loss"
    assert len(result.stdout.splitlines()) == len(CHAPTERS)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_it_prints_a_chapter_as_it_is(chapter: catalogue.Chapter) -> None:
    assert run("guide", chapter.name).stdout == source(chapter.name)
    assert run("guide", chapter.name[:1]).stdout == source(chapter.name)


def test_an_unknown_chapter_is_one_sentence() -> None:
    assert "there is no chapter 'x'; there are README, 1-pixels" in refused(run("guide", "x"))


def test_a_missing_file_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    assert "not part of this installation" in refused(run("guide", "1"), code=1)
