"""Repairs what `core.runs.doctor.check` has found, and discards nothing that can be read."""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np

from core import files
from core.config.experiment import Experiment
from core.errors import DamagedError, StoreError, reason
from core.plan import plan
from core.runs import database, queries
from core.runs.checkpoint import Checkpoint
from core.runs.doctor.check import Examined, Finding, folders
from core.runs.folder import SETTINGS, RunFolder, running
from core.runs.points import Points, chunk_number, concatenate, replace_points, unpack
from core.runs.records import Event, Run, RunState, new_run
from core.runs.store import Store
from core.settings import SettingError
from core.training.history import History

FURTHER = 1000
"""How many numbers of runs are tried beyond the last one that can be read."""


def repair(store: Store, examined: Examined) -> list[Finding]:
    """Repair what can be repaired; return those findings.

    Raises:
        StoreError: if a run is being trained, or the disk refuses.
    """
    if names := running(store.root):
        raise StoreError(f"{names[0]} is being trained; repair when it is over")
    repaired = []
    for found in examined.findings:
        if not found.fix:
            continue
        try:
            _repair(store, found)
        except OSError as error:
            raise StoreError(f"cannot repair {found.where}: {reason(error)}") from None
        repaired.append(found)
    return repaired


def _repair(store: Store, found: Finding) -> None:
    if found.kind == "database":
        rebuild(store)
    elif found.kind == "points" and found.run is not None:
        run = found.run
        folder = RunFolder(store.folder(run))
        store.writer.do(lambda connection: _truncate(connection, run, folder))
    elif found.kind == "settings" and found.path is not None and found.run is not None:
        RunFolder(found.path).write_settings(found.run.experiment())
    elif found.kind == "deleted" and found.run is not None:
        store.purge(found.run)
    elif found.kind == "folder" and found.path is not None:
        adopted = _adopted(RunFolder(found.path))
        if adopted is not None:
            store.writer.do(lambda connection: _add_saved(connection, *adopted))
    elif found.path is not None and found.kind == "checkpoint":
        found.path.replace(found.path.with_name(f"{found.path.name}.damaged"))
    elif found.path is not None and found.kind == "draft":
        found.path.unlink(missing_ok=True)


def rebuild(store: Store) -> None:
    """Make a new database of what can be read and of the folders, and rename the damaged one.

    Raises:
        OSError, StoreError: if the disk refuses; the damaged one is then where it was.
    """
    path = store.root / database.NAME
    saved = list(_salvaged_runs(path)) if path.exists() else []
    known = {run.id for run, _, _ in saved}

    def fill(connection: sqlite3.Connection) -> None:
        for run, events, points in sorted(saved, key=lambda each: each[0].number):
            completed = _with_edits(events, run, RunFolder(store.folder(run)))
            _add_saved(connection, run, completed, points)
        for folder in folders(store.root):
            if folder.id not in known:
                adopted = _adopted(folder)
                if adopted is not None:
                    _add_saved(connection, *adopted)

    # In another folder until it is whole: an interruption leaves everything as it was.
    draft = store.root / ".repair"
    shutil.rmtree(draft, ignore_errors=True)
    try:
        with (
            closing(database.connect(draft, create=True)) as connection,
            database.faults(store.root),
            database.writing(connection),
        ):
            fill(connection)
        _put_aside(path)
        (draft / database.NAME).replace(path)
        files.flush_folder(store.root)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _put_aside(path: Path) -> None:
    """Keep a damaged database, and its journal, under other names."""
    aside = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%dT%H%M%S')}")
    # A second name, so that there is always a database under the first.
    with suppress(FileNotFoundError):
        try:
            os.link(path, aside)
        except FileNotFoundError:
            raise
        except OSError:  # a file system without links
            shutil.copyfile(path, aside)
    with suppress(FileNotFoundError):
        # The journal belongs to the damaged file: it would be rolled back into the new one.
        journal = path.with_name(f"{path.name}-journal")
        journal.replace(aside.with_name(f"{aside.name}-journal"))


Saved = tuple[Run, list[Event], dict[str, Points]]


def _salvaged_runs(path: Path) -> Iterator[Saved]:
    """Yield every run that is whole in a damaged database, with what is whole of it."""
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        database.guard(connection)
        numbers: list[int] = []
        with suppress(sqlite3.Error):
            numbers = [int(n) for (n,) in connection.execute("SELECT number FROM runs")]
        for number in range(1, max(numbers, default=0) + FURTHER):
            with suppress(sqlite3.Error, *database.NONSENSE):
                run = queries.find_run(connection, number)
                if run is not None:
                    yield run, _whole_events(connection, run), _whole_points(connection, run)


def _whole_events(connection: sqlite3.Connection, run: Run) -> list[Event]:
    """Return the events before the first that is damaged."""
    found: list[Event] = []
    with suppress(sqlite3.Error, *database.NONSENSE):
        for event in queries.each_event(connection, run):
            found.append(event)
    return found[: run.events]


def _with_edits(events: list[Event], run: Run, folder: RunFolder) -> list[Event]:
    """Return events, and behind them the lost edits that the newest checkpoint has."""
    if len(events) == run.events:
        return events
    newest = _newest(folder)
    known = {(event.update, repr(event.content.get("changes"))) for event in events}
    lost = [
        Event(run.started, edit.update, "edited", {"changes": dict(edit.changes)})
        for edit in (newest.timeline.edits if newest else ())
        if (edit.update, repr(dict(edit.changes))) not in known
    ]
    return [*events, *lost]


def _newest(folder: RunFolder) -> Checkpoint | None:
    """Return the newest checkpoint that can be read; None where there is none."""
    found = (each for _, each in folder.load_checkpoints() if not isinstance(each, DamagedError))
    return next(found, None)


def _whole_points(connection: sqlite3.Connection, run: Run) -> dict[str, Points]:
    """Return the points before the first chunk that is damaged or missing, by kind."""
    found: dict[str, Points] = {}
    for kind, table in History().tables.items():
        columns, parts = len(table.columns), []
        for number in range(chunk_number(max(1, run.updates)) + 1):
            try:
                row = connection.execute(
                    "SELECT points, rows, checksum FROM chunks "
                    "WHERE run = ? AND kind = ? AND number = ?",
                    (run.number, kind, number),
                ).fetchone()
                if row is None and kind == "evaluations":
                    continue  # where evaluations are rare, some chunks have none and do not exist
                content, rows, checksum = row
                part = unpack(content, columns, rows, checksum, run.number, kind, number)
                parts.append(part)
            except (sqlite3.Error, *database.NONSENSE):
                break
        found[kind] = concatenate(parts, columns)
    last = found["updates"][0, -1] if found["updates"].shape[1] else 0
    found["evaluations"] = found["evaluations"][:, found["evaluations"][0] <= last]
    return found


def _truncate(connection: sqlite3.Connection, run: Run, folder: RunFolder) -> None:
    """Keep only the points of a run that are before the damage."""
    points, events = _whole_points(connection, run), _whole_events(connection, run)
    events = _with_edits(events, run, folder)
    for kind, whole in points.items():
        replace_points(connection, run, kind, whole)
    connection.execute("DELETE FROM events WHERE run = ?", (run.number,))
    _fill(connection, run, events, points)


def _add_saved(
    connection: sqlite3.Connection, run: Run, events: list[Event], points: dict[str, Points]
) -> None:
    added = queries.add_run(connection, run)
    for kind, whole in points.items():
        replace_points(connection, added, kind, whole)
    _fill(connection, added, events, points)


def _fill(
    connection: sqlite3.Connection, run: Run, events: list[Event], points: dict[str, Points]
) -> None:
    """Write events, and update the record of the run to what there is."""
    history = History()
    for kind, whole in points.items():
        history.tables[kind].extend(whole)
    counts = {kind: len(table) for kind, table in history.tables.items()}
    best = history.best_undisturbed(run.setting("evaluate_every"), run.total)
    # Without all of its points, a run that had finished is unfinished again.
    lost = counts["updates"] < run.updates or counts["evaluations"] < run.evaluations
    now = queries.update_run(
        connection,
        run.number,
        events=0,
        updates=counts["updates"],
        evaluations=counts["evaluations"],
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
        now = queries.add_event(connection, now, event.update, event.kind, event.content, event.at)


def _adopted(folder: RunFolder) -> Saved | None:
    """Return a run made of its folder: to be resumed, which computes its points again."""
    newest, settings = _newest(folder), folder.path / SETTINGS
    if newest is None and not settings.is_file():
        return None
    try:
        experiment = newest.timeline.experiment if newest else Experiment.read(settings)
        planned = plan(experiment, experiment.dataset.replace("auto", "synthetic"))
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
    events = [Event(started, 0, "started", {})]
    for edit in newest.timeline.edits if newest else ():
        content = {"changes": dict(edit.changes)}
        events.append(Event(started, edit.update, "edited", content))
    empty = {kind: np.empty((len(table.columns), 0)) for kind, table in History().tables.items()}
    return new_run(folder.id, experiment, **facts), events, empty
