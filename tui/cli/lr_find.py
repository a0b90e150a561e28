"""`convsole lr-find`: a learning-rate range test from the command line."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core import format as fmt
from core.errors import NotWrittenError, StoreError
from core.text_out import as_command
from tui import exit_codes
from tui.cli import say
from tui.cli.options import (
    ChangesOption,
    ConfigArgument,
    DataOption,
    JsonOption,
    PresetOption,
    ThreadsOption,
    path,
)

if TYPE_CHECKING:
    from core.config.experiment import Experiment
    from core.training.lr_curve import RateCurve, Suggestion
    from core.training.lr_finder import RangeSettings


@say.faults_in_one_sentence()
def lr_find(
    config: ConfigArgument = None,
    preset: PresetOption = None,
    changes: ChangesOption = None,
    low: Annotated[
        float | None,
        typer.Option("--low", metavar="RATE", help="Rate of the first update; 1e-5 by default."),
    ] = None,
    high: Annotated[
        float | None,
        typer.Option("--high", metavar="RATE", help="Rate of the last update; 1 by default."),
    ] = None,
    updates: Annotated[
        int | None,
        typer.Option("--updates", metavar="N", help="Of the whole test; 300 by default."),
    ] = None,
    data: DataOption = None,
    threads: ThreadsOption = None,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", parser=path, metavar="FILE.png", help="Draw the curve here."),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(
            "--write",
            parser=path,
            metavar="NEW.toml",
            help="Write the settings with the suggested rates here.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say between which learning rates the loss falls.

    The network is trained shortly under a rising rate: a learning-rate range test.
    """
    from core.training import lr_finder
    from core.training.control import Control
    from tui.cli import files, inputs
    from tui.cli.progress_bar import Bar

    experiment = inputs.experiment(config, preset, changes or [])
    settings = _settings(low, high, updates)
    _check_files(plot, write)
    inputs.print_stand_in(experiment, data)
    control = Control()
    with inputs.signals(control) as stopped, Bar() as bar:

        def on_curve(curve: "RateCurve") -> None:
            rate = f"{curve.rates[-1]:.2g}" if len(curve.rates) else "…"
            bar.show(len(curve.rates), curve.planned, f"{experiment.name}: rate {rate}")

        curve = lr_finder.run(
            experiment,
            settings,
            data,
            threads,
            listen=on_curve,
            cancelled=lambda: control.stopping,
        )
    found = curve.suggestion
    if as_json:
        say.json_line({"name": experiment.name, **curve.as_dict()})
    else:
        ended = "; the loss exploded" if curve.exploded else ""
        say.line(
            f"{experiment.name}: {len(curve.rates):,} of {curve.planned:,} updates, rates from "
            f"{fmt.number(settings.low)} to {fmt.number(settings.high)}{ended}"
        )
        say.line(curve.words)
        if found is not None:
            start = _train_command(config, preset, changes or [], data)
            say.line(" ".join([start, *_changes(found, experiment)]))
    if write is not None:
        if found is None or stopped:
            say.note(f"{write} was not written: {'stopped' if stopped else curve.words}")
        else:
            chosen = experiment.changed(eta_min=found.eta_min, eta_max=found.eta_max)
            _write(write, chosen.to_toml())
    if plot is not None:
        files.figures(plot.parent, lambda: _drawn(curve, plot, experiment.name))
    if stopped:
        raise SystemExit(exit_codes.INTERRUPTED)
    if found is None:
        raise SystemExit(exit_codes.FAILED)


def _settings(low: float | None, high: float | None, updates: int | None) -> "RangeSettings":
    from core.training.lr_finder import RangeSettings
    from tui.cli import inputs

    return inputs.settings(RangeSettings, low=low, high=high, updates=updates)


def _train_command(
    config: Path | None, preset: str | None, changes: list[str], data: Path | None
) -> str:
    """Return the command that would train the network."""
    words = ["convsole", "train"]
    words += [str(config)] if config else ["--preset", preset] if preset else []
    words += [word for change in changes for word in ("--set", change)]
    words += ["--data", str(data)] if data else []
    return as_command(words)


def _check_files(plot: Path | None, write: Path | None) -> None:
    """Refuse invalid output files before the work starts.

    Raises:
        StoreError: with the reason.
    """
    from tui.cli import inputs

    if plot is not None:
        if plot.suffix.lower() != ".png":
            raise StoreError(f"{plot} is drawn as PNG; end its name in .png")
        if plot == write:
            raise StoreError(f"{plot} cannot be both the picture and the settings")
        inputs.place_for(plot)
        if plot.is_dir():
            raise StoreError(f"{plot} is a folder; name a file for the picture")
    if write is not None:
        inputs.place_for(write)
        try:
            there = write.exists()
        except OSError as error:
            raise StoreError(f"cannot write {write}: {error.strerror or error}") from None
        if there:
            raise StoreError(f"{write} is there already; name a new file for the settings")


def _changes(found: "Suggestion", experiment: "Experiment") -> list[str]:
    """Return the options that set the rates, in an order in which each change is valid."""
    rates = [f"eta_min={found.eta_min:g}", f"eta_max={found.eta_max:g}"]
    if found.eta_min > experiment.eta_max:
        rates.reverse()
    return [word for rate in rates for word in ("--set", rate)]


def _drawn(curve: "RateCurve", path: Path, title: str) -> list[Path]:
    from core.figures import lr_finder as drawing

    return [drawing.export(curve, path, title)]


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise NotWrittenError(f"cannot write {path}: {error.strerror or error}") from None
    say.note(f"wrote {path}")
