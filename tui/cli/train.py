"""`convsole train`: trains a network and saves the run."""

from typing import Annotated

import typer

from tui.cli import say
from tui.cli.options import (
    BellOption,
    ChangesOption,
    CheckpointOption,
    ConfigArgument,
    DataOption,
    JsonOption,
    OutOption,
    PresetOption,
    ThreadsOption,
    ThresholdOption,
)


@say.faults_in_one_sentence()
def train(
    config: ConfigArgument = None,
    preset: PresetOption = None,
    changes: ChangesOption = None,
    data: DataOption = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="The same as --set seed=N.")
    ] = None,
    threads: ThreadsOption = None,
    out: OutOption = None,
    checkpoint_every: CheckpointOption = 10.0,
    limits: ThresholdOption = None,
    as_json: JsonOption = False,
    bell: BellOption = True,
) -> None:
    """Train a network and keep the run in saved_models/."""
    from core.runs.session import Session
    from tui.cli import health, inputs
    from tui.cli.follow_session import follow

    experiment = inputs.experiment(config, preset, changes or [], seed)
    thresholds = health.thresholds(limits)
    if out is not None:
        inputs.usable(out)
    inputs.print_stand_in(experiment, data)
    inputs.print_unseen(experiment)
    session = Session(experiment, data, threads, checkpoint_every=checkpoint_every)
    follow(session, out=out, as_json=as_json, bell=bell, thresholds=thresholds)
