"""Tests of the legend below the curves of trials."""

import numpy as np
from textual.content import Content

from tui.sweeps.curves import named
from tui.widgets.digits import DIGITS
from tui.widgets.picture import Curve

REST = [Content("· · run"), Content("│ rung")]


def best(count: int, first: int = 0) -> list[Curve]:
    return [
        Curve(f"trial {number}", np.zeros(1), np.zeros(1), "training", str(number), "#ff0000", sign)
        for number, sign in enumerate(DIGITS[:count], first)
    ]


def test_the_legend_names_every_trial_where_there_is_room() -> None:
    line = named(best(3, 17), REST, 74).plain
    assert line == "1 trial 17   2 trial 18   3 trial 19   · · run   │ rung"


def test_ten_trials_fit_80_columns() -> None:
    line = named(best(10, 120), REST, 74).plain
    assert line.startswith("1:120 2:121 ")
    assert line.endswith("0:129 · · run │ rung")


def test_what_does_not_fit_is_counted() -> None:
    line = named(best(10, 1200), REST, 54).plain
    assert len(line) <= 54
    assert line == "1:1200 2:1201 3:1202 4:1203 5:1204 +5 · · run │ rung"
    assert len(named(best(10), REST, 9).plain) <= 9
    assert named([], REST, 40).plain == "· · run   │ rung"
