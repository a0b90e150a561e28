"""Tests of the chapters: which there are, how they read, where their links lead."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tui.chapters import catalogue
from tui.chapters.catalogue import BELONGS, CHAPTERS, GuideError, chapter_of, file_of, source, text
from tui.keymap.app_keys import PANES
from tui.keymap.areas import AREAS

TOP = Path(__file__).parents[3]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def headings(name: str) -> list[str]:
    """Return the anchors of a chapter, as GitHub makes them."""
    found = re.findall(r"^#+ (.*)$", text(name), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in found]


def test_all_files_of_the_guide_are_chapters() -> None:
    files = {path.stem for path in (TOP / "docs" / "guide").glob("*.md")}
    assert {chapter.name for chapter in CHAPTERS} == files


def test_titles_are_those_of_the_files() -> None:
    for chapter in CHAPTERS[1:]:
        assert source(chapter.name).splitlines()[0] == f"# {chapter.title}"


def test_every_pane_and_screen_has_a_chapter_and_a_place_in_it() -> None:
    assert set(PANES) <= set(BELONGS)
    assert set(BELONGS) == set(AREAS) - {"guide"}
    for place in BELONGS.values():
        name, _, anchor = place.partition("#")
        assert not anchor or anchor in headings(name), place


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_no_latex_is_left_and_sessions_stay_as_they_are(chapter: catalogue.Chapter) -> None:
    before, after = (catalogue.FENCE.split(each(chapter.name)) for each in (source, text))
    assert before[1::2] == after[1::2]
    prose = "".join(after[::2])
    assert "$" not in prose
    assert not re.search(r"\\[A-Za-z]", prose)


def test_links_lead_to_chapters_or_name_a_file_that_is_there() -> None:
    links = [link for chapter in CHAPTERS for link in LINK.findall(text(chapter.name))]
    chapters = [link for link in links if chapter_of(link)]
    assert len(chapters) > 10
    assert len(links) > len(chapters)
    for link in links:
        assert chapter_of(link) or (TOP / file_of(link)).exists(), link


def test_where_a_link_leads() -> None:
    assert chapter_of("6-descent.md") == ("6-descent", "")
    assert chapter_of("6-descent.md#momentum") == ("6-descent", "momentum")
    assert chapter_of("../gradients.md") is None
    assert chapter_of("https://example.org/6-descent.md") is None
    assert file_of("../../core/nn/loss.py") == "core/nn/loss.py"
    assert file_of("../gradients.md#kinks") == "docs/gradients.md"
    assert file_of("../../../../etc/passwd") == "etc/passwd"


def test_a_missing_chapter_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    with pytest.raises(GuideError, match=r"^the chapter 1-pixels is not part .* again$"):
        text("1-pixels")


def test_an_installed_package_has_every_chapter(tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
         "--disable-pip-version-check", "--no-index", "--wheel-dir", tmp_path, copied(tmp_path)],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": ""},
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        for chapter in CHAPTERS:
            packed = archive.read(f"tui/chapters/guide/{chapter.name}.md").decode()
            assert packed == (TOP / "docs" / "guide" / f"{chapter.name}.md").read_text("utf-8")


def copied(folder: Path) -> Path:
    """Copy what a wheel is made of: a build leaves files beside its sources."""
    import shutil

    place = folder / "source"
    skip = shutil.ignore_patterns("__pycache__", "pictures", "*.egg-info")
    for name in ("core", "tui", "docs"):
        shutil.copytree(TOP / name, place / name, symlinks=True, ignore=skip)
    for name in ("pyproject.toml", "convsole_start.py", "README.md", "LICENSE"):
        shutil.copy(TOP / name, place)
    return place
