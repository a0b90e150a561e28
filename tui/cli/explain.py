"""`convsole explain`: one value of a network, and the sum that it is."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui import exit_codes
from tui.cli import say
from tui.cli.options import (
    BestOption,
    ChangesOption,
    DataOption,
    JsonOption,
    PresetOption,
    UpdatesOption,
    path,
)

if TYPE_CHECKING:
    from core.explain import Explained, Trace
    from core.explain.update import Step
    from core.layers.explanation import Place


@say.faults_in_one_sentence()
def explain(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="RUN | CONFIG.toml",
            help="A trained network, or the settings of one that begins; --preset names others.",
        ),
    ] = None,
    preset: PresetOption = None,
    changes: ChangesOption = None,
    checkpoint: UpdatesOption = None,
    best: BestOption = False,
    split: Annotated[
        str, typer.Option("--split", metavar="SET", help="test, validation or train.")
    ] = "test",
    image: Annotated[
        str,
        typer.Option("--image", metavar="N|FILE", help="Its number, from 0, or a picture file."),
    ] = "0",
    label: Annotated[
        str | None,
        typer.Option(
            "--label", metavar="CLASS", help="The class of a picture file, else the likeliest."
        ),
    ] = None,
    layer: Annotated[
        str | None,
        typer.Option(
            "--layer",
            metavar="NAME",
            help="Such as conv1, residual1.conv2, softmax, loss, or a parameter: conv1.weight.",
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="PLACE",
            help="row,column,channel of an image, an index of a vector; else the largest value.",
        ),
    ] = None,
    backward: Annotated[
        bool, typer.Option("--backward", help="The gradient, and what it is the sum of.")
    ] = False,
    of: Annotated[
        str | None,
        typer.Option("--of", metavar="CLASS", help="Gradients of its logit, not of the loss."),
    ] = None,
    training: Annotated[
        bool,
        typer.Option(
            "--training",
            help="As the first image of the next batch: with dropout and the batch's statistics.",
        ),
    ] = False,
    data: DataOption = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Seed of weights without a run.")
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot", parser=path, metavar="FILE.png", help="Also draw the layer and the window."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say where one number inside a network comes from.

    Every activation, gradient and weight is the engine's own; beside it stands the same sum in
    double precision.
    """
    from core.explain import batch as batches
    from core.explain import run, run_in_batch
    from core.explain.update import Update
    from core.plan import shard_sizes
    from tui.cli import explained_text, inputs
    from tui.cli.explained_subject import chosen, chosen_image, class_number

    if plot is not None:
        inputs.place_for(plot)
    subject, dataset, words = chosen(what, preset, changes or [], checkpoint, best, data, seed)
    pixels, number, which = chosen_image(subject, dataset, split, image, label)
    logit = None if of is None else class_number(subject, of, "--of")
    whole = None
    if training:
        whole = batches.with_first(batches.next_batch(subject, dataset), pixels, number)
        trace = run_in_batch(subject, *batches.first_shard(subject, whole), of=logit)
    else:
        trace = run(subject, pixels, number, of=logit)
    about = f"{which}, {words}"
    if training and subject.is_over:
        about += ", the last update once more"
    if layer is None and at is None and not (as_json or backward or plot):
        explained_text.overview(trace, about)
        return
    name = layer or trace.last
    step = None
    if name in trace.weights:
        found = trace.explain_weight(name, _place(at, trace.largest_weight(name)))
        if whole is not None and subject.timeline is not None:
            sizes = shard_sizes(subject.timeline.at(subject.next_update))
            step = Update(subject, whole, sizes).explain(name, found.at)
        gradient = None
    else:
        found = trace.explain(name, _place(at, trace.largest(name)))
        gradient = trace.explain_gradient(name, found.at) if backward else None
    if as_json:
        say.json_line(_as_dict(trace, found, gradient, step, about))
    else:
        explained_text.one(found, about, "gradient" if name in trace.weights else "value")
        if gradient is not None:
            explained_text.one(gradient, about, "gradient")
        if step is not None:
            explained_text.step(step)
    if plot is not None:
        drawn = found if gradient is None else gradient
        _draw(trace, drawn, gradient is not None or name in trace.weights, about, plot)


def _place(at: str | None, otherwise: "Place") -> "Place":
    """Return the place that --at gives.

    Raises:
        SettingError: if it is none.
    """
    from core.settings import SettingError

    if at is None:
        return otherwise
    parts = at.split(",") if at else []
    if not all(part.strip().isascii() and part.strip().isdigit() for part in parts):
        raise SettingError("--at", f"{at!r} is no place; write indices from 0, such as 3,4,7")
    return tuple(int(part) for part in parts)


def _as_dict(
    trace: "Trace",
    found: "Explained",
    gradient: "Explained | None",
    step: "Step | None",
    about: str,
) -> dict[str, Any]:
    classes = trace.subject.classes
    return {
        **found.as_dict(),
        "label": classes[trace.label],
        "probabilities": dict(zip(classes, map(float, trace.probabilities), strict=True)),
        "loss": trace.loss,
        "gradient": None if gradient is None else gradient.value,
        "shares": None if gradient is None else gradient.as_dict(),
        "step": None if step is None else step.as_dict(),
        "mode": trace.mode.value,
        "about": about,
        "layers": [
            {"name": node.name, "what": node.title, "shape": list(trace.values(name).shape)}
            for name, node in trace.nodes.items()
        ],
    }


def _draw(trace: "Trace", found: "Explained", gradients: bool, about: str, file: Path) -> None:
    from core.figures import explain as drawing
    from core.figures.drawing import FigureError

    try:
        drawing.export(trace, found, gradients, file, about)
    except FigureError as error:
        say.fail(str(error), exit_codes.FAILED)
    say.note(f"drawn: {file}")
