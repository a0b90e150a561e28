"""Integrity check of all saved runs.

`examine` changes nothing; `core.runs.doctor.repair` repairs what can be repaired.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.data import cifar10
from core.data.dataset import DataError
from core.errors import DamagedError, StoreError, reason
from core.runs import database, queries
from core.runs.checkpoint import load_checkpoint
from core.runs.doctor import studies
from core.runs.folder import BEST, SETTINGS, UNDO_LOCK, RunFolder, is_locked
from core.runs.points import read_points
from core.runs.records import Run, RunState
from core.runs.schema import id_stem
from core.runs.store import Store
from core.runs.studies import queries as study_queries
from core.runs.studies.records import StudyRecord
from core.training.history import History

Kind = Literal[
    "database",
    "points",
    "study",
    "checkpoint",
    "weights",
    "draft",
    "folder",
    "settings",
    "deleted",
    "missing",
    "data",
]


@dataclass(frozen=True)
class Finding:
    """One problem that the check has found."""

    kind: Kind
    where: str
    what: str
    """The problem, in one sentence for the user."""
    fix: str
    """What a repair would do; empty if it cannot be repaired."""
    fixed: str = ""
    """What the repair has done, in the past tense."""
    path: Path | None = None
    run: Run | None = None
    study: StudyRecord | None = None


@dataclass(frozen=True)
class Examined:
    """The extent of a check, and its findings."""

    runs: int
    points: int
    checkpoints: int
    data: str
    """A description of the images that were found, for the user."""
    findings: list[Finding]


def examine(store: Store, data: Path | None = None) -> Examined:
    """Check the database, every point, every checkpoint and the images.

    Args:
        store: of the runs.
        data: a folder or archive of CIFAR-10; None looks in the data folder.

    Raises:
        StoreError: if the folder cannot be read at all.
    """
    findings: list[Finding] = []
    runs, points = _check_database(store, findings)
    checkpoints = 0
    known = {run.id: run for run in runs}
    listed = not any(found.kind == "database" for found in findings)
    for folder in folders(store.root):
        if is_locked(folder.path):
            continue  # a process is working on it and may be writing right now
        checkpoints += _check_checkpoints(folder, findings)
        if folder.id in known and not folder.to_resume():
            _check_weights(folder, known[folder.id], findings)
        if folder.id not in known:
            if listed:
                words = f"{folder.id} is a folder of a run that the list does not have"
                fix, fixed = "puts it on the list", "put it on the list"
                findings.append(Finding("folder", str(folder.path), words, fix, fixed, folder.path))
        elif not (folder.path / SETTINGS).exists():
            words, run = f"{folder.id} has no {SETTINGS} in its folder", known[folder.id]
            what = ("writes it again", "wrote it again")
            findings.append(Finding("settings", str(folder.path), words, *what, folder.path, run))
    return Examined(len(runs), points, checkpoints, _check_data(data, findings), findings)


def _check_database(store: Store, findings: list[Finding]) -> tuple[list[Run], int]:
    where = str(store.root / database.NAME)
    points = 0
    try:
        with closing(database.connect(store.root)) as connection, database.faults(store.root):
            for (answer,) in connection.execute("PRAGMA integrity_check(1)"):
                if answer != "ok":
                    raise ValueError(answer)
            connection.execute("BEGIN")
            runs = queries.all_runs(connection)
            for run in runs:
                points += _check_points(connection, store, run, findings)
            for study in study_queries.all_studies(connection):
                _check_study(connection, study, findings)
            return runs, points
    except FileNotFoundError:
        return [], 0
    except DamagedError as error:
        fix = "makes a new one of all that can be read, and keeps what is damaged"
        fixed = "made a new one of all that could be read, and kept what was damaged"
        findings.append(Finding("database", where, str(error).partition(";")[0], fix, fixed))
        return [], 0


def _check_points(
    connection: sqlite3.Connection, store: Store, run: Run, findings: list[Finding]
) -> int:
    points = 0
    if run.deleted is not None:
        # An app that holds the undo lock can still restore it.
        if not is_locked(store.folder(run), UNDO_LOCK):
            words = f"{run.id} was deleted and still takes up room"
            what = ("removes it", "removed it")
            findings.append(Finding("deleted", run.id, words, *what, run=run))
    elif not store.folder(run).is_dir():
        words = (
            f"the folder of {run.id} is gone, and its weights with it; "
            f"`convsole runs delete {run.id}` takes it off the list"
        )
        findings.append(Finding("missing", str(store.folder(run)), words, ""))
    try:
        queries.events(connection, run)
        for kind, table in History(run.health_columns()).tables.items():
            points += read_points(connection, run, kind, len(table.columns)).shape[1]
    except database.MALFORMED_ERRORS as error:
        words = f"the points of {run.id} are damaged: {error}"
        then = "those before the damage; resuming the run computes the others again"
        findings.append(Finding("points", run.id, words, f"keeps {then}", f"kept {then}", run=run))
    return points


def _check_study(
    connection: sqlite3.Connection, study: StudyRecord, findings: list[Finding]
) -> None:
    words = studies.fault(connection, study)
    if words is not None:
        words = f"the study {study.name} is damaged: {words}"
        then = "the trials and results that can be read; going on with it trains the others again"
        what = (f"keeps {then}", f"kept {then}")
        findings.append(Finding("study", study.name, words, *what, study=study))


def folders(root: Path) -> Iterator[RunFolder]:
    """Yield the folders of runs under `root`: valid names, with settings or a checkpoint inside.

    Raises:
        StoreError: if they cannot be read.
    """
    try:
        paths = sorted(
            path
            for path in root.iterdir()
            if id_stem(path.name) == path.name
            and ((path / SETTINGS).is_file() or RunFolder(path).to_resume())
        )
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"cannot read {root}: {reason(error)}") from None
    yield from map(RunFolder, paths)


def _check_checkpoints(folder: RunFolder, findings: list[Finding]) -> int:
    best = [folder.best()] if folder.best().exists() else []
    usable: list[int] = []
    damaged: list[tuple[Path, str]] = []
    paths = [*folder.to_resume(), *best]
    for path in paths:
        try:
            checkpoint = load_checkpoint(path)
        except DamagedError as error:
            damaged.append((path, str(error)))
        except OSError as error:
            words = f"cannot read {path}: {reason(error)}"
            findings.append(Finding("checkpoint", str(path), words, ""))
        else:
            if path.name != BEST:
                usable.append(checkpoint.state.updates)
    for path, words in damaged:
        if path.name == BEST:
            left = "the weights of the best accuracy are lost"
        elif usable:
            left = f"the one after {max(usable):,} updates is left"
        else:
            left = "no other is left"
        name = f"it to {path.name}.damaged; {left}"
        what = (f"renames {name}", f"renamed {name}")
        findings.append(Finding("checkpoint", str(path), words, *what, path))
    for path in folder.path.glob(".*.draft"):
        words = f"{path.name} in {folder.id} was never finished"
        findings.append(Finding("draft", str(path), words, "removes it", "removed it", path))
    return len(paths)


def _check_weights(folder: RunFolder, run: Run, findings: list[Finding]) -> None:
    """Report a finished or stopped run without a checkpoint: its end must have written one."""
    if run.deleted is not None or not run.updates:
        return
    if run.state is RunState.FINISHED:
        again = f"`convsole train {folder.path / SETTINGS}` trains it again"
    elif run.state is RunState.STOPPED:
        again = f"`convsole resume {run.id}` computes them again"
    else:
        return
    words = f"the weights of {run.id} are gone; {again}"
    findings.append(Finding("weights", run.id, words, ""))


def _check_data(data: Path | None, findings: list[Finding]) -> str:
    if data is None and not cifar10.is_there(None):
        return "no CIFAR-10: the built-in shapes stand in"
    try:
        # Its files, not the copy in the cache.
        dataset = cifar10.load(data)
    except DataError as error:
        findings.append(Finding("data", "CIFAR-10", str(error), ""))
        return "CIFAR-10 that cannot be read"
    images = sum(len(split) for split in (dataset.train, dataset.validation, dataset.test))
    return f"CIFAR-10, {images:,} images, {dataset.source}"
