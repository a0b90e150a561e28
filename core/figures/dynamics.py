"""Figures of loss and accuracy: with and without label smoothing, and of the best network."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from core.figures.column import legend, mark_look, nothing, sheet
from core.figures.page import BLUE, DASH, GREEN, GREY, INK, ORANGE, dress, line, over_updates
from core.reproduce.curves import Curves
from core.reproduce.plan import RECIPES_BY_NAME, experiment
from core.reproduce.results import Findings
from core.training.timeline import Timeline

SMOOTHING = {
    "final-unsmoothed": ("without", ORANGE, "s"),
    "final-smoothed": ("smoothing 0.1", BLUE, "o"),
}
"""Label, colour and marker of the recipes that are compared."""

_SPLITS = {"train": ("training", "-"), "validation": ("validation", DASH)}


def smoothing(known: Mapping[str, Curves | None], findings: Findings) -> Figure:
    """Draw loss and accuracy of the runs with and without label smoothing."""
    figure = sheet(4.1)
    loss, accuracy = _loss_and_accuracy(figure)
    for name, (words, colour, marker) in SMOOTHING.items():
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
    figure = sheet(4.1)
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
                          label=f"test, at the end: {test.mean:.1f} %")  # fmt: skip
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
    """Draw the mean over the seeds, and a band from their minimum to their maximum."""
    low, high = of.range(name)
    axes.fill_between(of.update, scale * low, scale * high, color=colour, alpha=0.2, linewidth=0)
    line(axes, of.update, scale * of.mean(name), label, marker,
         color=colour, linestyle=dashes, linewidth=1.1)  # fmt: skip


def _end(figure: Figure, loss: Axes, accuracy: Axes, findings: Findings, columns: int) -> None:
    mark_look(figure, findings)
    if not accuracy.lines:
        for axes in (loss, accuracy):
            nothing(axes)
        return
    last = float(np.max(accuracy.lines[0].get_xdata()))
    accuracy.set_xlim(0, last)
    loss.set_ylim(bottom=0)
    legend(figure, columns, accuracy.get_legend_handles_labels())
    figure.align_ylabels([loss, accuracy])
