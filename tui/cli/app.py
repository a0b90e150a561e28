"""The command line. Each command imports what it needs when it is called."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from core.text_out import visible
from tui import streams
from tui.cli import cli_runs, data_cli, predictions_cli, rates_cli, say
from tui.cli.options import (
    BellOption,
    ChangesOption,
    CheckpointOption,
    ConfigArgument,
    DataOption,
    JsonOption,
    OutOption,
    PresetOption,
    RunArgument,
    ThreadsOption,
    path,
)

UsageError: Any = typer.BadParameter.__base__
"""What Typer raises for arguments that cannot be; it does not export it."""


class Commands(TyperGroup):
    """The commands, whose complaints quote what was given as it can be seen."""

    def make_context(self, *arguments: Any, **more: Any) -> Any:
        """Read the arguments before the command."""
        with _visible_complaints():
            return super().make_context(*arguments, **more)

    def invoke(self, *arguments: Any) -> Any:
        """Read the arguments of the command, and run it."""
        with _visible_complaints():
            return super().invoke(*arguments)


@contextmanager
def _visible_complaints() -> Iterator[None]:
    try:
        yield
    except UsageError as error:
        error.message = visible(error.message)
        raise


app = typer.Typer(
    name="convsole",
    cls=Commands,
    help="A laboratory in the terminal for convolutional networks written by hand in NumPy.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(data_cli.data_app, name="data")
app.add_typer(cli_runs.runs_app, name="runs")
app.add_typer(predictions_cli.app)
app.add_typer(rates_cli.app)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"convsole {version('convsole')}")
        raise typer.Exit


def _refuse_before(context: typer.Context) -> None:
    """Refuse options of the app before a command, which would not hear of them."""
    command = context.invoked_subcommand
    for name in ("data", "threads", "bell"):
        source = context.get_parameter_source(name)
        if command is not None and source is not None and source.name == "COMMANDLINE":
            say.fail(f"--{name} before {command} would be for the app; write it behind {command}")


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    data: DataOption = None,
    threads: ThreadsOption = None,
    bell: BellOption = True,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Open the app, or run a command without a screen."""
    _refuse_before(context)
    if context.invoked_subcommand is None:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            say.fail("the app needs a terminal; `convsole --help` lists what works without one")
        say.refuse_few_threads()
        streams.take_terminal()
        from tui.app import Convsole
        from tui.launch import run

        raise typer.Exit(run(Convsole(data, threads, bell)))


@app.command()
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
    as_json: JsonOption = False,
    bell: BellOption = True,
) -> None:
    """Train a network and keep the run in saved_models/."""
    from tui.cli import inputs
    from tui.cli import train as command

    with say.faults_in_one_sentence():
        command.train(
            inputs.experiment(config, preset, changes or [], seed),
            data=data,
            threads=threads,
            out=out,
            checkpoint_every=checkpoint_every,
            as_json=as_json,
            bell=bell,
        )


@app.command()
def resume(
    run: RunArgument,
    data: DataOption = None,
    threads: ThreadsOption = None,
    out: OutOption = None,
    checkpoint_every: CheckpointOption = 10.0,
    as_json: JsonOption = False,
    bell: BellOption = True,
) -> None:
    """Go on with a run, to the bit as if it had never stopped."""
    from tui.cli import train as command

    with say.faults_in_one_sentence():
        command.resume(
            run,
            data=data,
            threads=threads,
            out=out,
            checkpoint_every=checkpoint_every,
            as_json=as_json,
            bell=bell,
        )


@app.command()
def gradcheck(
    config: ConfigArgument = None,
    preset: PresetOption = None,
    changes: ChangesOption = None,
    data: DataOption = None,
    reference: Annotated[
        str,
        typer.Option(
            "--reference", metavar="NAME", help="torch, central (differences) or complex (step)."
        ),
    ] = "torch",
    dtype: Annotated[
        str | None,
        typer.Option("--dtype", metavar="NAME", help="float32 or float64, against torch."),
    ] = None,
    batch: Annotated[
        int | None, typer.Option("--batch", metavar="N", help="Images; 10 by default.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Of weights, images and probes.")
    ] = None,
    images: Annotated[
        str | None,
        typer.Option(
            "--images",
            metavar="KIND",
            help="data, random, or clear: those farthest from a kink.",
        ),
    ] = None,
    entries: Annotated[
        int | None, typer.Option("--entries", metavar="N", help="Entries probed of every tensor.")
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option("--tolerance", metavar="ERROR", help="Largest norm-wise error that passes."),
    ] = None,
    scale: Annotated[
        str | None,
        typer.Option("--break", metavar="TENSOR", help="Scale one gradient by 1.001, to see it."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", parser=path, metavar="DIR", help="Also write CSV, Markdown and PNG here."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Hold every hand-written gradient against a reference.

    That is PyTorch, or finite differences and complex steps of the network itself.
    """
    from tui.cli import gradcheck as command
    from tui.cli import inputs

    with say.faults_in_one_sentence():
        command.gradcheck(
            inputs.experiment(config, preset, changes or []),
            command.settings(reference, dtype, batch, seed, images, entries, tolerance),
            data=data,
            scale=scale,
            out=out,
            as_json=as_json,
        )


@app.command()
def bench(
    arch: Annotated[
        list[str] | None,
        typer.Option(
            "--arch",
            metavar="NAME",
            help="arch-1 to arch-7, final, conv3x3 or deep; may be repeated.",
        ),
    ] = None,
    beside: Annotated[
        str | None,
        typer.Option(
            "--beside",
            metavar="WHAT",
            help="all, torch, floor (the bare matrix products) or written.",
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option("--threads", metavar="N", help="Of every contender; the cores by default."),
    ] = None,
    updates: Annotated[
        int | None,
        typer.Option("--updates", metavar="N", help="Of every contender; 150 by default."),
    ] = None,
    data: DataOption = None,
    earlier: Annotated[
        str | None,
        typer.Option("--earlier", metavar="latest|FILE", help="Lay a kept result beside this one."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", parser=path, metavar="DIR", help="Also write CSV, Markdown and PNG here."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure an update beside PyTorch and the bare matrix products."""
    from tui.cli import bench as command

    with say.faults_in_one_sentence():
        wanted = command.settings(arch or [], beside, threads, updates)
        command.bench(wanted, data=data, earlier=earlier, out=out, as_json=as_json)


@app.command()
def reproduce(
    seeds: Annotated[
        int | None,
        typer.Option("--seeds", metavar="N", help="Seeds for every network; 3 by default."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Look at every part within two minutes; judge nothing.")
    ] = False,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to", parser=path, metavar="DIR", help="Where the report goes; else beside the runs."
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Begin anew; earlier runs are kept, but do not count.")
    ] = False,
    data: DataOption = None,
    threads: ThreadsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run the published results again, and report how they compare.

    What was done before is not done again: it goes on from where it was left.
    """
    from tui.cli import reproduce as command

    with say.faults_in_one_sentence():
        command.reproduce(
            command.settings(seeds, quick),
            to=to,
            force=force,
            data=data,
            threads=threads,
            as_json=as_json,
        )


@app.command()
def profile(
    config: ConfigArgument = None,
    preset: PresetOption = None,
    changes: ChangesOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show where the time of an update goes, layer by layer."""
    from tui.cli import bench as command
    from tui.cli import inputs

    with say.faults_in_one_sentence():
        experiment = inputs.experiment(config, preset, changes or [])
        command.profile(experiment, data=data, as_json=as_json)


@app.command()
def presets(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Print this one as TOML.")
    ] = None,
) -> None:
    """List the presets, or print one to start a settings file from."""
    from core.config import presets as shipped

    with say.faults_in_one_sentence():
        if name is not None:
            typer.echo(shipped.load(name).to_toml(), nl=False)
            return
        longest = max(map(len, shipped.ORDER))
        for each in shipped.ORDER:
            experiment = shipped.load(each)
            layers = ", ".join(layer.title() for layer in experiment.architecture)
            typer.echo(f"{each:{longest}} {experiment.total_updates:7,} updates   {layers}")


cli_runs.register(app)
