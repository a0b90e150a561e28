"""`convsole sweep export`: the trials of a study, their curves, and its definition."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tui.cli import say
from tui.cli.options import path
from tui.cli.sweep.options import StudyArgument


@say.faults_in_one_sentence()
def export(
    study: StudyArgument,
    out: Annotated[
        Path, typer.Option("--out", parser=path, metavar="DIR", help="Where the files go.")
    ],
) -> None:
    """Write the trials of a study and their curves to files."""
    from core import files
    from core.errors import writing_to
    from core.runs.session import store
    from core.sweeps.analysis import snapshot
    from core.sweeps.analysis.curves import curves_csv
    from core.sweeps.definition.study import Study
    from core.text_out import as_file_name
    from tui.cli import inputs

    found = store().study(study)
    inputs.usable(out)
    runs = {run.number: run for run in store().runs()}
    trials = store().trials(found)
    ids = {number: run.id for number, run in runs.items()}
    taken = snapshot.of(found, trials, store().tells(found), ids)
    contents = {
        ".csv": taken.csv(),
        ".json": json.dumps(taken.as_json(), indent=2, ensure_ascii=False) + "\n",
        "-curves.csv": curves_csv(store(), trials, runs),
        ".toml": Study.of(found.definition).to_toml(),
    }
    with writing_to(out):
        for ending, text in contents.items():
            file = out / f"{as_file_name(found.name)}{ending}"
            files.write(file, text.encode(), files.SHARED_FILE)
            say.line(str(file))
