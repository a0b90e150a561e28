"""The published figures, drawn anew from a study, and the report that holds them.

Each is as wide as a column of a paper and is written as PNG, SVG and PDF.
"""

import io
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure, FigureBase
from matplotlib.ticker import MaxNLocator

from core.benchmark.cases import PUBLISHED, PUBLISHED_ARCHITECTURES
from core.benchmark.results import CaseResult
from core.figures.page import (
    BLUE,
    DASH,
    DPI,
    GREEN,
    GREY,
    INK,
    ORANGE,
    SMALL_TYPE,
    TYPE,
    dress,
    line,
    over_updates,
)
from core.reproduce import curves, html, report, tables
from core.reproduce.claims import judge
from core.reproduce.curves import Curves
from core.reproduce.plan import RECIPES_BY_NAME, experiment
from core.reproduce.published import ACCURACIES, PARTS
from core.reproduce.report import Picture
from core.reproduce.results import Findings
from core.runs.store import Store
from core.training.timeline import Timeline

WIDTH = 3.4
"""Inches: a column of a paper."""

ENDINGS = ("png", "svg", "pdf")

SETTINGS: dict[Any, Any] = {"svg.hashsalt": "convsole", "pdf.fonttype": 42, "hatch.linewidth": 0.5}
"""The same figure gives the same file, and its type stays type."""

PART_LOOKS = {"train": (BLUE, ""), "validation": (ORANGE, "////"), "test": (GREEN, "....")}
SIDE_LOOKS = {"ours": ("NumPy", BLUE, ""), "torch": ("PyTorch", ORANGE, "////")}


def export(findings: Findings, store: Store, folder: Path) -> list[Path]:
    """Write the report as Markdown and HTML, and every figure of it.

    Args:
        findings: whatever there is of a study.
        store: where its runs are.
        folder: where to; made where it is missing.

    Returns:
        The files, the page first.

    Raises:
        OSError: if they cannot be written.
        StoreError: if the runs cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known = {name: curves.read(findings, name, store) for name in ("final", *_SMOOTHING)}
    drawn = (
        (
            "architectures",
            "Accuracies and training times of the architectures",
            "Bars: measured, with the standard deviation over the seeds; black marks: published. "
            "Below, seconds of training as published (on other machines) and as measured here.",
            architectures(findings),
        ),
        (
            "smoothing",
            "Training with and without label smoothing",
            "The network and schedule of final without any other regulariser. Means over the "
            "seeds, with their range; loss is the plain cross-entropy.",
            dynamics({name: known[name] for name in _SMOOTHING}, findings),
        ),
        (
            "best",
            "Loss and accuracy of the best network",
            "final, trained by the long recipe: means over the seeds, with their range. Dotted "
            "lines: ends of cycles.",
            best(known["final"], findings),
        ),
    )
    files, pictures = [], []
    for stem, title, caption, figure in drawn:
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # everything is at its place now, whatever the format
        made = {ending: rendered(figure, ending) for ending in ENDINGS}
        for ending, content in made.items():
            path = folder / f"{stem}.{ending}"
            path.write_bytes(content)
            files.append(path)
        pictures.append(Picture(stem, title, caption, made["svg"]))
    judged = judge(findings)
    pages = [folder / "report.html", folder / "report.md"]
    pages[0].write_text(html.page(findings, judged, pictures), encoding="utf-8")
    pages[1].write_text(report.markdown(findings, judged, pictures), encoding="utf-8")
    return [*pages, *files]


def rendered(figure: Figure, ending: str) -> bytes:
    """Return a figure as the content of a file."""
    out = io.BytesIO()
    undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(ending)
    with mpl.rc_context(SETTINGS):
        figure.savefig(out, format=ending, dpi=DPI, metadata=undated)
    return out.getvalue()


# Accuracies and times


def architectures(findings: Findings) -> Figure:
    """Draw the accuracies, and below them the training times, as grouped bars."""
    figure = _sheet(4.3)
    halves: Any = figure.subfigures(2, 1, height_ratios=(1.15, 1))
    above, below = halves
    axes = above.add_subplot()
    dress(axes, "accuracy (%)")
    _accuracy_bars(axes, findings)
    handles, labels = axes.get_legend_handles_labels()
    order = [labels.index(words) for words in (*PARTS.values(), "published")]
    _legend(above, 4, ([handles[place] for place in order], [labels[place] for place in order]))
    left, right = below.subplots(1, 2, width_ratios=(4, 7))
    _time_bars(
        left,
        "published",
        {name: {"ours": was.numpy, "torch": was.torch} for name, was in PUBLISHED.items()},
    )
    found = findings.timing.cases if findings.timing else ()
    _time_bars(right, "measured here", {case.arch: _seconds(case) for case in found})
    left.set_ylabel("training time (s)", fontsize=TYPE, color=INK)
    for axes in (left, right):
        axes.set_xlabel("architecture", fontsize=TYPE, color=INK)
    _legend(below, 2, left.get_legend_handles_labels())
    _mark_look(figure, findings)
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


def _time_bars(axes: Axes, title: str, seconds: dict[str, dict[str, float]]) -> None:
    dress(axes, "")
    axes.set_title(title, fontsize=SMALL_TYPE, color=INK, pad=4)
    names = [name for name in PUBLISHED_ARCHITECTURES if name in seconds]
    wide = 0.8 / len(SIDE_LOOKS)
    for place, (side, (words, colour, hatch)) in enumerate(SIDE_LOOKS.items()):
        bars = [(x, seconds[name][side]) for x, name in enumerate(names) if side in seconds[name]]
        axes.bar([x + (place - 0.5) * wide for x, _ in bars], [y for _, y in bars], wide * 0.94,
                 color=colour, hatch=hatch, edgecolor="white", linewidth=0,
                 label=words)  # fmt: skip
    axes.set_xticks(range(len(names)), [name.removeprefix("arch-") for name in names])
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="x", visible=False)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    if not names:
        _nothing(axes)


def _seconds(case: CaseResult) -> dict[str, float]:
    return {side: tables.seconds(case, side) for side in SIDE_LOOKS if getattr(case, side)}


# Curves

_SMOOTHING = {
    "final-unsmoothed": ("without", ORANGE, "s"),
    "final-smoothed": ("smoothing 0.1", BLUE, "o"),
}
_SPLITS = {"train": ("training", "-"), "validation": ("validation", DASH)}


def dynamics(known: dict[str, Curves | None], findings: Findings) -> Figure:
    """Draw loss and accuracy of the runs with and without label smoothing."""
    figure = _sheet(4.1)
    loss, accuracy = _loss_and_accuracy(figure)
    for name, (words, colour, marker) in _SMOOTHING.items():
        found = known[name]
        if found is None:
            continue
        for split, (of, dashes) in _SPLITS.items():
            label = f"{of}, {words}"
            for axes, what, scale in ((loss, "loss", 1), (accuracy, "accuracy", 100)):
                _band(axes, found, f"{split}_{what}", scale, label, marker, colour, dashes)
    _end(figure, loss, accuracy, findings, 2)
    return figure


def best(found: Curves | None, findings: Findings) -> Figure:
    """Draw loss and accuracy of the best network, with its test accuracy at the end."""
    figure = _sheet(4.1)
    loss, accuracy = _loss_and_accuracy(figure)
    if found is not None:
        looks = ((BLUE, "s"), (ORANGE, "o"))
        for (split, (words, dashes)), (colour, marker) in zip(_SPLITS.items(), looks, strict=True):
            for axes, what, scale in ((loss, "loss", 1), (accuracy, "accuracy", 100)):
                _band(axes, found, f"{split}_{what}", scale, words, marker, colour, dashes)
        test = findings.accuracy("final", "test")
        assert test is not None
        accuracy.errorbar([found.update[-1]], [test.mean], [test.spread or 0.0], fmt="D",
                          color=GREEN, ecolor=INK, elinewidth=0.7, capsize=1.6, markersize=4,
                          markeredgecolor="white", markeredgewidth=0.5, zorder=4, clip_on=False,
                          label=f"test, at the end: {test.mean:.1f}%")  # fmt: skip
        of = experiment(RECIPES_BY_NAME["final"], 0, findings.settings.quick, findings.dataset)
        for axes in (loss, accuracy):
            for end in Timeline(of).schedule.boundaries[1:-1]:
                axes.axvline(end, color=GREY, linewidth=0.7, linestyle=(0, (1, 1.5)), zorder=1.5)
    _end(figure, loss, accuracy, findings, 3)
    return figure


def _loss_and_accuracy(figure: Figure) -> tuple[Axes, Axes]:
    loss, accuracy = figure.subplots(2, 1, sharex=True)
    dress(loss, "cross-entropy (nats)")
    dress(accuracy, "accuracy (%)")
    over_updates(accuracy)
    return loss, accuracy


def _band(
    axes: Axes,
    of: Curves,
    name: str,
    scale: float,
    label: str,
    marker: str,
    colour: str,
    dashes: object,
) -> None:
    """Draw the mean over the seeds, and a band from the least to the greatest."""
    low, high = of.range(name)
    axes.fill_between(of.update, scale * low, scale * high, color=colour, alpha=0.2, linewidth=0)
    line(axes, of.update, scale * of.mean(name), label, marker,
         color=colour, linestyle=dashes, linewidth=1.1)  # fmt: skip


def _end(figure: Figure, loss: Axes, accuracy: Axes, findings: Findings, columns: int) -> None:
    _mark_look(figure, findings)
    if not accuracy.lines:
        for axes in (loss, accuracy):
            _nothing(axes)
        return
    last = float(np.max(accuracy.lines[0].get_xdata()))
    accuracy.set_xlim(0, last)
    loss.set_ylim(bottom=0)
    _legend(figure, columns, accuracy.get_legend_handles_labels())
    figure.align_ylabels([loss, accuracy])


# Around


def _sheet(height: float) -> Figure:
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _legend(place: FigureBase, columns: int, signs: tuple[list[Any], list[str]]) -> None:
    """Explain the signs under the axes, where no bar and no curve ever is."""
    place.legend(
        *signs, loc="outside lower center", ncols=columns, fontsize=SMALL_TYPE, frameon=False,
        labelcolor=INK, handlelength=2.0, handletextpad=0.5, columnspacing=1.2, labelspacing=0.35,
        borderaxespad=0.2, borderpad=0.2,
    )  # fmt: skip


def _mark_look(figure: Figure, findings: Findings) -> None:
    if findings.settings.quick:
        figure.suptitle("quick look: reproduces nothing", x=0.99, ha="right",
                        fontsize=SMALL_TYPE, color=GREY)  # fmt: skip


def _nothing(axes: Axes) -> None:
    axes.text(0.5, 0.5, "nothing yet", transform=axes.transAxes, ha="center", va="center",
              fontsize=TYPE, color=GREY)  # fmt: skip
    axes.set(xticks=[], yticks=[])
