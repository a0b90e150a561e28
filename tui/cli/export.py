"""`convsole export`: writes the network or the history of a run in a common file format."""

from pathlib import Path
from typing import Annotated

import typer

from tui.cli import say
from tui.cli.options import BestOption, RunArgument, UpdatesOption, path


@say.faults_in_one_sentence()
def export(
    run: RunArgument,
    to: Annotated[
        Path,
        typer.Option(
            "--to",
            parser=path,
            metavar="PATH",
            help="Network: .safetensors, .npz or .onnx; history: .csv or .json.",
        ),
    ],
    best: BestOption = False,
    checkpoint: UpdatesOption = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite what is there.")] = False,
) -> None:
    """Write the network of a run, or its history, for other programs."""
    from core.predictions import export as exports
    from core.runs.session import store
    from tui.cli import inputs
    from tui.cli.saved_network import print_notes

    inputs.check_choice(best, checkpoint)
    exports.check(to, best=best, updates=checkpoint)
    found = store().find(run)
    written = exports.write(store(), found, to, best=best, updates=checkpoint, overwrite=force)
    if written.choice is None:
        what = f"the history of {found.id}, {found.updates:,} updates"
    else:
        print_notes(written.choice)
        what = f"{found.id} after {written.choice.checkpoint.state.updates:,} updates"
    say.note(f"wrote {' and '.join(map(str, written.files))}: {what}")
