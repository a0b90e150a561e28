"""`convsole doctor`: is everything that was kept still as it was written?"""

from pathlib import Path

import typer

from core.runs import doctor as doctors
from core.runs.records import RunState
from core.runs.repair import repair
from core.runs.session import store
from tui.commands import say


def doctor(*, data: Path | None, mend: bool, as_json: bool) -> None:
    """Look at everything, say what is wrong, and mend it where that is asked for.

    Raises:
        StoreError: if it cannot be looked at or mended.
        typer.Exit: with 1, if something is wrong that has not been mended.
    """
    examined = doctors.examine(store(), data)
    mended = repair(store(), examined) if mend else []
    left = [found for found in examined.findings if found not in mended]
    now = doctors.examine(store(), data) if mended else examined
    if as_json:
        say.json_line(
            {
                "folder": str(store().root),
                "runs": now.runs,
                "points": now.points,
                "checkpoints": now.checkpoints,
                "data": now.data,
                "findings": [
                    {
                        "kind": found.kind,
                        "where": found.where,
                        "what": found.what,
                        "mends": found.mends,
                        "mended": found in mended,
                    }
                    for found in examined.findings
                ],
            }
        )
    else:
        typer.echo(f"runs: {now.runs:,} in {store().root}, {now.points:,} points")
        typer.echo(f"checkpoints: {now.checkpoints:,}")
        typer.echo(f"data: {now.data}")
        for found in examined.findings:
            sign = "mended" if found in mended else "wrong"
            typer.echo(f"{sign}: {found.what}")
            help_ = f"--repair {found.mends}" if found.mends else "this cannot be mended"
            typer.echo(f"       {help_}")
        if {"database", "points", "folder"} & {found.kind for found in mended}:
            _tell_unfinished()
        if not examined.findings:
            typer.echo("all is well")
    if left:
        raise typer.Exit(say.FAILED)


def _tell_unfinished() -> None:
    """Say of each run that is not whole, after a repair or before it, what is left of it."""
    for run in store().runs():
        if run.state is not RunState.FINISHED:
            typer.echo(
                f"{run.id}: {run.updates:,} of {run.total:,} updates are on record; "
                f"`convsole resume {run.id}` computes the others"
            )
