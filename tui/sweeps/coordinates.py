"""Parallel coordinates in the terminal: an axis for each setting, and a line for each trial."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from textual.message import Message

from core import format as fmt
from core.format import cut
from core.sweeps.analysis import judged
from core.sweeps.analysis.dimensions import Dimension
from core.sweeps.analysis.places import ACCURACY, accuracy_scale
from core.sweeps.analysis.snapshot import Snapshot
from tui.keymap.keys import fill
from tui.sweeps.book import OpenStudy
from tui.sweeps.brush import choices_of
from tui.sweeps.captions import bracketed, digit
from tui.sweeps.cells import ACROSS, DOWN, Cells, Mask, strokes, thinned
from tui.sweeps.drawing import BEST, CHOSEN, FAINT, LABEL, LINES, PLAIN, Drawing
from tui.sweeps.names import brief

ROOM = 9
"""Columns from one axis to the next, at least; with less, only some axes are shown."""

BESIDE = 4
"""Columns left of the first axis and right of the last one."""

AROUND = 3
"""Rows for names, and for the values at the ends of the axes."""

DASHED = 8
"""Dots of a dash and a gap, in the lines of the best that were judged at an earlier rung."""

OTHERS = "grey: the other trials"

AXIS, BRUSHED = "│", "┃"

FORMS = (
    "Parallel coordinates ─ {left} {right} axis, {raise_low} {lower_high} narrow, "
    "{lower_low} {raise_high} widen, {reset} whole",
    "Coordinates ─ {left} {right} axis, {raise_low} {lower_high} narrow, {reset} whole",
    "Coordinates ─ {raise_low} {lower_high} narrow",
    "Coordinates",
)


class Coordinates(Drawing):
    """All trials of a study across its axes; those that fit are strong, the best in colour."""

    class Brushed(Message):
        """A brush has changed."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._study: OpenStudy | None = None
        self.axis = 0
        """Position of the chosen axis."""

    def show_study(self, study: OpenStudy | None) -> None:
        """Show a study."""
        self._study = study
        if study is not None:
            self.axis = min(self.axis, len(study.axes) - 1)
        self.show()
        self.entitle(*map(fill, FORMS))
        self._tell()

    def move(self, step: int) -> None:
        """Choose another axis."""
        if self._study is not None:
            self.axis = max(0, min(len(self._study.axes) - 1, self.axis + step))
            self.show()
            self._tell()

    def brush(self, end: str, direction: int) -> None:
        """Move one end of the range of the chosen axis."""
        study = self._study
        if study is None:
            return
        name = study.axes[self.axis]
        choices = choices_of(_dimension(study.snapshot, name))
        study.brushes = study.brushes.moved(
            name, "low" if end == "low" else "high", direction, choices
        )
        self.post_message(self.Brushed())

    def whole(self, every: bool) -> None:
        """Take the brush off the chosen axis, or off all."""
        if self._study is not None:
            for name in self._study.axes if every else [self._study.axes[self.axis]]:
                self._study.brushes = self._study.brushes.without(name)
            self.post_message(self.Brushed())

    def _tell(self) -> None:
        """Write the chosen axis and its range on the border."""
        study = self._study
        if study is None:
            self.border_subtitle = ""
            return
        name = study.axes[self.axis]
        low, high = study.brushes.of(name)
        text = f"{brief(name)}: {_value(study.snapshot, name, low)}"
        text += f" to {_value(study.snapshot, name, high)}"
        shown = sum(study.fits())
        count = f"{shown:,} of {len(study.trials):,}"
        self.border_subtitle = cut(f"{text}, {count}", 56)

    # Drawing

    def captions(self) -> Sequence[str]:
        """Return what the lines are, of what there is."""
        study = self._study
        if study is None or not study.snapshot.rows:
            return ()
        leading, rows = study.leading(), study.trials
        earlier, others = bracketed(leading), len(rows) > len(leading)
        grey = "grey: others that fit, faint: those that do not" if study.narrowed else OTHERS
        if any(map(judged.cut_short, rows)):
            grey += ", each at its last rung"
        names = [one.name for one in study.snapshot.dimensions]
        gaps = any(row.settings.get(name) is None for row in rows for name in names)
        return (
            f"{' '.join(earlier)}, dashed: {judged.EARLIER}" if earlier else "",
            grey if others else "",
            judged.GAP if gaps else "",
            judged.NO_ACCURACY if any(row.mean is None for row in rows) else "",
            judged.means(study.drawn()),
        )

    def picture(self, width: int, height: int) -> Cells:
        """Return the axes with the lines of all trials."""
        cells = Cells(width, height)
        study = self._study
        if study is None or not study.snapshot.rows:
            cells.text(1, 0, "no trial yet", LABEL)
            return cells
        rows = height - AROUND
        if rows < 2 or width < 2 * ROOM:
            cells.text(0, 0, "too small", LABEL)
            return cells
        shown = self._visible(width)
        at = _positions(len(shown), width)
        self._draw_lines(cells, study, shown, at, rows)
        for position, axis in zip(at, shown, strict=True):
            self._draw_axis(cells, study, axis, position, rows, at)
        self._draw_digits(cells, study, shown, at, rows)
        return cells

    def _visible(self, width: int) -> list[int]:
        """Return the axes that fit, around the chosen one, and always the accuracy."""
        assert self._study is not None
        count = len(self._study.axes)
        most = max(2, (width - 2 * BESIDE) // ROOM + 1)
        if count <= most:
            return list(range(count))
        first = max(0, min(self.axis - (most - 1) // 2, count - most))
        return [*range(first, first + most - 1), count - 1]

    def _draw_lines(
        self, cells: Cells, study: OpenStudy, shown: Sequence[int], at: Sequence[int], rows: int
    ) -> None:
        fits = np.array(study.fits(), bool)
        keys = [row.key for row in study.trials]
        leading = [keys.index(row.key) for row in study.leading()]
        strong = fits.copy()
        strong[leading] = False
        layers = [(np.flatnonzero(~fits), FAINT), (np.flatnonzero(strong), LINES)]
        if not study.narrowed:
            layers = [(np.flatnonzero(strong), FAINT)]
        layers += [
            (np.array([index]), BEST + slot) for slot, index in reversed(list(enumerate(leading)))
        ]
        earlier = {BEST + slot for slot, row in enumerate(study.leading()) if judged.cut_short(row)}
        for trials, style in layers:
            if len(trials):
                mask = self._mask(cells, study, trials, shown, at, rows)
                if style in earlier:
                    mask[:, np.arange(mask.shape[1]) % DASHED >= DASHED // 2] = False
                cells.dots(mask, style)

    @staticmethod
    def _mask(
        cells: Cells,
        study: OpenStudy,
        trials: npt.NDArray[np.intp],
        shown: Sequence[int],
        at: Sequence[int],
        rows: int,
    ) -> Mask:
        mask = np.zeros((cells.height * DOWN, cells.width * ACROSS), bool)
        heights = 1 - study.places[trials][:, list(shown)]
        top, bottom = 2 * DOWN, (2 + rows) * DOWN
        for gap in range(len(shown) - 1):
            left, right = heights[:, gap], heights[:, gap + 1]
            known = np.isfinite(left) & np.isfinite(right)
            begin, end = at[gap] * ACROSS + 1, at[gap + 1] * ACROSS + 1
            if known.any():
                counts = strokes(left[known], right[known], end - begin, rows * DOWN)
                mask[top:bottom, begin:end] |= thinned(counts)
        return mask

    def _draw_axis(
        self,
        cells: Cells,
        study: OpenStudy,
        axis: int,
        x: int,
        rows: int,
        at: Sequence[int],
    ) -> None:
        name = study.axes[axis]
        chosen = axis == self.axis
        style = CHOSEN if chosen else LABEL
        low, high = study.brushes.of(name)
        brushed = name in study.brushes.ranges
        for row in range(rows):
            place = 1 - row / max(1, rows - 1)
            inside = brushed and low - 0.5 / rows <= place <= high + 0.5 / rows
            cells.text(x, 2 + row, BRUSHED if inside else AXIS, CHOSEN if inside else style)
        room = min((b - a for a, b in pairwise(at)), default=cells.width) - 1
        title = brief(name, max(1, room - (2 if chosen else 0)))
        _centred(cells, x, 0, f"▸{title}◂" if chosen else title, style)
        for y, place in ((1, 1.0), (rows + 2, 0.0)):
            _centred(cells, x, y, cut(_value(study.snapshot, name, place), room), style)

    @staticmethod
    def _draw_digits(
        cells: Cells, study: OpenStudy, shown: Sequence[int], at: Sequence[int], rows: int
    ) -> None:
        """Write the digit of each of the best on its line, each in columns of its own."""
        leading = study.leading()
        keys = [row.key for row in study.trials]
        for slot in range(len(leading) - 1, -1, -1):
            heights = 1 - study.places[keys.index(leading[slot].key)][list(shown)]
            for gap in range(len(shown) - 1):
                left, right = heights[gap], heights[gap + 1]
                if not (np.isfinite(left) and np.isfinite(right)):
                    continue
                wide = at[gap + 1] - at[gap]
                x = at[gap] + 1 + round((slot + 0.5) * (wide - 2) / len(leading))
                share = (x + 0.5 - at[gap]) / wide
                y = round((left + (right - left) * share) * (rows * DOWN - 1)) // DOWN
                sign = digit(slot, leading[slot])
                begin = max(at[gap] + 1, x - len(sign) // 2)
                cells.text(min(begin, at[gap + 1] - len(sign)), 2 + y, sign, BEST + slot)


def _positions(count: int, width: int) -> list[int]:
    """Return the columns of the axes."""
    if count == 1:
        return [width // 2]
    across = width - 1 - 2 * BESIDE
    return [BESIDE + round(at * across / (count - 1)) for at in range(count)]


def _centred(cells: Cells, x: int, y: int, text: str, style: int) -> None:
    """Write a text around a column, but within the drawing."""
    start = max(0, min(x - len(text) // 2, cells.width - len(text)))
    cells.text(start, y, text, style if style != PLAIN else LABEL)


def _dimension(snapshot: Snapshot, name: str) -> Dimension | None:
    return next((one for one in snapshot.dimensions if one.name == name), None)


def _value(snapshot: Snapshot, name: str, place: float) -> str:
    """Return the value at a place of an axis as text."""
    if name == ACCURACY:
        low, high = accuracy_scale(snapshot)
        return fmt.percent(low + place * (high - low))
    one = _dimension(snapshot, name)
    return str(one.at(place)) if one is not None else ""
