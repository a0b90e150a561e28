"""Numbers, sizes and paths as text, the same on the screen and in the shell.

The forms keep their width while the numbers change.
"""

from math import isfinite
from pathlib import Path

from core.paths import expanded
from core.text_out import visible

NONE = "…"
"""Stands for a number that is not there yet."""


def loss(value: float) -> str:
    """Return a loss with three decimals, or in powers of ten where it is huge."""
    if not isfinite(value):
        return NONE
    return f"{value:.3f}" if abs(value) < 1000 else f"{value:.3g}"


def percent(fraction: float) -> str:
    """Return a fraction in percent."""
    return f"{100 * fraction:.1f} %" if isfinite(fraction) else NONE


def rate(value: float) -> str:
    """Return a learning rate."""
    if not isfinite(value):
        return NONE
    return f"{value:.4f}" if value >= 1e-3 else f"{value:.1e}".replace("e-0", "e-")


def speed(value: float, what: str) -> str:
    """Return so many of something per second, nothing where that is not known."""
    if not isfinite(value):
        return ""
    return f"{value:,.0f} {what}/s" if value >= 9.95 else f"{value:.1f} {what}/s"


def duration(seconds: float) -> str:
    """Return a time in whole seconds, with minutes and hours where there are any."""
    if not isfinite(seconds):
        return NONE
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} m {rest:02} s"
    return f"{minutes // 60} h {minutes % 60:02} m"


def place(path: Path) -> str:
    """Return a path as it is shown, short for the home folder."""
    home = expanded(Path("~"))
    return visible(f"~/{path.relative_to(home)}" if path.is_relative_to(home) else path)


def folded(text: str, width: int) -> str:
    """Return text whose paths end a line behind a slash where they are longer than `width`.

    Who wraps the lines afterwards would else cut a path anywhere, and a file name with it.
    """
    return " ".join(_pieces(word, max(1, width)) for word in text.split(" "))


def _pieces(word: str, width: int) -> str:
    pieces = []
    while len(word) > width and (cut := word.rfind("/", 0, width) + 1):
        pieces.append(word[:cut])
        word = word[cut:]
    return "\n".join([*pieces, word])


def millions(number: int) -> str:
    """Return a count in millions, with the digits that say something."""
    value = number / 1e6
    if value >= 1000:
        return f"{value / 1000:,.2f} G"
    return f"{value:.2f} M" if value < 100 else f"{value:.0f} M"


def short(number: int) -> str:
    """Return a count in at most six characters."""
    if number < 100_000:
        return f"{number:,}"
    for unit, size in (("k", 1e3), ("M", 1e6), ("G", 1e9)):
        value = number / size
        if value < 999.5:
            return f"{value:.3g} {unit}"
    return f"{number / 1e12:.3g} T"


def size(count: int) -> str:
    """Return a number of bytes."""
    return f"{count / 1e9:.1f} GB" if count >= 999.5e6 else f"{count / 1e6:.0f} MB"


def shape(sides: tuple[int, ...], by: str = " x ") -> str:
    """Return a shape."""
    return by.join(map(str, sides))


def cut(text: str, width: int) -> str:
    """Return `text`, at most `width` characters of it; an ellipsis stands for what is missing."""
    return text if len(text) <= width else f"{text[: max(0, width - 1)]}…"


def first_fitting(width: int, *texts: str) -> str:
    """Return the first of `texts` that is at most `width` long, else the last."""
    return next((text for text in texts if len(text) <= width), texts[-1])
