"""Trials and studies in words and tables, for the commands of `convsole sweep`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from statistics import mean
from typing import TYPE_CHECKING, Any

from rich.table import Table

from core import format as fmt
from core.runs.studies.records import StudyRecord, StudyState, TrialRecord, TrialState
from core.sweeps.definition.study import Study
from tui.cli import say
from tui.cli.runs.text import accuracy

if TYPE_CHECKING:
    from core.runs.store import Store

RESULT_ROWS = 10
"""Trials that the result of a study shows."""


def counted(trials: Sequence[TrialRecord]) -> str:
    """Return how many trials are in each state, such as `3 running, 5 finished`."""
    counts = Counter(trial.state.label for trial in trials)
    return ", ".join(f"{count:,} {state}" for state, count in counts.items()) or "no trials"


def ended(study: Study, trial: TrialRecord) -> str:
    """Return a line about a trial that is over: what it tried, how far it came, and why no further.

    Args:
        study: the study, whose settings that vary are named.
        trial: the trial.
    """
    tried = [
        f"{name} {shown(trial.settings[name])}" for name in study.space if name in trial.settings
    ]
    words = f"trial {trial.number}, seed {trial.seed} ({', '.join(tried)}): {trial.state.label}"
    if trial.accuracy is not None:
        words += f", {fmt.percent(trial.accuracy)} {_where(study, trial)}"
    words += f", {fmt.duration(trial.seconds)}"
    why = "" if trial.state is TrialState.FINISHED else trial.reason
    return f"{words}; {why}" if why else words


def _where(study: Study, trial: TrialRecord) -> str:
    rungs = len(study.shares)
    return "at the end" if trial.rung >= rungs else f"at rung {trial.rung} of {rungs}"


def as_they_stand(trials: Sequence[TrialRecord], at_work: bool | None) -> list[TrialRecord]:
    """Return trials, of which none runs if no process works on their study any more."""
    return [
        replace(trial, state=TrialState.PARKED, worker="", reason="its study has crashed")
        if at_work is False and trial.state is TrialState.RUNNING
        else trial
        for trial in trials
    ]


def state(store: "Store", study: StudyRecord) -> str:
    """Return the state of a study; one that no process works on any more is not running."""
    at_work = study.state in (StudyState.RUNNING, StudyState.PAUSED)
    return "crashed" if at_work and store.is_at_work(study) is False else study.state.value


def table(study: Study, trials: Sequence[TrialRecord], rows: int | None = None) -> Table:
    """Return the trials of a study, the best first, by the mean over their seeds.

    Args:
        study: the study, whose settings that vary are columns.
        trials: its trials.
        rows: number of trials to show; None for all.
    """
    means = _means(study, trials)
    several = any(seeds > 1 for seeds, _ in means.values())
    best = sorted(trials, key=lambda trial: _order(study, trial, *means[trial.number]))
    made = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("trial", "seed", *(["mean"] if several else []), "validation", "rung"):
        made.add_column(heading, justify="right", no_wrap=True)
    for heading in ("state", *study.space):
        made.add_column(heading, overflow="fold")
    made.add_column("updates", justify="right", no_wrap=True)
    made.add_column("time", justify="right", no_wrap=True)
    for trial in best[:rows]:
        cells = [
            str(trial.number),
            str(trial.seed),
            *([accuracy(means[trial.number][1])] if several else []),
            accuracy(trial.accuracy),
            f"{trial.rung} of {len(study.shares)}",
            trial.state.label,
            *(shown(trial.settings.get(name, "")) for name in study.space),
            f"{trial.updates:,}",
            fmt.duration(trial.seconds),
        ]
        made.add_row(*map(say.cell, cells))
    return made


def _means(study: Study, trials: Sequence[TrialRecord]) -> dict[int, tuple[int, float | None]]:
    """Return for each trial its number of seeds that were trained to the end, and their mean.

    Without one that is the accuracy at the latest rung; None without any.
    """
    found: dict[int, tuple[int, float | None]] = {}
    for number in {trial.number for trial in trials}:
        mine = [each for each in trials if each.number == number and each.accuracy is not None]
        whole = [each for each in mine if each.rung >= len(study.shares)]
        known = [each.accuracy for each in whole or mine if each.accuracy is not None]
        found[number] = len(whole), mean(known) if known else None
    return found


def _order(
    study: Study, trial: TrialRecord, seeds: int, judged: float | None
) -> tuple[bool, int, int, float, tuple[int, int]]:
    """Return what trials are sorted by, as `core.sweeps.execution.progress.best_of` does."""
    finalist = min(seeds, len(study.seeds))
    return judged is None, -finalist, 0 if seeds else -trial.rung, -(judged or 0.0), trial.key


def shown(value: Any) -> str:
    """Return a drawn value as text."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
