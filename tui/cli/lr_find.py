"""`convsole lr-find`: between which learning rates the loss of a network falls."""

from pathlib import Path
from typing import Any

from core.config.experiment import Experiment
from core.errors import StoreError
from core.training import lr_finder
from core.training.control import Control
from core.training.lr_curve import RateCurve, Suggestion
from core.training.lr_finder import RangeSettings
from tui.cli import inputs, out, say
from tui.cli import progress_bar as bar


def settings(low: float | None, high: float | None, updates: int | None) -> RangeSettings:
    """Return the settings that the options describe.

    Raises:
        SettingError: if one of them cannot be had.
    """
    given: dict[str, Any] = {"low": low, "high": high, "updates": updates}
    return RangeSettings.of({name: value for name, value in given.items() if value is not None})


def find(
    experiment: Experiment,
    wanted: RangeSettings,
    *,
    start: str,
    data: Path | None,
    threads: int | None,
    plot: Path | None,
    write: Path | None,
    as_json: bool,
) -> None:
    """Measure, print what follows, and write what is asked for.

    Args:
        experiment: what is to be trained.
        wanted: the test.
        start: the command that would train it.
        data: where CIFAR-10 is; None looks in the data folder.
        threads: how many at most.
        plot: a PNG to draw.
        write: a settings file to make, with the suggested rates.
        as_json: whether stdout gets one line of JSON.

    Raises:
        DataError, SettingError, StoreError: for bad input.
    """
    _check_files(plot, write)
    inputs.print_stand_in(experiment, data)
    control = Control()
    with inputs.signals(control) as stopped, bar.Bar() as line:

        def listen(curve: RateCurve) -> None:
            rate = f"{curve.rates[-1]:.2g}" if len(curve.rates) else "…"
            line.show(len(curve.rates), curve.planned, f"{experiment.name}: rate {rate}")

        curve = lr_finder.run(
            experiment,
            wanted,
            data,
            threads,
            listen=listen,
            cancelled=lambda: control.stopping,
        )
    found = curve.suggestion
    if as_json:
        say.json_line({"name": experiment.name, **curve.as_dict()})
    else:
        ended = "; the loss exploded" if curve.exploded else ""
        say.line(
            f"{experiment.name}: {len(curve.rates):,} of {curve.planned:,} updates, rates from "
            f"{wanted.low:g} to {wanted.high:g}{ended}"
        )
        say.line(curve.words)
        if found is not None:
            say.line(" ".join([start, *_changes(found, experiment)]))
    if write is not None:
        if found is None or stopped:
            say.note(f"{write} was not written: {'stopped' if stopped else curve.words}")
        else:
            chosen = experiment.changed(eta_min=found.eta_min, eta_max=found.eta_max)
            _write(write, chosen.to_toml())
    if plot is not None:
        out.figures(plot.parent, lambda: _drawn(curve, plot, experiment.name))
    if stopped:
        raise SystemExit(say.INTERRUPTED)
    if found is None:
        raise SystemExit(say.FAILED)


def _check_files(plot: Path | None, write: Path | None) -> None:
    """Refuse names that nothing could be written under, before the work.

    Raises:
        StoreError: with the reason.
    """
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


def _changes(found: Suggestion, experiment: Experiment) -> list[str]:
    """Return the options that set the rates; each has to be possible as it is set."""
    rates = [f"eta_min={found.eta_min:g}", f"eta_max={found.eta_max:g}"]
    if found.eta_min > experiment.eta_max:
        rates.reverse()
    return [word for rate in rates for word in ("--set", rate)]


def _drawn(curve: RateCurve, path: Path, title: str) -> list[Path]:
    from core.figures import lr_finder as drawing

    return [drawing.export(curve, path, title)]


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror or error}") from None
    say.note(f"wrote {path}")
