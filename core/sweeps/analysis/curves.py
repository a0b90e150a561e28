"""The recorded curves of the trials of a study, as a table for other programs."""

from collections.abc import Iterable, Mapping

from core.runs.records import Run
from core.runs.store import Store
from core.runs.studies.records import TrialRecord
from core.text_out import Cell, as_csv

COLUMNS = ("trial", "seed", "update", "validation_accuracy", "validation_loss")


def curves_csv(store: Store, trials: Iterable[TrialRecord], runs: Mapping[int, Run]) -> str:
    """Return every evaluation of trials as CSV, with a heading.

    Args:
        store: the store of their runs.
        trials: the trials; those whose runs were deleted have no rows.
        runs: the runs of the store, by number.

    Raises:
        StoreError: if the points of a run are damaged.
    """
    rows: list[list[Cell]] = [list(COLUMNS)]
    for trial in trials:
        if trial.run is None or trial.run not in runs:
            continue
        found = store.history(runs[trial.run]).evaluations.read()
        rows += (
            [trial.number, trial.seed, int(update), float(accuracy), float(loss)]
            for update, accuracy, loss in zip(*(found[name] for name in COLUMNS[2:]), strict=True)
        )
    return as_csv(rows)
