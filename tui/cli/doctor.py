"""`convsole doctor`: checks the integrity of saved runs and data, and repairs them."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui import exit_codes
from tui.cli import say
from tui.cli.options import DataOption, JsonOption

if TYPE_CHECKING:
    from core.runs.doctor.check import Finding


@say.faults_in_one_sentence()
def doctor(
    fix: Annotated[bool, typer.Option("--repair", help="Fix what can be fixed.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say whether runs, weights and data are sound."""
    from core.runs.doctor.check import examine
    from core.runs.doctor.repair import repair
    from core.runs.session import store

    examined = examine(store(), data)
    repaired = repair(store(), examined) if fix else []
    now = examine(store(), data) if repaired else examined
    if as_json:
        say.json_line(
            {
                "folder": str(store().root),
                "runs": now.runs,
                "points": now.points,
                "checkpoints": now.checkpoints,
                "data": now.data,
                "findings": [_as_json(found, True) for found in repaired]
                + [_as_json(found, False) for found in now.findings],
            }
        )
    else:
        say.line(f"runs: {now.runs:,} in {store().root}, {now.points:,} points")
        say.line(f"checkpoints: {now.checkpoints:,}")
        say.line(f"data: {now.data}")
        for found in repaired:
            say.line(f"fixed: {found.what}")
            say.line(f"       {found.fixed}")
        for found in now.findings:
            say.line(f"wrong: {found.what}")
            help_ = f"--repair {found.fix}" if found.fix else "no repair can fix this"
            say.line(f"       {help_}")
        if {"database", "points", "folder"} & {found.kind for found in repaired}:
            _print_unfinished()
        if not repaired and not now.findings:
            say.line("all is well")
    if now.findings:
        raise typer.Exit(exit_codes.FAILED)


def _as_json(found: "Finding", repaired: bool) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "where": found.where,
        "what": found.what,
        "mends": found.fix,
        "mended": repaired,
    }


def _print_unfinished() -> None:
    """Print how many updates each unfinished run has on record."""
    from core.runs.records import RunState
    from core.runs.session import store

    for run in store().runs():
        if run.state is not RunState.FINISHED:
            say.line(
                f"{run.id}: {run.updates:,} of {run.total:,} updates are on record; "
                f"`convsole resume {run.id}` computes the others"
            )
