"""`convsole doctor`: is everything that was kept still as it was written?"""

from pathlib import Path
from typing import Any

import typer

from core.runs.doctor.check import Finding, examine
from core.runs.doctor.repair import repair
from core.runs.records import RunState
from core.runs.session import store
from tui.cli import say


def doctor(*, data: Path | None, mend: bool, as_json: bool) -> None:
    """Look at everything, say what is wrong, and mend it where that is asked for.

    Raises:
        StoreError: if it cannot be looked at or mended.
        typer.Exit: with 1, if something is wrong that has not been mended.
    """
    examined = examine(store(), data)
    mended = repair(store(), examined) if mend else []
    now = examine(store(), data) if mended else examined
    if as_json:
        say.json_line(
            {
                "folder": str(store().root),
                "runs": now.runs,
                "points": now.points,
                "checkpoints": now.checkpoints,
                "data": now.data,
                "findings": [_as_json(found, True) for found in mended]
                + [_as_json(found, False) for found in now.findings],
            }
        )
    else:
        say.line(f"runs: {now.runs:,} in {store().root}, {now.points:,} points")
        say.line(f"checkpoints: {now.checkpoints:,}")
        say.line(f"data: {now.data}")
        for found in mended:
            say.line(f"mended: {found.what}")
            say.line(f"        {found.fixed}")
        for found in now.findings:
            say.line(f"wrong: {found.what}")
            help_ = f"--repair {found.fix}" if found.fix else "no repair can mend this"
            say.line(f"       {help_}")
        if {"database", "points", "folder"} & {found.kind for found in mended}:
            _print_unfinished()
        if not mended and not now.findings:
            say.line("all is well")
    if now.findings:
        raise typer.Exit(say.FAILED)


def _as_json(found: Finding, mended: bool) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "where": found.where,
        "what": found.what,
        "mends": found.fix,
        "mended": mended,
    }


def _print_unfinished() -> None:
    """Say of each run that is not whole, after a repair or before it, what is left of it."""
    for run in store().runs():
        if run.state is not RunState.FINISHED:
            say.line(
                f"{run.id}: {run.updates:,} of {run.total:,} updates are on record; "
                f"`convsole resume {run.id}` computes the others"
            )
