"""Tests of the glossary: complete, and the same in the help and in the guide."""

import html
import re
from pathlib import Path

from core.config.experiment import FIELDS
from core.layers.registry import kinds
from tui.chapters import glossary
from tui.chapters.glossary import GROUPS, TERMS, on_screen, page

TOP = Path(__file__).parents[3]
PLAIN = Path(__file__).with_name("plain_words.txt")
WORD = re.compile(r"[A-Za-z][A-Za-z^|/-]*[A-Za-z](?![A-Za-z^|/-]*…)")
"""A word that is not cut."""
ENTRY = re.compile(r"^- \*\*(.+?)\*\*:", re.MULTILINE)
DRAWN = re.compile(r"<text[^>]*>([^<]*)</text>")


def drawn() -> dict[str, str]:
    """Return the text of every screen that a test has a picture of, but for the guide itself."""
    pictures = (TOP / "tests").rglob("__snapshots__/**/*.svg")
    return {
        path.name: html.unescape(" ".join(DRAWN.findall(path.read_text("utf-8")))).replace(
            "\xa0", " "
        )
        for path in pictures
        if "guide" not in path.parts
    }


def test_the_chapter_in_the_documentation_is_that_of_the_app() -> None:
    """If this fails: `convsole guide glossary > docs/guide/glossary.md`."""
    path = TOP / "docs" / "guide" / f"{glossary.NAME}.md"
    assert path.read_text(encoding="utf-8") == page()


def test_the_chapter_has_every_word_layer_and_setting() -> None:
    text = page().replace("\\", "")
    for term in TERMS:
        assert f"**{term.word}**: {term.meaning}" in text
    for kind in kinds():
        assert f"**{kind}**" in text
    for setting in FIELDS:
        assert f"**{setting.label} ({setting.name}" in text
    for heading in GROUPS:
        assert f"## {heading}" in text


def test_no_word_is_explained_twice() -> None:
    words = [term.word for term in TERMS]
    assert len(words) == len(set(words))


def test_every_word_on_the_screens_is_explained_or_plain() -> None:
    """If this fails: explain the word in `tui.chapters.glossary`.

    Only a word that everybody knows belongs into plain_words.txt.
    """
    plain = set(PLAIN.read_text(encoding="utf-8").split())
    found = {word.lower(): name for name, text in drawn().items() for word in WORD.findall(text)}
    assert len(found) > 300
    heads = " ".join(ENTRY.findall(page().replace("\\", ""))).lower().split()
    explained = {word for head in heads for word in WORD.findall(head)}
    unknown = {
        word: name
        for word, name in found.items()
        if word not in plain | explained
        and not any(re.search(term.pattern, word) for term in TERMS if term.pattern)
    }
    assert unknown == {}


def test_what_is_explained_is_on_a_screen() -> None:
    """A pattern that nothing matches would explain nothing."""
    text = "\n".join(drawn().values())
    found = {term.word for term in on_screen(text)}
    missing = [term.word for term in TERMS if term.word not in found]
    assert len(missing) < len(TERMS) / 4, missing
