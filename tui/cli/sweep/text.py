"""Trials and studies in words and tables, for the commands of `convsole sweep`."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.table import Table

from core import format as fmt
from core.runs.studies.records import TrialRecord
from core.sweeps.study import Study
from tui.cli import say
from tui.cli.runs.text import accuracy

RESULT_ROWS = 10
"""Trials that the result of a study shows."""


def counted(trials: Sequence[TrialRecord]) -> str:
    """Return how many trials are in each state, such as `3 running, 5 finished`."""
    counts = Counter(trial.state.label for trial in trials)
    return ", ".join(f"{count:,} {state}" for state, count in counts.items()) or "no trials"


def ended(trial: TrialRecord) -> str:
    """Return a line about a trial that is over."""
    words = f"trial {trial.number}, seed {trial.seed}: {trial.state.label}"
    if trial.accuracy is not None:
        words += f", {fmt.percent(trial.accuracy)} after {trial.updates:,} updates"
    return words + (f" ({trial.reason})" if trial.reason else "")


def table(study: Study, trials: Sequence[TrialRecord], rows: int | None = None) -> Table:
    """Return the trials of a study, the best first.

    Args:
        study: the study, whose settings that vary are columns.
        trials: its trials.
        rows: number of trials to show; None for all.
    """
    best = sorted(trials, key=lambda one: (-one.rung, -(one.accuracy or -1.0), one.key))
    made = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("trial", "seed", "validation", "rung"):
        made.add_column(heading, justify="right", no_wrap=True)
    for heading in ("state", *study.space):
        made.add_column(heading, overflow="fold")
    made.add_column("updates", justify="right", no_wrap=True)
    made.add_column("time", justify="right", no_wrap=True)
    for trial in best[:rows]:
        cells = [
            str(trial.number),
            str(trial.seed),
            accuracy(trial.accuracy),
            f"{trial.rung} of {len(study.shares)}",
            trial.state.label,
            *(shown(trial.settings.get(name, "")) for name in study.space),
            f"{trial.updates:,}",
            fmt.duration(trial.seconds),
        ]
        made.add_row(*map(say.cell, cells))
    return made


def shown(value: Any) -> str:
    """Return a drawn value as text."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
