"""`convsole evaluate`: accuracies per class and confusion matrix of a trained network."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from core import format as fmt
from core.errors import StoreError
from tui import exit_codes
from tui.cli import say
from tui.cli.options import (
    BestOption,
    DataOption,
    JsonOption,
    RunArgument,
    UpdatesOption,
    path,
)
from tui.cli.table import PIPE, output

if TYPE_CHECKING:
    from core.predictions.choice import Choice
    from core.predictions.evaluation import Evaluation
    from core.predictions.model import Model
    from core.runs.records import Run

LETTERS = (None, 8, 5, 4, 3)
"""Lengths to which class names in the confusion matrix are cut to fit; None for the full name."""


class _StoppedError(Exception):
    """A signal has interrupted the evaluation."""


@say.faults_in_one_sentence()
def evaluate(
    run: RunArgument,
    split: Annotated[
        str, typer.Option("--split", metavar="SET", help="test, validation or train.")
    ] = "test",
    best: BestOption = False,
    checkpoint: UpdatesOption = None,
    data: DataOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", parser=path, metavar="DIR", help="Also write figures, CSV and JSON here."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say how well a trained network does, class by class.

    And what it mixes up: the confusion matrix, and the classes most often taken for others.
    """
    from core.predictions import evaluation as evaluations
    from core.predictions.model import Model
    from tui.cli import files, inputs
    from tui.cli.saved_network import chosen

    evaluations.check_split(split)
    if out is not None:
        inputs.usable(out)
    trained, choice = chosen(run, best, checkpoint)
    model = Model(choice.checkpoint)
    evaluation = _evaluated(model, trained, split, data)
    if as_json:
        say.json_line({**evaluation.as_dict(), "checkpoint": str(choice.path)})
    else:
        _print(evaluation)
    if out is not None:
        files.write(
            out,
            lambda: evaluations.export(evaluation, out),
            lambda: _drawn(evaluation, choice, out),
        )


def _evaluated(model: "Model", run: "Run", split: str, data: Path | None) -> "Evaluation":
    from core.data import known
    from core.predictions import evaluation as evaluations
    from core.training.control import Control
    from tui.cli import inputs
    from tui.cli.progress_bar import Bar

    if data is not None and model.experiment.dataset == known.SHAPES:
        say.note(f"{run.id} has learned {known.title(known.SHAPES)}, so {data} is not looked at")
    dataset = evaluations.images_of(run, data)
    if dataset.source != run.source and not evaluations.knows(model, dataset):
        say.note(
            f"{run.id} was trained with other images than those of {dataset.source}; "
            "the sets may have images of its training in them"
        )
    control = Control()
    with inputs.signals(control), Bar() as bar:

        def progress(done: int, total: int) -> None:
            if control.stopping:
                raise _StoppedError
            bar.show(done, total, f"{split} images")

        try:
            return evaluations.evaluate(model, dataset, split, progress)
        except _StoppedError:
            raise SystemExit(exit_codes.INTERRUPTED) from None


def _drawn(evaluation: "Evaluation", choice: "Choice", folder: Path) -> list[Path]:
    from core.figures import predictions as drawing
    from core.predictions import filters

    try:
        shown = filters.pictures(choice.checkpoint)
    except StoreError as error:
        say.note(f"no filters.png: {error}")
        shown = None
    return drawing.export(evaluation, shown, folder)


def _print(evaluation: "Evaluation") -> None:
    width = Console().width if sys.stdout.isatty() else PIPE
    count = len(evaluation.labels)

    say.line(
        f"{evaluation.run} after {evaluation.updates:,} updates, "
        f"{count:,} {evaluation.split} images of {evaluation.dataset}"
    )
    say.line(f"accuracy {fmt.percent(evaluation.accuracy)}, loss {evaluation.loss:.4f}")
    for title, table in (
        ("class by class", _classes(evaluation)),
        ("true class down, predicted class across", _confusion(evaluation, width)),
    ):
        say.line("")
        say.line(title)
        output(table)
    names = evaluation.classes
    worst = [
        f"{names[pair.label]} for {names[pair.predicted]} ({pair.images:,})"
        for pair in evaluation.confusions(3)
    ]
    if worst:
        say.line("")
        # Rich wraps it between words only.
        output(say.cell(f"most often taken: {', '.join(worst)}"))


def _classes(evaluation: "Evaluation") -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("class", no_wrap=True)
    for heading in ("images", "accuracy", "precision"):
        table.add_column(heading, justify="right", no_wrap=True)
    for at, name in enumerate(evaluation.classes):
        table.add_row(
            say.cell(name),
            f"{evaluation.confusion[at].sum():,}",
            say.percent(evaluation.class_accuracy[at]),
            say.percent(evaluation.precision[at]),
        )
    return table


def _confusion(evaluation: "Evaluation", width: int) -> Table:
    """Return the confusion matrix with class names as long as `width` allows."""
    counts = [[str(count or "·") for count in row] for row in evaluation.confusion.tolist()]
    for letters in LETTERS:
        names = [name[:letters] for name in evaluation.classes]
        columns = [
            max(len(cell) for cell in (name, *column))
            for name, column in zip(names, zip(*counts, strict=True), strict=True)
        ]
        if max(map(len, names)) + sum(columns) + len(columns) <= width:
            break
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True, style="bold", min_width=max(map(len, names)))
    for name, letters in zip(names, columns, strict=True):
        table.add_column(say.cell(name), justify="right", no_wrap=True, min_width=letters)
    for at, name in enumerate(names):
        cells = [
            Text(cell, style=_style(at == column, cell == "·"))
            for column, cell in enumerate(counts[at])
        ]
        table.add_row(say.cell(name), *cells)
    return table


def _style(right: bool, none: bool) -> str:
    if right:
        return "bold green"
    return "dim" if none else ""
