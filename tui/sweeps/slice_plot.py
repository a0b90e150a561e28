"""The slice plot in the terminal: the accuracy of every trial over one setting."""

from collections.abc import Callable, Sequence
from math import isfinite

from core.format import cut, first_fitting
from core.sweeps.analysis import judged
from core.sweeps.analysis.dimensions import Dimension
from core.sweeps.analysis.snapshot import TrialRow
from tui.keymap.keys import fill
from tui.sweeps.book import OpenStudy
from tui.sweeps.captions import digit
from tui.sweeps.cells import Cells
from tui.sweeps.drawing import BEST, FAINT, LABEL, LINES, Drawing
from tui.sweeps.names import brief
from tui.widgets import axis as axes

WHOLE, CUT_SHORT = "●", "○"
"""A trial that was trained to the end, and one that was judged at an earlier rung. The best have
their digits, in parentheses where they were judged at an earlier rung."""

GUIDE = "┊"
"""Line above a value of a choice, beside which its points stand."""

LEFT = 8
"""Columns for the labels of the accuracies and the axis."""

SMALLEST = (24, 5)
"""Columns and rows below which nothing can be read."""


class SlicePlot(Drawing):
    """A point for each trial that fits, over one of the settings that vary."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._study: OpenStudy | None = None
        self.at = 0
        """Position of the setting."""

    def show_study(self, study: OpenStudy | None) -> None:
        """Show a study."""
        self._study = study
        self.show()
        self._tell()

    @property
    def dimension(self) -> Dimension | None:
        """The setting of the horizontal axis; None if nothing varies."""
        found = self._study.snapshot.dimensions if self._study is not None else ()
        return found[self.at % len(found)] if found else None

    def move(self, step: int) -> None:
        """Take the next setting."""
        if self.dimension is not None and self._study is not None:
            self.at = (self.at + step) % len(self._study.snapshot.dimensions)
            self.show()
            self._tell()

    def _tell(self) -> None:
        one = self.dimension
        name = brief(one.name) if one is not None else ""
        log = ", log scale" if one is not None and one.log else ""
        self.entitle(
            fill(f"Validation over {name}{log} ─ {{axis}} the next setting"),
            f"Validation over {name}{log}",
            name,
        )
        whole, earlier = self._signs(judged.whole), self._signs(judged.cut_short)
        forms: tuple[str, ...] = ("",)
        if whole and earlier:
            forms = (
                f"{whole} {judged.WHOLE}, {earlier} {judged.EARLIER}",
                f"{whole} {judged.WHOLE}, {earlier} not",
                f"{earlier} not to the end",
            )
        elif whole or earlier:
            forms = (f"{whole} {judged.WHOLE}" if whole else f"{earlier} {judged.EARLIER}",)
        room = self.size.width - 4
        self.border_subtitle = first_fitting(room, *forms) if self.size.width else forms[0]

    def _signs(self, of: Callable[[TrialRow], bool]) -> str:
        """Return the signs of some of the trials that are drawn: a dot, and digits of the best."""
        if self._study is None:
            return ""
        leading = self._study.leading()
        best = [row.key for row in leading]
        rows = [row for row in self._study.drawn() if of(row) and row.key not in best]
        dot = WHOLE if of is judged.whole else CUT_SHORT
        digits = [digit(slot, row) for slot, row in enumerate(leading) if of(row)]
        return " ".join([dot, *digits] if rows else digits)

    def on_resize(self) -> None:
        """Choose title and caption for the width."""
        self._tell()

    def captions(self) -> Sequence[str]:
        """Return that points are spread, which trials are not shown, and which are means."""
        study, one = self._study, self.dimension
        if study is None or one is None:
            return ()
        rows = study.drawn()
        here = [row for row in rows if row.settings.get(one.name) is not None]
        return (
            f"points of a value: {judged.SPREAD}" if one.kind == "choice" else "",
            judged.left_out(rows, one.name),
            judged.means(here),
        )

    def picture(self, width: int, height: int) -> Cells:
        """Return the axes with a sign for every trial."""
        cells = Cells(width, height)
        study, one = self._study, self.dimension
        known = [row for row in study.drawn() if row.mean is not None] if study else []
        known = [row for row in known if one and isfinite(one.place(row.settings.get(one.name)))]
        if study is None or one is None or not known:
            cells.text(1, 0, "no trial has an accuracy yet", LABEL)
            return cells
        if width < SMALLEST[0] or height < SMALLEST[1]:
            cells.text(0, 0, "too small", LABEL)
            return cells
        rows, columns = height - 2, width - LEFT - 2
        best = [100 * (row.mean or 0.0) for row in known]
        scale = axes.values(min(best), max(best), rows, "percent")
        for y in range(rows):
            cells.text(LEFT - 1, y, "│", FAINT)
        cells.text(LEFT - 1, rows, "└" + "─" * (columns + 1), FAINT)
        for tick, label in zip(scale.ticks, scale.labels, strict=True):
            y = rows - 1 - max(0, min(rows - 1, scale.cell(tick, rows)))
            cells.text(LEFT - 2 - len(label), y, label, LABEL)
            cells.text(LEFT - 1, y, "┤", FAINT)
        if one.kind == "choice":
            for place, _ in one.ticks():
                for y in range(rows):
                    cells.text(_column(one, place, columns), y, GUIDE, FAINT)
        self._label(cells, one, rows + 1, columns)
        leading = study.leading()
        keys = [row.key for row in leading]
        # The best last, so that none is hidden, and the very best above all.
        ordered = sorted(known, key=lambda row: (row.key in keys, row.mean or 0.0))
        for row in ordered:
            x = _column(one, one.place(row.settings[one.name]), columns)
            if one.kind == "choice":
                x = self._spread(x, row.number, columns, len(one.choices))
            cell = scale.cell(100 * (row.mean or 0.0), rows)
            y = rows - 1 - max(0, min(rows - 1, cell))
            if row.key in keys:
                slot = keys.index(row.key)
                sign = digit(slot, row)
                cells.text(x - len(sign) // 2, y, sign, BEST + slot)
            else:
                ended = judged.whole(row)
                cells.text(x, y, WHOLE if ended else CUT_SHORT, LINES if ended else FAINT)
        return cells

    @staticmethod
    def _spread(x: int, number: int, columns: int, choices: int) -> int:
        """Return a column near that of a choice, always the same for a trial."""
        room = max(1, columns // max(1, choices) // 5)
        return max(LEFT, min(LEFT + columns - 1, x + (number * 7919) % (2 * room + 1) - room))

    @staticmethod
    def _label(cells: Cells, one: Dimension, y: int, columns: int) -> None:
        """Write values below the axis, as many as fit."""
        ticks = one.ticks(max(2, min(7, columns // 12)))
        room = max(4, columns // len(ticks) - 1)
        for place, text in ticks:
            label = cut(text, room)
            x = _column(one, place, columns)
            start = max(LEFT - 1, min(x - len(label) // 2, LEFT + columns + 1 - len(label)))
            cells.text(start, y, label, LABEL)
            cells.text(x, y - 1, "┴", FAINT)


def _column(one: Dimension, place: float, columns: int) -> int:
    """Return the column of a place from 0 to 1; a value of a choice has a band to itself."""
    if one.kind == "choice":
        last = len(one.choices) - 1
        return LEFT + round((place * last + 0.5) / (last + 1) * (columns - 1))
    return LEFT + round(place * (columns - 1))
