"""Histogram of the relative errors of one tensor over a logarithmic axis."""

from math import ceil, floor

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from core.checks.compare import BINS_PER_DECADE, LOWEST, Histogram
from core.checks.report import Row
from core.format import first_fitting, short
from tui.widgets.bars import bars
from tui.widgets.row_list import DIM

DECADES = 6
"""Smallest number of decades shown, so that a narrow distribution looks narrow."""

WIDEST = 8
"""Largest width of a bar in columns."""

CAPTIONS = "log10 of the relative error", "log10 of the error", "log10"

TALL = 7
"""Rows from which the caption is shown."""

LABEL = 4
"""Columns of a decade's label, including the space before it."""


class ErrorHistogram(Widget):
    """A histogram with two bars per decade; errors of 0 have no logarithm and no bar."""

    row: reactive[Row | None] = reactive(None)
    """The result of the tensor; None for none."""

    def render(self) -> RenderResult:
        """Return bars, axis and labels, or a sentence if there is nothing to draw."""
        if self.row is None:
            return Content.styled("How the errors of a tensor are spread", DIM)
        comparison = self.row.comparison
        if not any(comparison.histogram.counts):
            same = comparison.histogram.zeros == comparison.compared > 0
            text = f"all {comparison.compared:,} entries agree to the bit"
            return Content(text if same else "no entry has a finite error other than 0")
        width, height = self.size
        captioned = height >= TALL
        lines = histogram_lines(comparison.histogram, width, height - captioned)
        across = len(lines[-2])
        caption = [first_fitting(across, *CAPTIONS).center(across)] if captioned else []
        bars = [Content.styled(line, "$text-primary") for line in lines[:-2]]
        rest = [Content(line) for line in lines[-2:]]
        return Content("\n").join([*bars, *rest, *(Content.styled(c, DIM) for c in caption)])


def histogram_lines(histogram: Histogram, width: int, height: int) -> list[str]:
    """Return the lines of a non-empty histogram: the bars, the axis and its labels."""
    low, high = span(histogram)
    counts = list(histogram.counts[_bin(low) : _bin(high)])
    margin = len(short(max(counts)))
    room = max(1, width - margin - 2)  # one column for the overhang of the last label
    if len(counts) > room:  # one bar per decade
        counts = [sum(counts[i : i + 2]) for i in range(0, len(counts), BINS_PER_DECADE)]
    bar = max(1, min(WIDEST, room // len(counts)))
    decade = bar * len(counts) // (high - low)
    rows = max(1, height - 2)
    lines = []
    for line, row in enumerate(bars(counts, rows)):
        label = short(max(counts)) if line == 0 else ""
        lines.append(f"{label:>{margin}}│" + "".join(piece * bar for piece in row))
    axis = "".join("┴" if at % decade == 0 else "─" for at in range(1, bar * len(counts) + 1))
    lines.append(f"{'0':>{margin}}└{axis}")
    lines.append(_labels(low, high, margin, decade, width))
    return [line[:width] for line in lines]


def span(histogram: Histogram) -> tuple[int, int]:
    """Return the first and the last power of ten on the axis, at least `DECADES` apart."""
    nonempty = [at for at, count in enumerate(histogram.counts) if count]
    edges = Histogram.edges()
    low, high = floor(edges[nonempty[0]]), ceil(edges[nonempty[-1] + 1])
    while high - low < DECADES:  # extended at both ends in turn, within the limits
        up = high < 0 and (low == LOWEST or (high - low) % 2 == 0)
        low, high = (low, high + 1) if up else (low - 1, high)
    return low, high


def _bin(power: int) -> int:
    return (power - LOWEST) * BINS_PER_DECADE


def _labels(low: int, high: int, margin: int, decade: int, width: int) -> str:
    """Return the powers of ten below their ticks, including the first and the last."""
    stride = ceil(LABEL / decade)
    last = str(high)
    end = margin + (high - low) * decade - len(last) // 2
    line = ""
    for power in range(low, high, stride):
        text = str(power)
        start = margin + (power - low) * decade - len(text) // 2
        if start >= len(line) and start + len(text) < end:
            line = f"{line:<{start}}{text}"
    return f"{line:<{max(0, end)}}{last}"
