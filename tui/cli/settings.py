"""`convsole settings`: lists every setting of a run or of a kind of layer."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui.cli import say
from tui.cli.options import JsonOption

if TYPE_CHECKING:
    from core.settings import Settings


HEALTH = "health"
"""What lists the thresholds of the warnings instead of the settings of a run."""


@say.faults_in_one_sentence()
def settings(
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="KIND",
            help="List those of this kind of layer, such as conv, or of the warnings: health.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List every setting, with its default, range and unit."""
    from core.config.experiment import Experiment
    from core.layers.registry import kinds
    from core.settings import SettingError, listed
    from core.training.health_thresholds import FILE, HealthThresholds

    if kind == HEALTH:
        thresholds = _described(HealthThresholds)
        if as_json:
            say.json_line({"settings": thresholds})
            return
        _print(thresholds)
        for line in (
            "",
            "They change what is said of a run, never the run: for one command by --threshold,",
            f"for all in {FILE} beside the data and the runs.",
        ):
            say.line(line)
        return
    if kind is not None and kind not in kinds():
        raise SettingError("", f"there is no layer {kind!r}; there are {listed(tuple(kinds()))}")
    chosen = kinds()[kind] if kind else Experiment
    found = _described(chosen)
    if as_json:
        say.json_line({"settings": found})
        return
    if not found and "layers" not in chosen.model_fields:
        say.line("it has no settings")
    _print(found)
    if "layers" in chosen.model_fields:
        say.line("  layers required   a list of layers within it, as in architecture")
    if kind is None:
        for line in (
            "",
            "name and architecture have no range: a text, and F/filters/units or a list of layers.",
            f"Kinds of layer: {listed(tuple(kinds()))}.",
            "`convsole settings conv` lists the settings of one, for files and the app;",
            "`convsole settings health` the thresholds of the warnings about a training.",
        ):
            say.line(line)


def _described(model: "type[Settings]") -> list[dict[str, Any]]:
    """Return every setting of a model, with its default: None if it has none."""
    from core.settings import settings_of

    described = []
    for each in settings_of(model):
        field = model.model_fields[each.name]
        described.append(
            {
                "name": each.name,
                "symbol": each.symbol or None,
                "group": each.group or None,
                "default": None if field.is_required() else field.default,
                "low": each.low,
                "high": each.high,
                "choices": list(each.choices) or None,
                "pair": each.pair,
                "unit": each.unit or None,
                "meaning": each.meaning,
                "values": each.range_and_unit(),
            }
        )
    return described


def _print(found: list[dict[str, Any]]) -> None:
    """Print each setting in two lines: name, default and range; and its meaning."""
    group = None
    for each in found:
        if each["group"] != group:
            group = each["group"]
            say.line(str(group), "bold")
        name = each["name"] + (f" ({each['symbol']})" if each["symbol"] else "")
        default = "required" if each["default"] is None else f"= {each['default']}"
        say.line(f"  {name} {default}   {each['values']}")
        say.line(f"      {each['meaning']}", "dim")
