"""What was taken for what, as a table of shaded cells."""

import numpy as np
from textual.content import Content

from core.predictions.evaluation import Evaluation
from tui.widgets import units

CELL = 5
"""Columns of a cell."""
NAME = 10


def lines(found: Evaluation, width: int) -> Content:
    """Return the confusion matrix in per cent of each class, and the accuracy of each as a bar."""
    counts, classes = found.confusion, found.classes
    parts = counts / counts.sum(axis=1, keepdims=True).clip(1)
    heads = "".join(f"{name[:4]:>{CELL}}" for name in classes)
    bar_room = max(0, width - NAME - CELL * len(classes) - 10)
    rows = [Content.styled(f"{'is ↓  as →':<{NAME}}{heads}   accuracy", "$text-muted")]
    for at, name in enumerate(classes):
        cells: list[Content] = [Content(f"{name:<{NAME}}")]
        for column in range(len(classes)):
            part = float(parts[at, column])
            text = f"{100 * part:.0f}" if part >= 0.005 else "·"
            shade = f"on $primary {round(80 * part)}%" if part >= 0.005 else "$foreground 45%"
            style = f"bold {shade}" if at == column else shade
            cells.append(Content.styled(f"{text:>{CELL - 1}} ", style))
        share = float(np.nan_to_num(found.class_accuracy[at]))
        cells.append(Content(f"  {units.percent(share):>7} "))
        cells.append(Content.styled("━" * round(bar_room * share), "$text-primary"))
        rows.append(Content("").join(cells))
    return Content("\n").join(rows)
