"""Reads a chart off the screen, as a person does: dots, signs, ticks and their labels."""

from collections.abc import Iterator
from itertools import pairwise
from math import isclose, log10

from tui.widgets.plot import Plot, Sheet

BRAILLE = 0x2800
BITS = {(0, 0): 0, (0, 1): 1, (0, 2): 2, (1, 0): 3, (1, 1): 4, (1, 2): 5, (0, 3): 6, (1, 3): 7}
"""Of a braille character: column and row of a dot, and its bit."""

TICK_LEFT, TICKS_BELOW = "┫", "┳╋"
"""The second one where an upright line stands on the tick."""


def number(text: str) -> float:
    return float(text.replace(",", "").replace("%", ""))


class Drawn:
    """What a plot shows; positions are in cells, the middle of the first at 0.5."""

    def __init__(self, plot: Plot) -> None:
        self.left, self.inside, self.below = (
            ["".join(row) for row in plot.query_one(f"#{part}", Sheet)._buffer]
            for part in ("margin-left", "plot", "margin-bottom")
        )

    @property
    def marks(self) -> list[int]:
        """The columns of all ticks of the lower axis."""
        return [column for column, sign in enumerate(self.inside[-1]) if sign in TICKS_BELOW]

    @property
    def across(self) -> list[tuple[float, float]]:
        """Value and position of every labelled tick of the lower axis, from the left."""
        found, at, words = [], 0, [word for word in self.below[0].split() if word[0].isdigit()]
        for word in words:
            at = self.below[0].index(word, at)
            # In the middle of its label, but for the last, which ends with the frame.
            tick = at + (len(word) - 1) // 2 - len(self.left[0])
            if word is words[-1]:
                assert tick - len(word) <= self.marks[-1] <= tick + len(word + " updates"), word
                tick = self.marks[-1]
            assert tick in self.marks, f"{word} is elsewhere in {self.below[0]!r}"
            found.append((number(word), tick + 0.5))
            at += len(word)
        return found

    @property
    def up(self) -> list[tuple[float, float]]:
        """Value and position of every tick of the axis of values, from the bottom."""
        rows = enumerate(self.left)
        found = [(number(label), row + 0.5) for row, label in rows if label.strip()]
        ticks = [row + 0.5 for row, line in enumerate(self.inside) if line[0] == TICK_LEFT]
        assert [at for _, at in found] == ticks, "a label without a tick, or a tick without one"
        return found[::-1]

    def dots(self) -> Iterator[tuple[float, float]]:
        """Position of every dot of a line: column and row."""
        for row, line in enumerate(self.inside):
            for column, sign in enumerate(line):
                bits = ord(sign) - BRAILLE
                if 0 < bits < 256:
                    for (x, y), bit in BITS.items():
                        if bits >> bit & 1:
                            yield column + (x + 0.5) / 2, row + (y + 0.5) / 4

    def signs(self, sign: str) -> list[tuple[float, float]]:
        """Position of every cell with this sign, within the frame."""
        return [
            (column + 0.5, row + 0.5)
            for row, line in enumerate(self.inside[1:-1], 1)
            for column, found in enumerate(line[1:-1], 1)
            if found == sign
        ]

    def text(self) -> str:
        """All of it, for a test that fails."""
        return "\n".join([*map("".join, zip(self.left, self.inside, strict=True)), *self.below])


class Scale:
    """Where values lie, by two ticks that stand exactly where they should.

    Args:
        ticks: values and positions.
        log: whether equal factors are equally far apart.
    """

    def __init__(self, ticks: list[tuple[float, float]], log: bool) -> None:
        self._log, self.ticks = log, ticks
        self._first, self._second = ticks[0], ticks[-1 if log else 1]
        if log:  # a decade is a whole number of cells
            for tick in ticks[1:]:
                if isclose(round(log10(tick[0] / ticks[0][0])), log10(tick[0] / ticks[0][0])):
                    self._second = tick

    def __call__(self, value: float) -> float:
        """Return the position of a value."""
        (one, at), (other, there) = self._first, self._second
        if self._log:
            value, one, other = log10(value), log10(one), log10(other)
        return at + (value - one) / (other - one) * (there - at)

    def check(self) -> None:
        """Ticks are within half a cell of their values, and equal steps take equally many cells."""
        for value, at in self.ticks:
            assert abs(self(value) - at) <= 0.5 + 1e-6, f"{value:g} stands at {at}"
        steps: dict[str, set[float]] = {}
        for (one, at), (other, there) in pairwise(self.ticks):
            step = other / one if self._log and one else other - one
            steps.setdefault(f"{step:.6g}", set()).add(there - at)
        if not self._log:
            assert all(len(cells) == 1 for cells in steps.values()), steps
