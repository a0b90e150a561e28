"""The confusion matrix as a table of shaded cells."""

from collections.abc import Sequence

import numpy as np
from textual.content import Content

from core import format as fmt
from core.predictions.evaluation import Evaluation
from tui.widgets.row_list import DIM

CELLS = (4, 11)
"""Smallest and largest width of a cell in columns, one of them blank."""

NAMES = (5, 11)
"""Smallest and largest width of the name before a row in columns."""

SHARE, BAR = 9, 14
"""Width of an accuracy and of its bar in columns."""


def lines(found: Evaluation, width: int) -> Content:
    """Return the confusion matrix in per cent of each true class, with accuracies and bars."""
    counts, classes = found.confusion, found.classes
    parts = counts / counts.sum(axis=1, keepdims=True).clip(1)
    room = width - SHARE
    first = min(max(room - len(classes) * CELLS[0], NAMES[0]), NAMES[1])
    widths = _widths(classes, room - first)
    # In the narrowest cells three letters say more than two and an ellipsis.
    short = [
        name[:3] if wide == CELLS[0] else fmt.cut(name, wide - 1)
        for name, wide in zip(classes, widths, strict=True)
    ]
    heads = "".join(f"{name:>{wide}}" for name, wide in zip(short, widths, strict=True))
    bar_room = max(0, room - first - sum(widths) - 1)
    corner = "is ↓  as →" if first == NAMES[1] else "↓ as→"
    rows = [Content.styled(f"{corner:<{first}}{heads} {'accuracy':>{SHARE - 1}}", DIM)]
    for at, name in enumerate(classes):
        cells: list[Content] = [Content(f"{name[: first - 1]:<{first}}")]
        for column in range(len(classes)):
            part = float(parts[at, column])
            text = f"{100 * part:.0f}" if part >= 0.005 else "·"
            shade = f"on $primary {round(80 * part)}%" if part >= 0.005 else "$foreground 45%"
            style = f"bold {shade}" if at == column else shade
            cells.append(Content.styled(f"{text:>{widths[column] - 1}} ", style))
        share = float(np.nan_to_num(found.class_accuracy[at]))
        cells.append(Content(f"{fmt.percent(share):>{SHARE}}"))
        if bar_room:
            cells.append(Content.styled(f" {'━' * round(bar_room * share)}", "$text-primary"))
        rows.append(Content("").join(cells))
    rows.append(Content.styled("\nper cent of the images of each class", DIM))
    return Content("\n").join(rows)


def _widths(classes: Sequence[str], room: int) -> list[int]:
    """Return the widths of the cells: equal ones, unless only unequal ones show every name."""
    even = min(max((room - BAR) // len(classes), CELLS[0]), CELLS[1])
    own = [max(CELLS[0], min(len(name) + 1, CELLS[1])) for name in classes]
    return own if max(own) > even and sum(own) <= room else [even] * len(classes)
