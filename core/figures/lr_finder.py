"""The figure of a learning-rate range test: the loss over the rate, and the suggested rates."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from core import format as fmt
from core.figures.drawing import save
from core.figures.page import (
    BLUE,
    DASH,
    GREEN,
    HEIGHT,
    INK,
    ORANGE,
    SMALL_TYPE,
    TYPE,
    WIDTH,
    dress,
    fit,
    line,
    sheet,
)
from core.training.lr_curve import RateCurve


def export(curve: RateCurve, path: Path, title: str) -> Path:
    """Write the figure as a PNG; a missing folder is created.

    Raises:
        FigureError: if it cannot be drawn or written.
    """
    [written] = save({path: lambda: figure(curve, title)})
    return written


def figure(curve: RateCurve, title: str) -> Figure:
    """Draw every loss, the smoothed loss, and vertical lines at the suggested rates."""
    fig = sheet(f"{title}: learning-rate range test", WIDTH, HEIGHT)
    axes = fig.add_subplot()
    dress(axes, "cross-entropy of the mini-batch (nats)")
    axes.set_xscale("log")
    axes.set_xlabel("learning rate (log scale)", fontsize=TYPE, color=INK)
    if not len(curve.rates):
        axes.text(0.5, 0.5, "nothing measured", transform=axes.transAxes, ha="center",
                  va="center", fontsize=TYPE, color=INK)  # fmt: skip
        axes.set(xticks=[], yticks=[])
        return fig
    line(axes, curve.rates, curve.losses, "each update", color=BLUE, alpha=0.35, linewidth=0.5)
    line(axes, curve.rates, curve.smoothed, "smoothed", color=BLUE, linewidth=1.5)
    suggestion = curve.suggestion
    if suggestion is not None:
        for name, rate, colour, style in (
            ("eta_min", suggestion.eta_min, GREEN, DASH),
            ("eta_max", suggestion.eta_max, ORANGE, "-"),
        ):
            axes.axvline(rate, color=colour, linewidth=1.2, linestyle=style,
                         label=f"{name}: {fmt.number(rate)}")  # fmt: skip
    highest = curve.ceiling
    fit(axes, [curve.smoothed[curve.smoothed < highest]], [np.minimum(curve.losses, highest)])
    fig.legend(
        loc="outside lower left", ncols=2, fontsize=SMALL_TYPE, frameon=False, labelcolor=INK,
        handlelength=2.4, handletextpad=0.6, columnspacing=1.2, labelspacing=0.35,
        borderaxespad=0.2, borderpad=0.2,
    )  # fmt: skip
    return fig
