"""The texts of the Sweeps pane: titles, progress, and what is said of a trial."""

from core import format as fmt
from core.runs.studies.records import StudyState
from core.sweeps.dimensions import shown
from core.sweeps.snapshot import Snapshot, TrialRow
from tui.keymap.keys import fill
from tui.sweeps.book import OpenStudy
from tui.widgets import signs

LONGEST_PROGRESS = len("1,000 of 1,000 trials · 12,345 images/s · 10 h 59 m to go")


def title(study: OpenStudy, shown_rows: int) -> str:
    """Return the title of the table."""
    record = study.snapshot.study
    count = f"{len(study.snapshot.rows):,}"
    if study.narrowed:
        count = f"{shown_rows:,} of {count}"
    return f"{record.name} ─ {signs.STUDIES[record.state]} {record.state.value} ─ {count}"


def progress(snapshot: Snapshot) -> tuple[float, tuple[str, ...]]:
    """Return the share that is done, and forms of the text beside it."""
    done, planned = snapshot.over, max(1, snapshot.planned)
    share = min(1.0, done / planned)
    if snapshot.study.state is StudyState.FINISHED:
        return 1.0, (f"complete, {done:,} trials", "complete")
    trials = f"{done:,} of {planned:,} trials"
    live = snapshot.live
    parts = [trials]
    if live.images_per_second:
        parts.append(fmt.speed(live.images_per_second, "images"))
    if live.seconds_to_go is not None:
        parts.append(f"{fmt.duration(live.seconds_to_go)} to go")
    elif not live.workers and snapshot.study.state is not StudyState.RUNNING:
        parts.append(fill("{start} goes on"))
    return share, (" · ".join(parts), " · ".join(parts[:2]), trials)


def of_trial(row: TrialRow) -> str:
    """Return all that is known of a trial, in a line or two."""
    settings = ", ".join(f"{name} {shown(value)}" for name, value in row.settings.items())
    parts = [
        f"trial {row.number}, seed {row.seed}: {settings}",
        f"{row.updates:,} updates in {fmt.duration(row.seconds)}",
        f"run {row.run_id}" if row.run_id else "",
        f"worker {row.worker}" if row.worker else "",
        row.reason,
    ]
    return "; ".join(filter(None, parts))
