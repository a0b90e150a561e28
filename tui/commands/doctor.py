"""`convsole doctor`: is everything that was kept still as it was written?"""

from pathlib import Path

import typer

from core.runs import doctor as doctors
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
    if as_json:
        say.json_line(
            {
                "folder": str(store().root),
                "runs": examined.runs,
                "points": examined.points,
                "checkpoints": examined.checkpoints,
                "data": examined.data,
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
        typer.echo(f"runs: {examined.runs:,} in {store().root}, {examined.points:,} points")
        typer.echo(f"checkpoints: {examined.checkpoints:,}")
        typer.echo(f"data: {examined.data}")
        for found in examined.findings:
            sign = "mended" if found in mended else "wrong"
            typer.echo(f"{sign}: {found.what}")
            if found not in mended:
                help_ = f"--repair {found.mends}" if found.mends else "this cannot be mended"
                typer.echo(f"       {help_}")
        if not examined.findings:
            typer.echo("all is well")
    if left:
        raise typer.Exit(say.FAILED)
