"""The importance of the settings of a study: a bar for each, with its interval."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from core.figures.page import BLUE, INK, SMALL_TYPE, TYPE, WIDTH, dress, sheet
from core.sweeps.analysis.importance import Importance
from core.sweeps.analysis.labels import label

ROW = 0.2
"""Inches for a bar."""


def figure(shares: Sequence[Importance], title: str) -> Figure:
    """Draw the part of the differences between trials that each setting explains.

    Args:
        shares: the settings with their intervals, at least one, in any order.
        title: title of the figure.
    """
    found = sorted(shares, key=lambda share: share.value)
    drawn = sheet(title, WIDTH, 0.85 + ROW * len(found))
    axes = drawn.add_subplot()
    dress(axes, "")
    values = [100 * share.value for share in found]
    apart = (
        [100 * max(0.0, share.value - share.low) for share in found],
        [100 * max(0.0, share.high - share.value) for share in found],
    )
    axes.barh(
        range(len(found)), values, height=0.62, color=BLUE, alpha=0.75, xerr=apart,
        error_kw={"ecolor": INK, "elinewidth": 0.9, "capsize": 2.5, "capthick": 0.9},
    )  # fmt: skip
    axes.set_yticks(range(len(found)), [label(share.name) for share in found], parse_math=False)
    axes.tick_params(axis="y", length=0, labelsize=SMALL_TYPE, labelcolor=INK)
    axes.set_ylim(-0.6, len(found) - 0.4)
    axes.set_xlim(0, max(1.0, *(100 * share.high for share in found)) * 1.04)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.set_xlabel("part of the differences explained (%)", fontsize=TYPE, color=INK)
    axes.grid(visible=False, axis="y")
    return drawn
