"""Export of a study: all pictures, and the table."""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from core import files
from core.data import home
from core.errors import StoreError, UserError
from core.runs.compare import Compared
from core.runs.studies.records import TrialState
from core.sweeps.analysis.importance import Importance, importances
from core.sweeps.analysis.snapshot import Snapshot, TrialRow
from core.sweeps.definition.study import Study
from core.text_out import as_file_name
from tui import file_export
from tui.messages import ExportDone

Read = Callable[[Iterable[TrialRow]], Sequence[Compared]]


def place() -> Path:
    """Return the folder that pictures and table of a study are written to."""
    return home.saved_models_folder() / "reports"


def found(snapshot: Snapshot) -> tuple[Importance, ...]:
    """Return the importance of the settings of a study.

    This takes seconds, and must not run on the UI thread.

    Raises:
        UserError: if there are too few trials.
    """
    study = Study.of(dict(snapshot.study.definition))
    seed = study.seeds[0]
    finished = [
        (row.settings, row.accuracy)
        for row in snapshot.rows
        if row.state is TrialState.FINISHED and row.seed == seed and row.accuracy is not None
    ]
    return importances(study, finished)


def prepared(
    snapshot: Snapshot, best: int, shares: Sequence[Importance], read: Read
) -> Callable[[], ExportDone]:
    """Return a function that writes pictures and table, and returns the message about it.

    That takes seconds, and must not run on the UI thread.

    Args:
        snapshot: the study.
        best: how many trials are in colour.
        shares: the importance of its settings if it is known already.
        read: reads the runs of trials with their points.
    """
    folder = place()
    stem = as_file_name(f"sweep-{snapshot.study.name}")

    def tables() -> list[Path]:
        content = json.dumps(snapshot.as_json(), indent=2, ensure_ascii=False) + "\n"
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for ending, text in (("csv", snapshot.csv()), ("json", content)):
            path = folder / f"{stem}.{ending}"
            files.write(path, text.encode(), files.SHARED_FILE)
            written.append(path)
        return written

    def draw() -> list[Path]:
        # Imported here because it imports Matplotlib.
        from core.figures.sweeps.export import export

        known = tuple(shares)
        if not known:
            try:
                known = found(snapshot)
            except UserError:
                known = ()  # too few trials: there is no figure of it
        try:
            runs = read(snapshot.trials)
        except StoreError:
            runs = ()  # the curves have what the trials told
        return export(snapshot, folder, stem, best, known, runs)

    return partial(file_export.write, "the study", folder, draw, tables)
