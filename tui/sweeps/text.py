"""The texts of the Sweeps pane: titles, progress, and what is said of a trial."""

from core import format as fmt
from core.runs.studies.records import StudyState, TrialState
from core.sweeps.analysis.dimensions import shown
from core.sweeps.analysis.labels import label
from core.sweeps.analysis.snapshot import Snapshot, TrialRow
from tui.keymap.keys import fill
from tui.sweeps.book import OpenStudy
from tui.widgets import signs

LONGEST_PROGRESS = len("1,000 of 1,000 trainings · 12,345 images/s · 10 h 59 m to go")


def title(study: OpenStudy) -> str:
    """Return the title of the table."""
    record = study.snapshot.study
    total = len(study.trials)
    count = fmt.counted(total, "trial")
    if study.narrowed:
        count = f"{sum(study.fits()):,} of {count}"
    return f"{record.name} ─ {state(study.snapshot)} ─ {count}"


def state(snapshot: Snapshot) -> str:
    """Return the state of a study with its sign, or what it does before it trains."""
    if snapshot.live.starting:
        return f"… {snapshot.live.starting}"
    return f"{signs.STUDIES[snapshot.study.state]} {snapshot.study.state.value}"


def progress(snapshot: Snapshot) -> tuple[float, tuple[str, ...]]:
    """Return the share that is done, and forms of the text beside it."""
    done, planned = snapshot.over, max(1, snapshot.planned)
    share = min(1.0, done / planned)
    live = snapshot.live
    if live.starting:
        return share, (live.starting, "starts")
    if snapshot.study.state is StudyState.FINISHED:
        return 1.0, (f"complete, {fmt.counted(done, 'training')}", "complete")
    trainings = f"{done:,} of {fmt.counted(planned, 'training')}"
    parts = [trainings]
    if live.images_per_second:
        parts.append(fmt.speed(live.images_per_second, "images"))
    if live.seconds_to_go is not None:
        parts.append(f"{fmt.duration(live.seconds_to_go)} to go")
    elif not live.workers and snapshot.study.state is not StudyState.RUNNING:
        parts.append(fill("{start} goes on"))
    return share, (" · ".join(parts), " · ".join(parts[:2]), trainings)


def of_trial(row: TrialRow) -> str:
    """Return all that is known of a trial, in a line or two."""
    parts = [
        f"trial {row.number}, seed {row.seed}",
        settings(row),
        mean(row),
        f"{fmt.counted(row.updates, 'update')} in {fmt.duration(row.seconds)}",
        f"run {row.run_id}" if row.run_id else "",
        f"worker {row.worker}" if row.worker else "",
        reason(row),
    ]
    return "; ".join(filter(None, parts))


def settings(row: TrialRow) -> str:
    """Return the settings of a trial that vary, with their values."""
    return "; ".join(f"{label(name)} {shown(value)}" for name, value in row.settings.items())


def mean(row: TrialRow) -> str:
    """Return the mean of a trial with several seeds; empty for others."""
    if row.seeds < 2 or row.mean is None:
        return ""
    return f"mean of {row.seeds} seeds {fmt.percent(row.mean)}"


def reason(row: TrialRow) -> str:
    """Return why a trial is in its state; empty if there is nothing to say.

    What was recorded of a trial at a rung counts those that were there when it came.
    """
    if row.state is TrialState.PAUSED:
        return f"at rung {row.rung}, it waits for the results of others"
    return row.reason
