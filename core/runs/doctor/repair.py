"""Repair of the problems that `core.runs.doctor.check` finds; readable data are never discarded."""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from core import files
from core.config.experiment import Experiment
from core.data import known
from core.errors import DamagedError, StoreError, reason
from core.plan import plan
from core.runs import database, queries
from core.runs.checkpoint import Checkpoint
from core.runs.doctor import studies
from core.runs.doctor.check import Examined, Finding, folders
from core.runs.folder import SETTINGS, RunFolder, running
from core.runs.points import Points, chunk_number, concatenate, replace_points, unpack
from core.runs.records import Event, Run, RunState, new_run
from core.runs.store import DATA, STARTED, Store
from core.settings import SettingError
from core.training.history import History

EXTRA_NUMBERS = 1000
"""Run numbers to try beyond the last one that can be read."""


def repair(store: Store, examined: Examined) -> list[Finding]:
    """Repair what can be repaired, and return those findings.

    Raises:
        StoreError: if a run is being trained, or a repair cannot be written.
    """
    if names := running(store.root):
        raise StoreError(f"{names[0]} is being trained; repair when it is over")
    repaired = []
    for finding in examined.findings:
        if not finding.fix:
            continue
        try:
            _repair(store, finding)
        except OSError as error:
            raise StoreError(f"cannot repair {finding.where}: {reason(error)}") from None
        repaired.append(finding)
    return repaired


def _repair(store: Store, finding: Finding) -> None:
    if finding.kind == "database":
        rebuild(store)
    elif finding.kind == "points" and finding.run is not None:
        run = finding.run
        folder = RunFolder(store.folder(run))
        store.writer.do(lambda connection: _truncate(connection, run, folder))
    elif finding.kind == "study" and finding.study is not None:
        study = finding.study
        store.writer.do(lambda connection: studies.write_again(connection, study))
    elif finding.kind == "settings" and finding.path is not None and finding.run is not None:
        RunFolder(finding.path).write_settings(finding.run.experiment())
    elif finding.kind == "deleted" and finding.run is not None:
        store.purge(finding.run)
    elif finding.kind == "folder" and finding.path is not None:
        adopted = _run_of_folder(RunFolder(finding.path))
        if adopted is not None:
            store.writer.do(lambda connection: _add_saved(connection, *adopted))
    elif finding.path is not None and finding.kind == "checkpoint":
        finding.path.replace(finding.path.with_name(f"{finding.path.name}.damaged"))
    elif finding.path is not None and finding.kind == "draft":
        finding.path.unlink(missing_ok=True)


def rebuild(store: Store) -> None:
    """Build a new database from the readable records and the folders; rename the damaged one.

    Raises:
        OSError, StoreError: if it cannot be written; the damaged database is then unchanged.
    """
    path = store.root / database.NAME
    saved = list(_salvaged_runs(path)) if path.exists() else []
    saved_studies = list(_salvaged_studies(path)) if path.exists() else []
    known = {run.id for run, _, _ in saved}

    def fill(connection: sqlite3.Connection) -> None:
        numbers: dict[int, int] = {}
        for run, events, points in sorted(saved, key=lambda each: each[0].number):
            completed = _with_edits(events, run, RunFolder(store.folder(run)))
            numbers[run.number] = _add_saved(connection, run, completed, points).number
        for folder in folders(store.root):
            if folder.id not in known:
                adopted = _run_of_folder(folder)
                if adopted is not None:
                    _add_saved(connection, *adopted)
        for study in saved_studies:
            studies.add(connection, study, numbers)

    # Built in another folder, so that an interruption leaves everything unchanged.
    draft = store.root / ".repair"
    shutil.rmtree(draft, ignore_errors=True)
    try:
        with (
            closing(database.connect(draft, create=True)) as connection,
            database.faults(store.root),
            database.writing(connection),
        ):
            fill(connection)
        _rename_damaged(path)
        (draft / database.NAME).replace(path)
        files.flush_folder(store.root)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _rename_damaged(path: Path) -> None:
    """Save a damaged database, and its journal, under other names."""
    backup = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%dT%H%M%S')}")
    # A link, so that there is always a database under the first name.
    with suppress(FileNotFoundError):
        try:
            os.link(path, backup)
        except FileNotFoundError:
            raise
        except OSError:  # a file system without links
            shutil.copyfile(path, backup)
    with suppress(FileNotFoundError):
        # The journal belongs to the damaged file; SQLite would roll it back into the new one.
        journal = path.with_name(f"{path.name}-journal")
        journal.replace(backup.with_name(f"{backup.name}-journal"))


Saved = tuple[Run, list[Event], dict[str, Points]]


def _salvaged_runs(path: Path) -> Iterator[Saved]:
    """Yield every run whose record is intact in a damaged database, with its intact data."""
    with _opened(path) as connection:
        numbers: list[int] = []
        with suppress(sqlite3.Error):
            numbers = [int(n) for (n,) in connection.execute("SELECT number FROM runs")]
        for number in range(1, max(numbers, default=0) + EXTRA_NUMBERS):
            with suppress(sqlite3.Error, *database.MALFORMED_ERRORS):
                run = queries.find_run(connection, number)
                if run is not None:
                    yield run, _readable_events(connection, run), _readable_points(connection, run)


def _salvaged_studies(path: Path) -> Iterator[studies.SavedStudy]:
    """Yield every study whose record is intact in a damaged database, with its intact rows."""
    with _opened(path) as connection, suppress(sqlite3.Error):
        yield from studies.salvaged(connection)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection to a damaged database, to read from."""
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        database.harden(connection)
        yield connection


def _readable_events(connection: sqlite3.Connection, run: Run) -> list[Event]:
    """Return the events before the first damaged one."""
    events: list[Event] = []
    with suppress(sqlite3.Error, *database.MALFORMED_ERRORS):
        for event in queries.each_event(connection, run):
            events.append(event)
    return events[: run.events]


def _with_edits(events: list[Event], run: Run, folder: RunFolder) -> list[Event]:
    """Return `events`, followed by the lost edits that the newest checkpoint contains."""
    if len(events) == run.events:
        return events
    newest = _newest_checkpoint(folder)
    known = {(event.update, repr(event.content.get("changes"))) for event in events}
    lost = [
        Event(run.started, edit.update, "edited", {"changes": dict(edit.changes)})
        for edit in (newest.timeline.edits if newest else ())
        if (edit.update, repr(dict(edit.changes))) not in known
    ]
    return [*events, *lost]


def _newest_checkpoint(folder: RunFolder) -> Checkpoint | None:
    """Return the newest checkpoint that can be read; None if there is none."""
    valid = (each for _, each in folder.load_checkpoints() if not isinstance(each, DamagedError))
    return next(valid, None)


def _readable_points(connection: sqlite3.Connection, run: Run) -> dict[str, Points]:
    """Return the points before the first damaged or missing chunk, by kind."""
    points: dict[str, Points] = {}
    for kind, table in History(run.health_columns()).tables.items():
        columns, parts = len(table.columns), []
        for number in range(chunk_number(max(1, run.updates)) + 1):
            try:
                row = connection.execute(
                    "SELECT points, rows, checksum FROM chunks "
                    "WHERE run = ? AND kind = ? AND number = ?",
                    (run.number, kind, number),
                ).fetchone()
                if row is None and kind != "updates":
                    continue  # if they are rare, chunks without any do not exist
                if row is None:
                    break
                content, rows, checksum = row
                part = unpack(content, columns, rows, checksum, run.number, kind, number)
                parts.append(part)
            except (sqlite3.Error, *database.MALFORMED_ERRORS):
                break
        points[kind] = concatenate(parts, columns)
    last = points["updates"][0, -1] if points["updates"].shape[1] else 0
    for kind in ("evaluations", "health"):
        points[kind] = points[kind][:, points[kind][0] <= last]
    return points


def _truncate(connection: sqlite3.Connection, run: Run, folder: RunFolder) -> None:
    """Remove the points of a run from the damage on."""
    points, events = _readable_points(connection, run), _readable_events(connection, run)
    events = _with_edits(events, run, folder)
    for kind, values in points.items():
        replace_points(connection, run, kind, values)
    connection.execute("DELETE FROM events WHERE run = ?", (run.number,))
    _write_events(connection, run, events, points)


def _add_saved(
    connection: sqlite3.Connection, run: Run, events: list[Event], points: dict[str, Points]
) -> Run:
    added = queries.add_run(connection, run)
    for kind, values in points.items():
        replace_points(connection, added, kind, values)
    _write_events(connection, added, events, points)
    return added


def _write_events(
    connection: sqlite3.Connection, run: Run, events: list[Event], points: dict[str, Points]
) -> None:
    """Write events, and update the record of the run to match its points and events."""
    history = History(run.health_columns())
    for kind, values in points.items():
        history.tables[kind].extend(values)
    counts = {kind: len(table) for kind, table in history.tables.items()}
    best = history.best_undisturbed(run.setting("evaluate_every"), run.total)
    # A finished run that has lost points is unfinished again.
    lost = counts["updates"] < run.updates or counts["evaluations"] < run.evaluations
    updated = queries.update_run(
        connection,
        run.number,
        events=0,
        updates=counts["updates"],
        evaluations=counts["evaluations"],
        health=counts["health"],
        **(
            {
                "state": RunState.STOPPED,
                "result": None,
                "seconds": history.updates.last("seconds") if counts["updates"] else 0.0,
                "best_accuracy": best[0] if best else None,
                "best_update": best[1] if best else None,
            }
            if lost
            else {}
        ),
    )
    for event in events:
        updated = queries.add_event(
            connection, updated, event.update, event.kind, event.content, event.at
        )


def _run_of_folder(folder: RunFolder) -> Saved | None:
    """Return a run reconstructed from its folder; resuming it computes its points again."""
    newest, settings = _newest_checkpoint(folder), folder.path / SETTINGS
    if newest is None and not settings.is_file():
        return None
    try:
        experiment = newest.timeline.experiment if newest else Experiment.read(settings)
        planned = plan(experiment, known.SHAPES if experiment.dataset == known.AUTO else None)
    except SettingError:
        return None
    started = (settings if settings.exists() else folder.path).stat().st_mtime
    folder.ensure(experiment)
    facts: dict[str, Any] = {
        "data": None,
        "source": "",
        "machine": {},
        "parameters": planned.parameters,
        "updates_per_epoch": planned.updates_per_epoch,
        "batch_size": experiment.batch_size,
        "total": newest.timeline.updates if newest else planned.updates,
        "started": started,
        "state": RunState.STOPPED,
    }
    content: dict[str, Any] = {DATA: newest.data_hash} if newest and newest.data_hash else {}
    events = [Event(started, 0, STARTED, content)]
    for edit in newest.timeline.edits if newest else ():
        content = {"changes": dict(edit.changes)}
        events.append(Event(started, edit.update, "edited", content))
    run = new_run(folder.id, experiment, **facts)
    tables = History(run.health_columns()).tables
    return run, events, {kind: np.empty((len(of.columns), 0)) for kind, of in tables.items()}
