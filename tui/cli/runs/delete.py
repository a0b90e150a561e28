"""`convsole runs delete`: deletes a run for good, after confirmation."""

import sys
from typing import Annotated

import typer

from core.errors import StoreError
from core.text_out import visible
from tui.cli import say
from tui.cli.options import RunArgument


@say.faults_in_one_sentence()
def delete(
    run: RunArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a run, its points and its weights, for good."""
    from core.runs.session import store

    found = store().find(run)
    if not yes:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise StoreError(
                f"{found.id} would be gone for good; --yes removes it without a question"
            )
        typer.confirm(
            visible(
                f"Remove {found.id} ({found.updates:,} updates, {store().folder(found)}) for good?"
            ),
            abort=True,
            err=True,
        )
    store().purge(store().delete(found))
    say.note(f"removed {found.id}")
