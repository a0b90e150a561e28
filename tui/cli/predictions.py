"""`convsole evaluate`, `predict` and `export`: what becomes of a network that was trained."""

import sys
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.data.dataset import DataError, Images
from core.errors import StoreError
from core.predictions import evaluation as evaluations
from core.predictions import export as exports
from core.predictions import filters, pictures
from core.predictions.choice import Choice, choose
from core.predictions.evaluation import Evaluation
from core.predictions.model import Model
from core.runs.records import Run
from core.runs.session import store
from core.training.control import Control
from tui.cli import inputs, say
from tui.cli import out as files
from tui.cli import progress_bar as bar
from tui.half_cells import half_cells

LETTERS = (None, 8, 5, 4, 3)
"""Of the names of the classes at a matrix: all, or as many as a narrow terminal has room for."""

BAR = 30
"""Characters for a probability of 1, at the most."""

LIKELIEST, GAP = 20, 2
"""Columns of a class and its probability, and between a picture and what it is taken for."""


class _StoppedError(Exception):
    """Somebody has had enough."""


def evaluate(
    reference: str, *, split: str, best: bool, data: Path | None, out: Path | None, as_json: bool
) -> None:
    """Print how well the network of a run does on a set of images.

    Raises:
        DataError, SettingError, StoreError: for bad input.
    """
    evaluations.check_split(split)
    if out is not None:
        inputs.usable(out)
    run, choice = _chosen(reference, best)
    model = Model(choice.checkpoint)
    found = _evaluated(model, run, split, data)
    if as_json:
        say.json_line({**found.as_dict(), "checkpoint": str(choice.path)})
    else:
        _print(found)
    if out is not None:
        files.write(out, lambda: evaluations.export(found, out), lambda: _drawn(found, choice, out))


def predict(reference: str, images: Sequence[Path], *, best: bool, top: int, as_json: bool) -> None:
    """Print what the network of a run takes pictures for; those that cannot be read are told.

    On a terminal with colours each stands beside what it is taken for, as the network sees it.

    Raises:
        StoreError: for bad input.
    """
    _, choice = _chosen(reference, best)
    model = Model(choice.checkpoint)
    answers: list[dict[str, Any]] = []
    seen: dict[int, Images] = {}
    for path in images:
        try:
            image = pictures.read(path)
        except DataError as error:
            say.note(f"convsole: {error}")
            answers.append({"image": str(path), "error": str(error)})
        else:
            [likely] = model.probabilities(image[None])
            order = np.argsort(-likely, kind="stable")[:top]
            told = [{"class": model.classes[at], "probability": float(likely[at])} for at in order]
            seen[len(answers)] = image
            answers.append({"image": str(path), "classes": told})
    if as_json:
        kept = choice.checkpoint
        about = {"run": kept.run, "updates": kept.state.updates, "checkpoint": str(choice.path)}
        say.json_line({**about, "predictions": answers})
    else:
        _print_answers([(answers[at], image) for at, image in seen.items()])
    if any("error" in answer for answer in answers):
        raise SystemExit(say.FAILED)


def export(reference: str, path: Path, *, best: bool, force: bool) -> None:
    """Write the network of a run, or its history, in the format that the ending of `path` names.

    Raises:
        SettingError, StoreError: for bad input.
    """
    exports.check(path, best=best)
    run = store().find(reference)
    written = exports.write(store(), run, path, best=best, overwrite=force)
    if written.choice is None:
        what = f"the history of {run.id}, {run.updates:,} updates"
    else:
        _print_notes(written.choice)
        what = f"{run.id} after {written.choice.checkpoint.state.updates:,} updates"
    say.note(f"wrote {' and '.join(map(str, written.files))}: {what}")


def _chosen(reference: str, best: bool) -> tuple[Run, Choice]:
    run = store().find(reference)
    choice = choose(store(), run, best=best)
    _print_notes(choice)
    return run, choice


def _print_notes(choice: Choice) -> None:
    for note in choice.notes:
        say.note(note)


def _evaluated(model: Model, run: Run, split: str, data: Path | None) -> Evaluation:
    if data is not None and model.experiment.dataset == "synthetic":
        say.note(f"{run.id} has learned the built-in shapes, so {data} is not looked at")
    dataset = evaluations.images_of(run, data)
    if dataset.source != run.source and not evaluations.knows(model, dataset):
        say.note(
            f"{run.id} was trained with other images than those of {dataset.source}; "
            "the sets may have images of its training in them"
        )
    control = Control()
    with inputs.signals(control), bar.Bar() as line:

        def progress(done: int, total: int) -> None:
            if control.stopping:
                raise _StoppedError
            line.show(done, total, f"{split} images")

        try:
            return evaluations.evaluate(model, dataset, split, progress)
        except _StoppedError:
            raise SystemExit(say.INTERRUPTED) from None


def _drawn(found: Evaluation, choice: Choice, folder: Path) -> list[Path]:
    from core.figures import predictions as drawing

    try:
        shown = filters.pictures(choice.checkpoint)
    except StoreError as error:
        say.note(f"no filters.png: {error}")
        shown = None
    return drawing.export(found, shown, folder)


def _print(found: Evaluation) -> None:
    # A pipe has no width: nothing is cut there.
    console = Console(width=None if sys.stdout.isatty() else 1_000)
    count = len(found.labels)

    say.line(
        f"{found.run} after {found.updates:,} updates, "
        f"{count:,} {found.split} images of {found.dataset}"
    )
    say.line(f"accuracy {found.accuracy:.2%}, loss {found.loss:.4f}")
    for title, table in (
        ("class by class", _classes(found)),
        ("true class down, predicted class across", _confusion(found, console.width)),
    ):
        say.line("")
        say.line(title)
        console.print(table, highlight=False)
    worst = [
        f"{found.classes[pair.label]} for {found.classes[pair.predicted]} ({pair.images:,})"
        for pair in found.confusions(3)
    ]
    if worst:
        say.line("")
        # Broken between words only.
        console.print(say.cell(f"most often taken: {', '.join(worst)}"))


def _classes(found: Evaluation) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("class", no_wrap=True)
    for heading in ("images", "accuracy", "precision"):
        table.add_column(heading, justify="right", no_wrap=True)
    for at, name in enumerate(found.classes):
        table.add_row(
            say.cell(name),
            f"{found.confusion[at].sum():,}",
            _share(found.class_accuracy[at]),
            _share(found.precision[at]),
        )
    return table


def _confusion(found: Evaluation, width: int) -> Table:
    """Return the confusion matrix, the names of the classes as long as there is room for."""
    counts = [[str(count or "·") for count in row] for row in found.confusion.tolist()]
    for letters in LETTERS:
        names = [name[:letters] for name in found.classes]
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


def _print_answers(answers: Sequence[tuple[dict[str, Any], Images]]) -> None:
    terminal = sys.stdout.isatty()
    console = Console(width=None if terminal else 1_000)
    # Without colours there is nothing in half a cell to see, and not every stream has half cells.
    pictures_too = (
        terminal
        and console.color_system is not None
        and not console.no_color
        and console.encoding.startswith("utf")
    )
    for number, (answer, image) in enumerate(answers):
        if number:
            console.print()
        console.print(say.cell(answer["image"], "bold"), soft_wrap=True)
        if not pictures_too:
            console.print(_likeliest(answer, BAR), highlight=False)
            continue
        picture = half_cells(image)
        width = console.width - len(image[0]) - GAP
        if width < LIKELIEST:
            console.print(picture, highlight=False)
            console.print(_likeliest(answer, console.width - LIKELIEST), highlight=False)
        else:
            beside = Table.grid(padding=(0, GAP, 0, 0))
            beside.add_row(picture, _likeliest(answer, width - LIKELIEST))
            console.print(beside, highlight=False)


def _likeliest(answer: dict[str, Any], room: int) -> Table:
    """Return classes, their probabilities, and bars of at most `room` characters."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(min_width=10, no_wrap=True)
    table.add_column(justify="right", min_width=7, no_wrap=True)
    table.add_column(no_wrap=True)
    for each in answer["classes"]:
        share = each["probability"]
        length = round(max(0, min(BAR, room)) * share) if isfinite(share) else 0
        table.add_row(say.cell(each["class"]), _share(share), Text("█" * length, style="blue"))
    return table


def _share(value: float) -> str:
    return f"{value:.2%}" if isfinite(value) else "-"


def _style(right: bool, none: bool) -> str:
    if right:
        return "bold green"
    return "dim" if none else ""
