"""The figures of a comparison of runs: the curves, and the table of differences."""

from collections.abc import Sequence
from math import ceil, floor, log10
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, Locator, MaxNLocator, NullLocator
from matplotlib.transforms import ScaledTranslation

from core.figures import differences
from core.figures.curve_styles import COLOURS, DASHES, MARKERS
from core.figures.drawing import save
from core.figures.page import (
    GREY,
    INK,
    SMALL_TYPE,
    TYPE,
    WIDTH,
    broken,
    fit,
    line,
    name_in_legend,
    page,
)
from core.runs import compare
from core.runs.compare import QUANTITIES, Axis, Compared, Curve, Quantity

SHORT, KEY = 22, 0.5
"""Maximum characters of names in a legend of two columns; width of a legend key in inches."""

LANE = 6.5
"""Vertical distance in points between the rows of edit markers of two runs, above the axes."""

DOT = 1.5
"""Length in points of the dots of a vertical line at an edit, and of the gaps between them, so that
the dots of another run's line fit into the gaps."""


def export(
    runs: Sequence[Compared],
    folder: Path,
    stem: str,
    quantity: Quantity,
    axis: Axis = "update",
    smoothing: float = 0.0,
    log: bool = False,
) -> list[Path]:
    """Write the curves and the table of differences as PNG.

    Args:
        runs: at least one run.
        folder: output folder; created if it is missing.
        stem: the first part of the file names.
        quantity: the quantity to draw.
        axis: the horizontal axis.
        smoothing: see `compare.curves`.
        log: whether the vertical axis is logarithmic.

    Returns:
        The two files.

    Raises:
        FigureError: if some cannot be drawn or written.
    """
    lines = compare.curves(runs, quantity, axis, smoothing)
    return save(
        {
            folder / f"{stem}.png": lambda: figure(lines, quantity, axis, smoothing, log),
            folder / f"{stem}-runs.png": lambda: differences.figure(runs),
        }
    )


def figure(
    lines: Sequence[Curve], quantity: Quantity, axis: Axis, smoothing: float, log: bool
) -> Figure:
    """Draw curves over one axis, distinguished by colour, dash and marker, and the edits of runs.

    An edit is a dotted vertical line in the colour of its run, with its marker above the axes.
    """
    words = QUANTITIES[quantity]
    percent = quantity.endswith(("accuracy", "silent"))
    unit = " (%)" if percent else " (nats)" if quantity.endswith(("loss", "_norm")) else ""
    fig, axes = page(f"{words[0].upper()}{words[1:]}", f"{words}{unit}")
    edited = [slot for slot, each in enumerate(lines) if each.edits and len(each.x)]
    names = ["\n".join(broken(fig, each.run.name, WIDTH - KEY)) for each in lines]
    rows = sum(name.count("\n") + 1 for name in names) + bool(edited)
    high = 2.7 + 0.13 * rows + LANE * len(edited) / 72
    fig.set_size_inches(fig.get_figwidth(), high)
    axes.set_xlabel({"update": "update", "epoch": "epoch", "time": "training time (s)"}[axis],
                    fontsize=TYPE, color=INK)  # fmt: skip
    if axis != "update":
        axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    shown = []
    for slot, each in enumerate(lines):
        y = 100 * each.y if percent else each.y
        shown.append(y)
        line(axes, each.x, y, str(slot), MARKERS[slot], color=COLOURS[slot], linewidth=1.1,
             dashes=DASHES[slot % len(DASHES)])  # fmt: skip
    if log:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(_Decades())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.6g}"))
        axes.yaxis.set_minor_locator(NullLocator())
    else:
        fit(axes, shown, [])
    if axes.lines:
        axes.set_xlim(left=0)
        columns = 2 if max(map(len, names)) <= SHORT else 1
        handles, slots = axes.get_legend_handles_labels()
        for lane, slot in enumerate(edited):
            _mark(axes, lines[slot].edits, slot, lane)
        if edited:
            handles.append(Line2D([], [], color=GREY, linewidth=0.9, linestyle=(0, (DOT, DOT)),
                                  label="settings of a run changed"))  # fmt: skip
        legend = fig.legend(
            handles=handles, loc="outside lower left", ncols=columns, fontsize=SMALL_TYPE,
            frameon=False, labelcolor=INK, handlelength=3, borderaxespad=0.2, borderpad=0.2,
            labelspacing=0.35,
        )  # fmt: skip
        name_in_legend(legend, [names[int(slot)] for slot in slots])
    if smoothing:
        axes.set_title(f"smoothed, weight {smoothing:g}", fontsize=SMALL_TYPE, color=GREY,
                       loc="right", pad=3 + LANE * len(edited))  # fmt: skip
    return fig


class _Decades(Locator):
    """Locates ticks of a logarithmic axis at round numbers, even within a fraction of a decade."""

    def __call__(self) -> Sequence[float]:
        """Return the ticks in the view interval of the axis."""
        assert self.axis is not None
        low, high = sorted(self.axis.get_view_interval())
        return self.tick_values(low, high)

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        """Return the ticks between two values, from the coarsest grid that has at least three."""
        ticks: list[float] = []
        if vmin > 0:
            for parts in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7)):
                decades = range(floor(log10(vmin)), ceil(log10(vmax)) + 1)
                ticks = [part * 10.0**n for n in decades for part in parts]
                ticks = [tick for tick in ticks if vmin <= tick <= vmax]
                if len(ticks) >= 3:
                    return ticks
            ticks = list(MaxNLocator(5).tick_values(vmin, vmax))
        return [tick for tick in ticks if vmin <= tick <= vmax]


def _mark(axes: Axes, edits: Sequence[float], slot: int, lane: int) -> None:
    """Draw the edits of a run; each run has its own row of markers, so that they do not overlap."""
    figure = axes.get_figure()
    assert figure is not None
    above = ScaledTranslation(0, (lane + 0.6) * LANE / 72, figure.dpi_scale_trans)
    dots = (DOT * (lane % 2), (DOT, DOT))
    for at in edits:
        axes.axvline(at, color=COLOURS[slot], linewidth=0.9, linestyle=dots, zorder=1.5)
    axes.plot(
        edits, [1.0] * len(edits), MARKERS[slot], color=COLOURS[slot], markersize=4.2,
        markeredgecolor="white", markeredgewidth=0.4, clip_on=False,
        transform=axes.get_xaxis_transform() + above,
    )  # fmt: skip
