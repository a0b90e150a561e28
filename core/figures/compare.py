"""Several runs in one figure."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from core.figures.page import DPI, GREY, INK, SMALL_TYPE, TYPE, fit, line, page
from core.runs import compare
from core.runs.compare import QUANTITIES, Axis, Compared, Line, Quantity

COLOURS = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00",
    "#56B4E9", "#222222", "#8C7AE6", "#7A5C3E", "#6E6E6E",
)  # fmt: skip
"""From the palette of Okabe and Ito, and three more."""
MARKERS = "osD^vP*Xdh"
DASHES = ((), (4, 1.5), (1, 1), (5, 1, 1, 1), (8, 2))


def export(
    runs: Sequence[Compared],
    folder: Path,
    quantity: Quantity,
    axis: Axis = "update",
    smoothing: float = 0.0,
    log: bool = False,
) -> list[Path]:
    """Write the curves as PNG and CSV, the table as CSV, and everything as JSON.

    Args:
        runs: one at least.
        folder: where to; made where it is missing.
        quantity: what is drawn.
        axis: over what.
        smoothing: see `compare.curves`.
        log: whether the values stand on a logarithmic axis.

    Returns:
        The four files.

    Raises:
        OSError: if they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"compare-{datetime.now():%Y-%m-%dT%H-%M-%S}"
    lines = compare.curves(runs, quantity, axis, smoothing)
    files = [folder / f"{stem}{ending}" for ending in (".png", "-curves.csv", "-runs.csv", ".json")]
    figure(lines, quantity, axis, smoothing, log).savefig(files[0], dpi=DPI)
    files[1].write_text(compare.curves_csv(lines, axis, quantity), encoding="utf-8")
    files[2].write_text(compare.table_csv([each.run for each in runs]), encoding="utf-8")
    files[3].write_text(compare.as_json(runs), encoding="utf-8")
    return files


def figure(
    lines: Sequence[Line], quantity: Quantity, axis: Axis, smoothing: float, log: bool
) -> Figure:
    """Draw curves over one axis, told apart by colour, dash and marker."""
    words = QUANTITIES[quantity]
    percent = quantity.endswith("accuracy")
    unit = " (%)" if percent else " (nats)" if quantity.endswith("loss") else ""
    made, axes = page(f"{words[0].upper()}{words[1:]}", f"{words}{unit}")
    made.set_size_inches(made.get_figwidth(), 2.7 + 0.13 * len(lines))
    axes.set_xlabel({"update": "update", "epoch": "epoch", "time": "training time (s)"}[axis],
                    fontsize=TYPE, color=INK)  # fmt: skip
    if axis != "update":
        axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    shown = []
    for slot, each in enumerate(lines):
        y = 100 * each.y if percent else each.y
        shown.append(y)
        line(axes, each.x, y, each.run.name, MARKERS[slot], color=COLOURS[slot], linewidth=1.1,
             dashes=DASHES[slot % len(DASHES)])  # fmt: skip
    if log:
        axes.set_yscale("log")
    else:
        fit(axes, shown, [])
    if axes.lines:
        axes.set_xlim(left=0)
        made.legend(
            loc="outside lower left", ncols=2, fontsize=SMALL_TYPE, frameon=False, labelcolor=INK,
            handlelength=3, borderaxespad=0.2, borderpad=0.2, labelspacing=0.35,
        )  # fmt: skip
    if smoothing:
        axes.set_title(f"smoothed, weight {smoothing:g}", fontsize=SMALL_TYPE, color=GREY,
                       loc="right", pad=3)  # fmt: skip
    return made
