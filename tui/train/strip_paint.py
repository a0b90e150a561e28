"""Cells of a strip: a colour each, and in the same colour a sign that tells as much without it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.content import Content

from tui.train.strip_scale import Values

Rgb = tuple[int, int, int]

ABOVE, BELOW = "·░▒▓█", "·-=≡#"
"""Signs of shares from 0 to 1, and from 0 to -1."""

OUTSIDE, CURSOR = "!", "◆"
"""Signs of a value outside of a threshold, and of the cursor."""

STEPS = 24
"""Colours between 0 and the end of the scale."""


@dataclass(frozen=True)
class Palette:
    """Colours of shares; they suit a theme, and people with any colour vision."""

    ramp: tuple[Rgb, ...]
    """From share 0 to 1, at equal distances."""
    zero: Rgb
    """Of a signed scale: 0, 1 and -1."""
    above: Rgb
    below: Rgb
    cursor: Rgb

    def colour(self, step: int, signed: bool) -> Rgb:
        """Return the colour of a share of `step` by `STEPS`."""
        share = step / STEPS
        if signed:
            return _between(self.zero, self.above if step >= 0 else self.below, abs(share))
        at = share * (len(self.ramp) - 1)
        first = min(int(at), len(self.ramp) - 2)
        return _between(self.ramp[first], self.ramp[first + 1], at - first)


# The ramp is that of cividis, by Nuñez, Anderton and Renslow 2018.
_CIVIDIS: tuple[Rgb, ...] = ((0, 34, 78), (87, 92, 109), (165, 156, 116), (254, 232, 56))
DARK = Palette(_CIVIDIS, (38, 38, 38), (86, 180, 233), (230, 120, 30), (214, 0, 110))
LIGHT = Palette(
    ((250, 240, 180), *_CIVIDIS[2:0:-1], _CIVIDIS[0]),
    (232, 232, 232), (0, 90, 160), (200, 80, 0), (214, 0, 110),
)  # fmt: skip


def line(
    shares: Values,
    outside: npt.NDArray[np.bool_],
    edges: Sequence[int],
    cursor: int | None,
    signed: bool,
    palette: Palette | None,
) -> list[Segment]:
    """Return one row of cells.

    Args:
        shares: shares of the scale (columns,), NaN for what is not a number.
        outside: which of them are marked (columns,).
        edges: where each cell begins on the screen, and where the last one ends (columns + 1,).
        cursor: the cell with the cursor; None for none.
        signed: whether the scale is a signed one.
        palette: the colours; None for the signs alone.
    """
    steps = np.rint(np.nan_to_num(shares) * STEPS).astype(int)
    # Equal neighbours are one segment: most of the time a strip changes slowly.
    alone = outside.copy()
    if cursor is not None:
        alone[cursor] = True
    begins = (np.diff(steps) != 0) | alone[1:] | alone[:-1]
    starts = [0, *(np.flatnonzero(begins) + 1).tolist(), len(steps)]
    found = []
    for first, last in pairwise(starts):
        step, wide = int(steps[first]), edges[last] - edges[first]
        colour = palette.colour(step, signed) if palette is not None else None
        shade = (BELOW if step < 0 else ABOVE)[-(-abs(step) * (len(ABOVE) - 1) // STEPS)]
        if first == cursor:
            ink = _style((255, 255, 255), palette.cursor) if palette is not None else _BOLD
            found.append(Segment(CURSOR.center(wide), ink))
            continue
        if outside[first]:
            ink = _style(_contrast(colour), colour) if colour is not None else _BOLD
            found.append(Segment(OUTSIDE, ink))
            wide -= 1
        found.append(
            Segment(shade * wide, _style(colour, colour) if colour is not None else _PLAIN)
        )
    return found


def legend(signed: bool, least: str, largest: str) -> str:
    """Return the signs between the values that they stand for."""
    return f"{least} {_signs(signed)} {largest}"


def painted(words: str, signed: bool, palette: Palette | None) -> Content:
    """Return the words of a legend with the colours of its signs."""
    content, signs = Content(words), _signs(signed)
    begin = words.find(f" {signs} ") + 1
    if palette is None or not begin:
        return content
    zero = signs.index(ABOVE)
    for place in range(len(signs)):
        step = (place - zero) * STEPS // (len(ABOVE) - 1)
        colour = "#" + bytes(palette.colour(step, signed)).hex()
        content = content.stylize(f"{colour} on {colour}", begin + place, begin + place + 1)
    return content


def _signs(signed: bool) -> str:
    return f"{BELOW[:0:-1] if signed else ''}{ABOVE}"


_PLAIN, _BOLD = Style(), Style(bold=True)


@lru_cache(maxsize=512)
def _style(ink: Rgb, ground: Rgb) -> Style:
    return Style(color=_color(ink), bgcolor=_color(ground), bold=ink != ground)


def _color(rgb: Rgb) -> Color:
    return Color.from_triplet(ColorTriplet(*rgb))


def _contrast(ground: Rgb) -> Rgb:
    """Return black or white, whichever is seen on a colour."""
    red, green, blue = ground
    return (0, 0, 0) if 0.299 * red + 0.587 * green + 0.114 * blue > 120 else (255, 255, 255)


def _between(first: Rgb, last: Rgb, share: float) -> Rgb:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, last, strict=True))
    return red, green, blue
