"""What the documents say: their sessions print what they show, their links lead somewhere."""

import doctest
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

TOP = Path(__file__).parents[2]
CHAPTERS = sorted((TOP / "docs" / "guide").glob("[0-9]-*.md"))
PAGES = [
    *(path for path in TOP.glob("*.md")),
    *sorted((TOP / "docs").rglob("*.md")),
]
SESSION = re.compile(r"^```pycon\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
CHECKS = re.compile(r"`(test_\w+)`")


def sessions(text: str) -> list[str]:
    return SESSION.findall(text)


def complaints(chapters: list[tuple[str, str]]) -> str:
    """Run all sessions one after another, as one person would; return what differs."""
    scope: dict[str, Any] = {}
    said: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    with np.printoptions():  # a session may set its own
        for name, text in chapters:
            for number, session in enumerate(sessions(text), 1):
                test = doctest.DocTestParser().get_doctest(
                    session, scope, f"{name}, session {number}", name, 0
                )
                test.globs = scope
                runner.run(test, out=said.append, clear_globs=False)
    return "".join(said)


def test_every_session_prints_what_it_shows() -> None:
    chapters = [(path.name, path.read_text(encoding="utf-8")) for path in CHAPTERS]
    assert len(CHAPTERS) == 9
    assert sum(len(sessions(text)) for _, text in chapters) > 20
    assert complaints(chapters) == ""


def test_a_session_that_has_grown_old_is_noticed() -> None:
    good = "```pycon\n>>> 1 + 1\n2\n```\n"
    assert complaints([("a", good)]) == ""
    assert "Got:\n    2" in complaints([("a", good), ("b", good.replace("\n2\n", "\n3\n"))])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TOP)))
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in LINK.findall(text):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{target} in {page.name}"


def test_pages_link_to_each_other() -> None:
    found = [page for page in PAGES if LINK.findall(page.read_text(encoding="utf-8"))]
    assert len(found) > 10


def test_the_tests_that_the_guide_names_are_there() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in (TOP / "tests").rglob("test_*.py"))
    named = {name for path in CHAPTERS for name in CHECKS.findall(path.read_text(encoding="utf-8"))}
    assert len(named) > 25
    assert [name for name in sorted(named) if f"def {name}(" not in tests] == []
