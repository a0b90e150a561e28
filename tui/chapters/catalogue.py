"""The chapters of the guide: their files, titles, order, and texts as a terminal can show them."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tui.chapters import glossary
from tui.chapters.formulas import plain

FOLDER = Path(__file__).parent / "guide"

FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
DISPLAYED = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
INLINE = re.compile(r"\$([^$\n]+)\$")
MARKS = re.compile(r"([\\*_`\[\]<>~])")
"""Characters that Markdown would take for marks."""


@dataclass(frozen=True)
class Chapter:
    """One chapter."""

    name: str
    """Its file, without the ending."""
    title: str
    """As in its first line."""


CHAPTERS = (
    Chapter("README", "Overview"),
    Chapter("1-pixels", "1. Pixels"),
    Chapter("2-convolution", "2. Convolution"),
    Chapter("3-relu-and-pooling", "3. ReLU and pooling"),
    Chapter("4-scores-and-loss", "4. Scores and loss"),
    Chapter("5-the-way-back", "5. The backward pass"),
    Chapter("6-descent", "6. Gradient descent"),
    Chapter("7-deeper", "7. Deeper networks"),
    Chapter("8-try-it", "8. Try it"),
    Chapter("9-sweeps", "9. Sweeps"),
    Chapter(glossary.NAME, "Glossary"),
)
"""All chapters in their order; titles are written here so that a list of them reads no file."""

BELONGS = {
    "configure": "2-convolution#what-it-computes",
    "train": "6-descent#a-step",
    "gradients": "5-the-way-back#how-to-check-it",
    "benchmark": "2-convolution#im2col-patches-become-rows",
    "runs": "8-try-it",
    "reproduce": "8-try-it",
    "explain": "5-the-way-back#looking-inside",
    "data": "1-pixels",
    "sweeps": "9-sweeps",
    "inspect": "4-scores-and-loss#softmax",
    "lr_finder": "6-descent#the-learning-rate",
    "start_check": "4-scores-and-loss#cross-entropy",
}
"""The chapter, and where in it, that belongs to each area of the screen."""


class GuideError(Exception):
    """A chapter cannot be read; the message is one sentence."""


def source(name: str) -> str:
    """Return the Markdown of a chapter as its file has it.

    The glossary is made of what the screen uses, so that it is never older.

    Raises:
        GuideError: if the file is missing.
    """
    if name == glossary.NAME:
        return glossary.page()
    path = FOLDER / f"{name}.md"
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise GuideError(
            f"the chapter {name} is not part of this installation "
            f"({error.strerror or error}); install Convsole again"
        ) from None


def text(name: str) -> str:
    """Return a chapter as Markdown without formulas in LaTeX, which no terminal shows.

    Raises:
        GuideError: as `source`.
    """
    parts = FENCE.split(source(name))
    # Every second part is a session, where a dollar sign is itself.
    parts[::2] = [_without_latex(part) for part in parts[::2]]
    return "".join(parts)


def _without_latex(prose: str) -> str:
    prose = DISPLAYED.sub(lambda found: f"> {_marked(found[1])}", prose)
    return INLINE.sub(lambda found: f"*{_marked(found[1])}*", prose)


def _marked(formula: str) -> str:
    return MARKS.sub(r"\\\1", plain(formula))


def chapter_of(link: str) -> tuple[str, str] | None:
    """Return the chapter and the place in it that a link leads to; None if it leads elsewhere.

    Args:
        link: as in a chapter, such as `6-descent.md#momentum`.
    """
    path, _, anchor = link.partition("#")
    name = path.removesuffix(".md")
    known = any(chapter.name == name for chapter in CHAPTERS)
    return (name, anchor) if known and (path.endswith(".md") or "/" not in path) else None


def file_of(link: str) -> str:
    """Return the path in the repository of the file that a link of a chapter leads to."""
    parts: list[str] = ["docs", "guide"]
    for part in PurePosixPath(link.partition("#")[0]).parts:
        if part == "..":
            parts = parts[:-1]
        else:
            parts.append(part)
    return "/".join(parts)
