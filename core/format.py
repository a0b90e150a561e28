"""Formatting of numbers, sizes and paths, for the app and the command line.

The width of a formatted number changes little while the number does.
"""

from math import isfinite
from pathlib import Path

from core.paths import expanded
from core.text_out import visible

NONE = "…"
"""Placeholder for a number that is not available yet."""


def loss(value: float) -> str:
    """Return a loss with three decimals, or three significant digits if it is huge."""
    if not isfinite(value):
        return NONE
    return f"{value:.3f}" if abs(value) < 1000 else f"{value:.3g}"


def percent(fraction: float, digits: int = 1) -> str:
    """Return a fraction in per cent."""
    return f"{100 * fraction:.{digits}f} %" if isfinite(fraction) else NONE


def rate(value: float) -> str:
    """Return a learning rate."""
    if not isfinite(value):
        return NONE
    return f"{value:.4f}" if value >= 1e-3 else _plain_exponent(f"{value:.1e}")


def number(value: float, digits: int = 6) -> str:
    """Return a number with so many significant digits, such as 0.05 or 1e-5."""
    return _plain_exponent(f"{value:.{digits}g}")


def _plain_exponent(text: str) -> str:
    return text.replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")


def speed(value: float, what: str) -> str:
    """Return a rate of `what` per second, or "" if it is unknown."""
    if not isfinite(value):
        return ""
    return f"{value:,.0f} {what}/s" if value >= 9.95 else f"{value:.1f} {what}/s"


def duration(seconds: float) -> str:
    """Return a duration in seconds, in minutes and seconds, or in hours and minutes."""
    if not isfinite(seconds):
        return NONE
    rounded = round(seconds)
    if rounded < 60:
        return f"{rounded} s"
    minutes, rest = divmod(rounded, 60)
    if minutes < 60:
        return f"{minutes} m {rest:02} s"
    return f"{minutes // 60} h {minutes % 60:02} m"


def counted(number: int, what: str) -> str:
    """Return a number of things, such as `1 trial` and `2 trials`."""
    return f"{number:,} {what}" + "s" * (number != 1)


def place(path: Path) -> str:
    """Return a path for display, with `~` for the home folder."""
    home = expanded(Path("~"))
    return visible(f"~/{path.relative_to(home)}" if path.is_relative_to(home) else path)


def folded(text: str, width: int) -> str:
    """Break paths longer than `width` into lines, after slashes.

    Otherwise, later wrapping could break a path anywhere, also within a file name.
    """
    return " ".join(_pieces(word, max(1, width)) for word in text.split(" "))


def _pieces(word: str, width: int) -> str:
    pieces = []
    while len(word) > width and (cut := word.rfind("/", 0, width) + 1):
        pieces.append(word[:cut])
        word = word[cut:]
    return "\n".join([*pieces, word])


def millions(number: int) -> str:
    """Return a count in millions, or in billions from 1000 millions on."""
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
    """Return a number of bytes in kB, MB or GB."""
    if count < 999.5e3:
        return f"{count / 1e3:.0f} kB"
    return f"{count / 1e9:.1f} GB" if count >= 999.5e6 else f"{count / 1e6:.0f} MB"


def shape(sides: tuple[int, ...], by: str = " x ") -> str:
    """Return a shape, such as `32 x 32 x 3`."""
    return by.join(map(str, sides))


def cut(text: str, width: int) -> str:
    """Truncate `text` to `width` characters, with an ellipsis at the end."""
    return text if len(text) <= width else f"{text[: max(0, width - 1)]}…"


def first_fitting(width: int, *texts: str) -> str:
    """Return the first of `texts` with at most `width` characters, else the last."""
    return next((text for text in texts if len(text) <= width), texts[-1])
