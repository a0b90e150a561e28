"""`convsole sweep new`: a study around the settings of a run."""

from pathlib import Path
from typing import Annotated

import typer

from tui.cli import say
from tui.cli.options import path


@say.faults_in_one_sentence()
def new(
    run: Annotated[
        str,
        typer.Option(
            "--from", metavar="RUN", help="An id, the beginning of one, a name, or `latest`."
        ),
    ],
    file: Annotated[
        Path | None,
        typer.Argument(
            parser=path, metavar="STUDY.toml", help="Where it goes; else it is printed."
        ),
    ] = None,
) -> None:
    """Write a study around the settings of a run, to be edited."""
    from core import files
    from core.errors import StoreError, writing_to
    from core.runs.session import store
    from core.sweeps.definition.study import Study
    from tui.cli import inputs

    found = store().find(run)
    name = file.stem if file is not None else f"around-{found.id}"
    text = Study.around(found.experiment(), name).to_toml()
    if file is None:
        for line in text.splitlines():
            say.line(line)
        return
    inputs.place_for(file)
    if file.exists():
        raise StoreError(f"{file} is there already; name another file")
    with writing_to(file):
        files.write(file, text.encode(), files.SHARED_FILE)
    say.note(f"wrote {file}; `convsole sweep run {file}` runs it")
