"""Bar chart of the accuracies and training times of the architectures, published and measured."""

from collections.abc import Collection
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from core.benchmark.cases import PUBLISHED, PUBLISHED_ARCHITECTURES
from core.benchmark.results import CaseResult
from core.figures.column import legend, mark_look, nothing, sheet
from core.figures.page import BLUE, GREEN, INK, ORANGE, SMALL_TYPE, TYPE, dress
from core.reproduce import tables
from core.reproduce.published import ACCURACIES, PARTS
from core.reproduce.results import Findings

PART_LOOKS = {"train": (BLUE, ""), "validation": (ORANGE, "////"), "test": (GREEN, "....")}
SIDE_LOOKS = {"ours": ("NumPy", BLUE, ""), "torch": ("PyTorch", ORANGE, "////")}


def architectures(findings: Findings) -> Figure:
    """Draw the accuracies, and below them the training times, as grouped bars."""
    figure = sheet(4.3)
    halves: Any = figure.subfigures(2, 1, height_ratios=(1.15, 1))
    above, below = halves
    axes = above.add_subplot()
    dress(axes, "accuracy (%)")
    _accuracy_bars(axes, findings)
    handles, labels = axes.get_legend_handles_labels()
    order = [labels.index(words) for words in (*PARTS.values(), "published")]
    legend(above, 4, ([handles[place] for place in order], [labels[place] for place in order]))
    left, right = below.subplots(1, 2)
    _time_bars(
        left,
        "published",
        {name: {"ours": was.numpy, "torch": was.torch} for name, was in PUBLISHED.items()},
    )
    cases = findings.timing.cases if findings.timing else ()
    noisy = {case.arch for case in cases if case.noisy}
    title = "measured here" + ", ~ noisy" * bool(noisy)
    _time_bars(right, title, {case.arch: _seconds(case) for case in cases}, noisy)
    left.set_ylabel("training time (s)", fontsize=TYPE, color=INK)
    for axes in (left, right):
        axes.set_xlabel("architecture", fontsize=TYPE, color=INK)
    legend(below, 2, left.get_legend_handles_labels())
    mark_look(figure, findings)
    return figure


def _accuracy_bars(axes: Axes, findings: Findings) -> None:
    wide = 0.8 / len(PARTS)
    for place, (part, words) in enumerate(PARTS.items()):
        colour, hatch = PART_LOOKS[part]
        at = [group + (place - 1) * wide for group in range(len(ACCURACIES))]
        rows = [findings.row(name, part) for name in ACCURACIES]
        heights = [row.measured.mean if row.measured else 0.0 for row in rows]
        spreads = [(row.measured.spread if row.measured else None) or 0.0 for row in rows]
        axes.bar(at, heights, wide * 0.94, color=colour, hatch=hatch, edgecolor="white",
                 linewidth=0, label=words)  # fmt: skip
        shown = [index for index, spread in enumerate(spreads) if spread]
        if shown:
            axes.errorbar([at[i] for i in shown], [heights[i] for i in shown],
                          [spreads[i] for i in shown], fmt="none", ecolor=INK, elinewidth=0.7,
                          capsize=1.6, capthick=0.7, zorder=4)  # fmt: skip
        axes.hlines([row.published for row in rows], [x - wide * 0.47 for x in at],
                    [x + wide * 0.47 for x in at], color="black", linewidth=1.2, zorder=3,
                    label="published" if place == 2 else "_")  # fmt: skip
    axes.set_xticks(range(len(ACCURACIES)), list(ACCURACIES))
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="x", visible=False)
    axes.set_ylim(0, 100)


def _time_bars(
    axes: Axes, title: str, seconds: dict[str, dict[str, float]], noisy: Collection[str] = ()
) -> None:
    dress(axes, "")
    axes.set_title(title, fontsize=SMALL_TYPE, color=INK, pad=4)
    names = [name for name in PUBLISHED_ARCHITECTURES if name in seconds]
    wide = 0.8 / len(SIDE_LOOKS)
    for place, (side, (words, colour, hatch)) in enumerate(SIDE_LOOKS.items()):
        bars = [(x, seconds[name][side]) for x, name in enumerate(names) if side in seconds[name]]
        axes.bar([x + (place - 0.5) * wide for x, _ in bars], [y for _, y in bars], wide * 0.94,
                 color=colour, hatch=hatch, edgecolor="white", linewidth=0,
                 label=words)  # fmt: skip
    axes.set_xticks(
        range(len(names)), [name.removeprefix("arch-") + "~" * (name in noisy) for name in names]
    )
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="x", visible=False)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    if not names:
        nothing(axes)


def _seconds(case: CaseResult) -> dict[str, float]:
    return {side: tables.seconds(case, side) for side in SIDE_LOOKS if getattr(case, side)}
