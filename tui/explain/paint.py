"""Values as coloured cells, and as signs where there are no colours."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rich.segment import Segment
from rich.style import Style

from core.data.dataset import Images
from tui.explain.grid import Values
from tui.half_cells import half_cell_lines

Rgb = tuple[int, int, int]

PLAIN = Style()

Lines = list[list[Segment]]
"""Lines of a picture, as a widget draws them."""

SHADES = " ░▒▓█"
"""Signs for sizes, from 0 to the largest."""


@dataclass(frozen=True)
class Palette:
    """Colours of signed values."""

    zero: Rgb
    above: Rgb
    below: Rgb
    cursor: Rgb


# Zero differs from the ground of its theme, so that one sees where a picture ends.
DARK = Palette((46, 46, 46), (86, 180, 233), (230, 120, 30), (255, 255, 0))
LIGHT = Palette((250, 250, 250), (0, 90, 160), (200, 80, 0), (220, 0, 120))


@dataclass(frozen=True)
class View:
    """The part of a picture that is shown, and its size on the screen."""

    top: int
    left: int
    rows: int
    """Cells shown, down and across."""
    columns: int
    unit: int
    """Columns of the screen, and half rows, for a cell."""

    @classmethod
    def of(
        cls, rows: int, columns: int, width: int, height: int, at: tuple[int, int], wide: int = 1
    ) -> "View":
        """Return the view of a picture in a room, with a cell in it.

        Args:
            rows: cells of the picture down.
            columns: cells across.
            width: columns of the room.
            height: rows of the room; two cells fit in one where `wide` is 1.
            at: the cell that must be seen.
            wide: smallest number of columns for a cell; 2 for signs, which are as high as wide.
        """
        half = 2 * height // wide
        unit = 1 if wide > 1 else max(1, min(width // columns, half // rows, 12))
        fit_down, fit_across = max(1, half // unit), max(1, width // (unit * wide))
        shown_down, shown_across = min(rows, fit_down), min(columns, fit_across)
        top = max(0, min(at[0] - shown_down // 2, rows - shown_down))
        left = max(0, min(at[1] - shown_across // 2, columns - shown_across))
        return cls(top, left, shown_down, shown_across, unit)

    def cell(self, x: int, y: int, wide: int = 1) -> tuple[int, int]:
        """Return the cell under a position of the screen."""
        down = y if wide == 2 else 2 * y
        return self.top + down // self.unit, self.left + x // (self.unit * wide)


def coloured(values: Values, largest: float, palette: Palette) -> npt.NDArray[np.uint8]:
    """Return signed values as colours (H, W, 3): the further from 0, the stronger."""
    share = np.nan_to_num(np.clip(values / (largest or 1.0), -1, 1))
    # Small values would be all but invisible on a linear scale.
    strength = np.sqrt(np.abs(share))[..., None]
    zero, above, below = (np.array(c, float) for c in (palette.zero, palette.above, palette.below))
    colours = zero + strength * (np.where(share[..., None] >= 0, above, below) - zero)
    pixels: npt.NDArray[np.uint8] = np.rint(colours).astype(np.uint8)
    return pixels


def cells(
    pixels: npt.NDArray[np.uint8], view: View, cursor: tuple[int, int] | None, palette: Palette
) -> Lines:
    """Return the view of a picture (H, W, 3) in half cells, with the cursor."""
    shown = pixels[view.top : view.top + view.rows, view.left : view.left + view.columns].copy()
    if cursor is not None:
        shown[cursor[0] - view.top, cursor[1] - view.left] = palette.cursor
    return half_cell_lines(shown.repeat(view.unit, axis=0).repeat(view.unit, axis=1))


def signs(values: Values, largest: float, view: View, cursor: tuple[int, int] | None) -> Lines:
    """Return the view of signed values in shades, two columns a cell, with - for those below 0."""
    marks = np.full(values.shape, "", "<U2")
    if cursor is not None:
        marks[cursor] = "<>"
    part = np.s_[view.top : view.top + view.rows, view.left : view.left + view.columns]
    return signs_of(values[part], largest, marks[part])


def signs_of(values: Values, largest: float, marks: npt.NDArray[np.str_]) -> Lines:
    """Return signed values in shades, two columns a cell.

    Args:
        values: (H, W); NaN is blank.
        largest: size of the value with the densest shade.
        marks: what stands in a cell instead of its value (H, W); "" for its value.
    """
    levels = len(SHADES) - 1
    sizes = np.nan_to_num(np.clip(np.abs(values) / (largest or 1.0), 0, 1))
    shades = np.array(list(SHADES))[np.ceil(sizes * levels).astype(int)]
    ends = np.where(values < 0, "-", shades)
    cells = np.where(marks != "", marks, np.char.add(shades, ends))
    # A filter for terminals without colours takes no segment without a style.
    return [[Segment("".join(row), PLAIN)] for row in cells.tolist()]


def dimmed(
    pixels: Images, window: npt.NDArray[np.bool_], palette: Palette
) -> npt.NDArray[np.uint8]:
    """Return a picture with what lies outside of a window half way to the colour of 0."""
    half = pixels // 2 + np.array(palette.zero, np.uint8) // 2
    return np.where(window[..., None], pixels, half).astype(np.uint8)
