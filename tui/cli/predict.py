"""`convsole predict`: the most likely classes of image files."""

import sys
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tui import exit_codes
from tui.cli import say
from tui.cli.options import BestOption, JsonOption, RunArgument, UpdatesOption, path
from tui.cli.table import PIPE, output

if TYPE_CHECKING:
    from core.data.dataset import Images

BAR = 30
"""Largest length of a bar, for a probability of 1, in characters."""

LIKELIEST, GAP = 20, 2
"""Columns of a class with its probability, and between a picture and its classes."""


@say.faults_in_one_sentence()
def predict(
    run: RunArgument,
    images: Annotated[
        list[Path], typer.Argument(parser=path, metavar="IMAGE", help="Picture files, of any size.")
    ],
    best: BestOption = False,
    checkpoint: UpdatesOption = None,
    top: Annotated[
        int,
        typer.Option("--top", metavar="N", min=1, max=10, help="How many classes to tell of each."),
    ] = 5,
    as_json: JsonOption = False,
) -> None:
    """Say what a trained network takes pictures for."""
    import numpy as np

    from core.data.dataset import DataError, Images
    from core.predictions import pictures
    from core.predictions.model import Model
    from tui.cli.saved_network import chosen

    _, choice = chosen(run, best, checkpoint)
    model = Model(choice.checkpoint)
    answers: list[dict[str, Any]] = []
    images_shown: dict[int, Images] = {}
    for file in images:
        try:
            image = pictures.read(file, model.shape)
        except DataError as error:
            say.note(f"convsole: {error}")
            answers.append({"image": str(file), "error": str(error)})
        else:
            [probabilities] = model.probabilities(image[None])
            order = np.argsort(-probabilities, kind="stable")[:top]
            likeliest = [
                {"class": model.classes[at], "probability": float(probabilities[at])}
                for at in order
            ]
            images_shown[len(answers)] = image
            answers.append({"image": str(file), "classes": likeliest})
    if as_json:
        used = choice.checkpoint
        about = {
            "run": used.run,
            "updates": used.state.updates,
            "checkpoint": str(choice.path),
        }
        say.json_line({**about, "predictions": answers})
    else:
        _print_answers([(answers[at], image) for at, image in images_shown.items()])
    if any("error" in answer for answer in answers):
        raise SystemExit(exit_codes.FAILED)


def _print_answers(answers: "list[tuple[dict[str, Any], Images]]") -> None:
    """Print each prediction; on a colour terminal beside the image as the network sees it."""
    from tui.half_cells import half_cells

    terminal = sys.stdout.isatty()
    console = Console(width=None if terminal else PIPE)
    # Half cells need colours, and an encoding that has the character.
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
            output(_likeliest(answer, BAR))
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
        table.add_row(say.cell(each["class"]), say.percent(share), Text("█" * length, style="blue"))
    return table
