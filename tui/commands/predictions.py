"""`convsole evaluate`, `predict` and `export`: what becomes of a run that was trained."""

from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from core.data import source
from core.data.dataset import DataError
from core.predictions import pictures
from core.predictions.evaluation import Evaluation
from core.predictions.evaluation import evaluate as evaluate_model
from core.predictions.model import CLASSES, Model, load
from core.runs import durable, export
from core.runs.records import Run
from core.runs.session import store
from core.settings import SettingError
from tui.commands import inputs, runs, say

SPLITS = ("test", "validation", "train")
TOP = 5
"""Classes that are named of a picture."""


def evaluate(
    reference: str, *, split: str, best: bool, data: Path | None, out: Path | None, as_json: bool
) -> None:
    """Print how well a run does on a set.

    Raises:
        DataError, SettingError, StoreError: for bad input.
    """
    if split not in SPLITS:
        raise SettingError("split", f"{split!r} is none of test, validation and train")
    if out is not None:
        inputs.usable(out)
    run, model = _model(reference, best)
    experiment = run.experiment()
    named = Path(run.data) if run.data is not None else None
    dataset = source.load(experiment.dataset, data or named, experiment.validation_size)
    found = evaluate_model(model, getattr(dataset, split), split)
    files: list[Path] = []
    if out is not None:
        from core.figures import predictions as figures

        def write() -> None:
            files.extend(figures.export(found, model, out))
            durable.write(out / "evaluation.csv", found.as_csv().encode())
            durable.write(out / "evaluation.json", say.json_text(found.as_dict()).encode() + b"\n")

        export.to(out, write)
    if as_json:
        say.json_line(found.as_dict())
        return
    _print(found)


def predict(reference: str, images: list[Path], *, best: bool, top: int, as_json: bool) -> None:
    """Print the likeliest classes of pictures; one that cannot be read does not stop the others.

    Raises:
        StoreError: if the run has no network.
        typer.Exit: with 1, if a picture could not be read.
    """
    _, model = _model(reference, best)
    answers: list[dict[str, Any]] = []
    failed = False
    for path in images:
        try:
            image = pictures.read(path)
        except DataError as error:
            say.note(f"convsole: {error}")
            failed = True
            continue
        probabilities = model.probabilities(image[None])[0]
        order = probabilities.argsort()[::-1][:top]
        likeliest = [(CLASSES[at], float(probabilities[at])) for at in order]
        answers.append({"image": str(path), "classes": dict(likeliest)})
        if not as_json:
            typer.echo(str(path))
            for name, probability in likeliest:
                bar = "█" * round(30 * probability)
                typer.echo(f"  {probability:6.1%}  {name:<10}  {bar}".rstrip())
    if as_json:
        say.json_line({"run": model.kept.run, "images": answers})
    if failed:
        raise typer.Exit(say.FAILED)


def export_run(reference: str, *, to: Path, best: bool, force: bool) -> None:
    """Write a run as a file for other programs.

    Raises:
        StoreError: if it cannot be written.
    """
    from core.predictions import files

    run = store().find(reference)
    for note in files.write(store(), run, to, best=best, force=force):
        say.note(note)
    say.note(f"wrote {to}")


def _model(reference: str, best: bool) -> tuple[Run, Model]:
    run = store().find(reference)
    model, notes = load(store(), run, best=best)
    for note in notes:
        say.note(note)
    return run, model


def _print(found: Evaluation) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    table.add_column("accuracy", justify="right")
    table.add_column("precision", justify="right")
    for name in CLASSES:
        table.add_column(name[:5], justify="right")
    confusion = found.confusion
    for at, name in enumerate(CLASSES):
        counts = [f"{count:,}" if count else "·" for count in confusion[at].tolist()]
        table.add_row(
            name, runs.accuracy(found.recall[at]), runs.accuracy(found.precision[at]), *counts
        )
    typer.echo(
        f"{found.run} after {found.updates:,} updates on {len(found.labels):,} {found.split} "
        f"images: accuracy {found.accuracy:.2%}, loss {found.loss:.4f}"
    )
    typer.echo("Rows: what it is. Columns: what it was taken for.")
    Console(width=None if Console().is_terminal else 200).print(table, highlight=False)
