"""The Typer application with all commands; without a command it opens the app."""

from typing import Annotated

import typer

from tui.cli import (
    bench,
    check,
    data,
    doctor,
    evaluate,
    explain,
    export,
    gradcheck,
    guide,
    keys,
    lr_find,
    predict,
    presets,
    profile,
    reproduce,
    resume,
    say,
    settings,
    train,
)
from tui.cli.options import BellOption, DataOption, ThreadsOption
from tui.cli.runs import group as runs
from tui.cli.sweep import group as sweep
from tui.cli.usage_errors import Commands
from tui.opening import CannotOpenError, open_app

app = typer.Typer(
    name="convsole",
    cls=Commands,
    help="A laboratory in the terminal for convolutional networks written by hand in NumPy.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(requested: bool) -> None:
    if requested:
        from importlib.metadata import version

        say.line(f"convsole {version('convsole')}")
        raise typer.Exit


def _refuse_before(context: typer.Context) -> None:
    """Refuse options of the app before a command, which would ignore them."""
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
        try:
            raise typer.Exit(open_app(data, threads, bell))
        except CannotOpenError as error:
            say.fail(str(error), error.code)


app.command()(train.train)
app.command()(resume.resume)
app.command()(check.check)
app.command()(gradcheck.gradcheck)
app.command()(bench.bench)
app.command()(reproduce.reproduce)
app.command()(profile.profile)
app.command()(presets.presets)
app.command()(settings.settings)
app.command()(keys.keys)
app.command()(guide.guide)
app.command()(doctor.doctor)
app.add_typer(data.group, name="data")
app.add_typer(runs.group, name="runs")
app.add_typer(sweep.group, name="sweep")

# Typer lists groups after commands; commands in an unnamed group are listed after both.
listed_last = typer.Typer()
listed_last.command()(evaluate.evaluate)
listed_last.command()(predict.predict)
listed_last.command()(explain.explain)
listed_last.command()(export.export)
listed_last.command()(lr_find.lr_find)
app.add_typer(listed_last)
