"""`convsole presets`: lists the built-in presets, or prints one."""

from typing import Annotated

import typer

from tui.cli import say
from tui.cli.options import JsonOption


@say.faults_in_one_sentence()
def presets(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Print this one as TOML.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the presets, or print one to start a settings file from."""
    from core.config import presets as shipped

    if as_json:
        chosen = {each: shipped.load(each) for each in ([name] if name else shipped.ORDER)}
        say.json_line({"presets": [one.model_dump(mode="json") for one in chosen.values()]})
        return
    if name is not None:
        for line in shipped.load(name).to_toml().splitlines():
            say.line(line)
        return
    longest = max(map(len, shipped.ORDER))
    for each in shipped.ORDER:
        experiment = shipped.load(each)
        layers = ", ".join(layer.title() for layer in experiment.architecture)
        say.line(f"{each:{longest}} {experiment.total_updates:7,} updates   {layers}")
