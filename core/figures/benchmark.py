"""The figure of a benchmark: the times side by side, and their ratios."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from core.benchmark import tables
from core.benchmark.results import Benchmark, Timing
from core.figures.drawing import save
from core.figures.page import BLUE, GREEN, GREY, INK, ORANGE, SMALL_TYPE, TYPE, broken

WIDTH, ROW, HEAD, FOOT = 7.5, 0.52, 0.55, 0.75
"""Inches: width of a page; heights of an architecture, of the header and of the footer."""

SIDES = (
    ("floor", "bare matrix products", GREY, "...."),
    ("ours", "this network", BLUE, ""),
    ("best", "PyTorch at its best", GREEN, "////"),
    ("torch", "PyTorch as written", ORANGE, "\\\\\\\\"),
)
"""Attribute of a result, and label, colour and hatch of its bar."""


def export(benchmark: Benchmark, folder: Path) -> list[Path]:
    """Write the figure as a PNG.

    Args:
        benchmark: a benchmark with at least one architecture.
        folder: output folder; created if it is missing.

    Returns:
        The file.

    Raises:
        FigureError: if it cannot be drawn or written.
    """
    return save({folder / f"{tables.stem(benchmark)}.png": lambda: bars(benchmark)})


def bars(benchmark: Benchmark) -> Figure:
    """Draw the times of each architecture side by side, relative to PyTorch's, with their ratios.

    The architectures differ by a factor of a hundred, so each has its own scale: 1 is the time of
    PyTorch as written, or of this network if PyTorch was not measured.
    """
    cases = benchmark.cases
    shown = [side for side in SIDES if any(getattr(case, side[0]) for case in cases)]
    with_torch = any(case.torch for case in cases)
    high = HEAD + ROW * len(cases) + FOOT
    figure = Figure(figsize=(WIDTH, high))
    FigureCanvasAgg(figure)
    figure.text(0.02, 1 - 0.2 / high, "Time of one update", fontsize=TYPE + 1.5,
                fontweight="bold", color=INK, va="center")  # fmt: skip
    if benchmark.quick:
        figure.text(0.02, 1 - 0.4 / high, f"a quick look: {benchmark.updates} updates of each",
                    fontsize=SMALL_TYPE, color=INK, va="center")  # fmt: skip
    axes = figure.add_axes((0.1, FOOT / high, 0.62, 1 - (HEAD + FOOT) / high))
    longest = 1.0
    for place, (name, words, colour, hatch) in enumerate(shown):
        offset = (place - (len(shown) - 1) / 2) * 0.84 / len(shown)
        for row, case in enumerate(cases):
            timing = getattr(case, name)
            if timing is not None:
                scale = 1 / (case.torch or case.ours).median
                _bar(axes, row + offset, 0.78 / len(shown), timing, scale, colour, hatch)
                longest = max(longest, timing.high * scale, timing.median * scale)
        axes.barh([-9], [1], color=colour, hatch=hatch, edgecolor="white", linewidth=0, label=words)
    axes.set_xlim(0, longest * 1.13)
    axes.set_ylim(len(cases) - 0.5, -0.5)
    names = [tables.named(case).replace(" ", "\n") for case in cases]
    axes.set_yticks(range(len(cases)), names, parse_math=False)
    side = "PyTorch as written" if with_torch else "this network"
    wide = ", noisy where that is over a third of it" * any(case.noisy for case in cases)
    axes.set_xlabel(f"time in parts of that of {side}; median and middle half{wide}",
                    fontsize=TYPE, color=INK)  # fmt: skip
    axes.tick_params(labelsize=SMALL_TYPE + 0.5, color=GREY, labelcolor=INK, length=2.5, width=0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#DDDDDD", linewidth=0.5)
    axes.set_axisbelow(True)
    for name, spine in axes.spines.items():
        spine.set_visible(name == "bottom")
        spine.set(color=GREY, linewidth=0.6)
    _ratios(axes, benchmark)
    figure.legend(loc="upper right", bbox_to_anchor=(0.99, 1 - 0.06 / high), ncols=len(shown),
                  fontsize=SMALL_TYPE, frameon=False, labelcolor=INK, handlelength=1.4,
                  columnspacing=1.2, handletextpad=0.5)  # fmt: skip
    lines = broken(figure, tables.made_on(benchmark), 0.96 * WIDTH)
    for place, line in enumerate(reversed(lines)):
        figure.text(0.02, (0.06 + 0.13 * place) / high, line, fontsize=SMALL_TYPE - 1.2,
                    color=GREY, parse_math=False)  # fmt: skip
    return figure


def _bar(
    axes: Axes, y: float, height: float, timing: Timing, scale: float, colour: str, hatch: str
) -> None:
    axes.barh([y], [timing.median * scale], height=height, color=colour, hatch=hatch,
              edgecolor="white", linewidth=0)  # fmt: skip
    low, high = timing.low * scale, timing.high * scale
    axes.plot([low, high], [y, y], color=INK, linewidth=0.8, solid_capstyle="butt")
    text = f" {f'{timing.median:#.3g}'.rstrip('.')} ms"
    axes.text(max(high, timing.median * scale), y, text, va="center", fontsize=SMALL_TYPE - 1.5,
              color=INK)  # fmt: skip


def _ratios(axes: Axes, benchmark: Benchmark) -> None:
    """Write the ratios of the times beside the bars, in columns."""
    columns = (("x PyTorch", 1.14), ("x its best", 1.28), ("over floor", 1.42))
    place = axes.get_yaxis_transform()
    for name, x in columns:
        axes.text(x, -0.62, name, transform=place, ha="right", fontsize=SMALL_TYPE, color=GREY)
    for row, case in enumerate(benchmark.cases):
        values = (
            case.ratio.value if case.ratio else None,
            case.ratio_best.value if case.ratio_best else None,
            case.over_floor,
        )
        for value, (_, x) in zip(values, columns, strict=True):
            text = f"{value:.2f}" if value is not None else tables.NONE
            axes.text(x, row, text, transform=place, ha="right", va="center", fontsize=TYPE,
                      color=INK)  # fmt: skip
