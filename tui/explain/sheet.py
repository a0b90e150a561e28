"""All pictures of a layer at a glance, shrunk until they fit beside each other."""

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
import numpy.typing as npt

from tui.explain.grid import Values
from tui.explain.paint import Lines, Palette, coloured, signs_of
from tui.half_cells import half_cell_lines

GAP = 1
"""Cells around each picture; those around the chosen one are marked."""

LARGEST = 6
"""Largest number of screen cells along a side of a value."""


@dataclass(frozen=True)
class Sheet:
    """Where each picture stands."""

    pictures: int
    across: int
    shown: int
    """Rows of pictures that are seen."""
    top: int
    """The first of them."""
    shrink: int
    """Values along each side of a block that is drawn as one."""
    unit: int
    """Cells of the screen along each side of a drawn block."""
    rows: int
    """Cells of a picture down and across, as drawn."""
    columns: int

    @classmethod
    def of(
        cls,
        pictures: int,
        rows: int,
        columns: int,
        width: int,
        height: int,
        chosen: int,
        group: int = 1,
    ) -> "Sheet":
        """Return the layout with the largest pictures that all fit in a room.

        Where they do not fit at a cell each, the rows around the chosen one are seen.

        Args:
            pictures: number of pictures.
            rows: values of each down.
            columns: values of each across.
            width: cells of the room across.
            height: cells of the room down.
            chosen: the picture that must be seen.
            group: number of successive pictures that belong together, such as the channels of a
                filter; they stand in one row where there is room.
        """
        sizes = [(1, unit) for unit in range(LARGEST, 0, -1)]
        sizes += [(shrink, 1) for shrink in range(2, max(rows, columns) + 1)]
        for shrink, unit in sizes:
            down, across = (unit * ceil(side / shrink) for side in (rows, columns))
            fit_across = max(1, (width - GAP) // (across + GAP))
            fit_down = max(1, (height - GAP) // (down + GAP))
            if group <= fit_across:
                fit_across -= fit_across % group
            if fit_across * fit_down >= pictures and across + 2 * GAP <= width:
                break
        # As many in a row as make a block of about the shape of the room.
        wanted = sqrt(pictures * width * (down + GAP) / (height * (across + GAP)))
        step = group if group <= fit_across else 1
        row = step * max(round(wanted / step), ceil(pictures / fit_down / step), 1)
        row = min(row, fit_across, pictures)
        lines = ceil(pictures / row)
        shown = min(lines, fit_down)
        top = max(0, min(chosen // row - shown // 2, lines - shown))
        return cls(pictures, row, shown, top, shrink, unit, down, across)

    def picture(self, x: int, y: int) -> int | None:
        """Return the picture at a cell; None where there is none."""
        row, column = y // (self.rows + GAP), x // (self.columns + GAP)
        number = (self.top + row) * self.across + column
        inside = column < self.across and row < self.shown and number < self.pictures
        return number if inside else None

    def neighbour(self, chosen: int, rows: int, columns: int) -> int:
        """Return the picture some rows and columns away; `chosen` where there is none."""
        column = chosen % self.across + columns
        number = chosen + rows * self.across + columns
        return number if 0 <= column < self.across and 0 <= number < self.pictures else chosen

    def corners(self, number: int) -> tuple[int, int]:
        """Return the first row and column of a picture."""
        row, column = divmod(number - self.top * self.across, self.across)
        return row * (self.rows + GAP) + GAP, column * (self.columns + GAP) + GAP

    @property
    def seen(self) -> range:
        """The pictures that are seen."""
        first = self.top * self.across
        return range(first, min(self.pictures, first + self.shown * self.across))

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of all that is drawn."""
        return (
            self.shown * (self.rows + GAP) + GAP,
            min(self.across, self.pictures) * (self.columns + GAP) + GAP,
        )

    def laid_out(self, values: Values) -> Values:
        """Return the pictures (pictures, rows, columns) on the sheet; NaN between them."""
        sheet = np.full(self.size, np.nan)
        for number in self.seen:
            row, column = self.corners(number)
            small = shrunk(values[number], self.shrink)
            large = small.repeat(self.unit, axis=0).repeat(self.unit, axis=1)
            sheet[row : row + self.rows, column : column + self.columns] = large
        return sheet

    def frame(self, number: int) -> npt.NDArray[np.bool_]:
        """Return where the frame of a picture is drawn."""
        around = np.zeros(self.size, np.bool_)
        row, column = self.corners(number)
        around[row - GAP : row + self.rows + GAP, column - GAP : column + self.columns + GAP] = True
        around[row : row + self.rows, column : column + self.columns] = False
        return around


def shrunk(values: Values, by: int) -> Values:
    """Return a picture with each block of `by` times `by` values as that furthest from 0."""
    if by == 1:
        return values
    rows, columns = (ceil(side / by) for side in values.shape)
    padded = np.zeros((rows * by, columns * by))
    padded[: values.shape[0], : values.shape[1]] = np.nan_to_num(values)
    blocks = padded.reshape(rows, by, columns, by).swapaxes(1, 2).reshape(rows, columns, -1)
    furthest = np.abs(blocks).argmax(axis=2)[..., None]
    picked: Values = np.take_along_axis(blocks, furthest, axis=2)[..., 0]
    return picked


def in_colours(
    sheet: Sheet, values: Values, largest: float, chosen: int, palette: Palette, ground: int
) -> Lines:
    """Return the sheet in half cells.

    Args:
        sheet: the layout.
        values: all pictures (pictures, rows, columns).
        largest: size of the value with the strongest colour.
        chosen: the picture in the frame.
        palette: the colours.
        ground: grey between the pictures, 0 to 255.
    """
    laid = sheet.laid_out(values)
    pixels = coloured(laid, largest, palette)
    pixels[np.isnan(laid)] = ground
    pixels[sheet.frame(chosen)] = palette.cursor
    return half_cell_lines(pixels)


def in_signs(sheet: Sheet, values: Values, largest: float, chosen: int) -> Lines:
    """Return the sheet in shades, two columns a cell."""
    laid = sheet.laid_out(values)
    marks = np.where(sheet.frame(chosen), "++", "")
    return signs_of(laid, largest, marks)
