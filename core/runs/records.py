"""The line of a run in the database, sealed: a changed byte does not go unnoticed."""

import json
import sqlite3
import time
import zlib
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any

from pydantic import TypeAdapter

from core.config.experiment import Experiment
from core.errors import DamagedError, StoreError
from core.runs import shapes
from core.runs.shapes import Count, Facts, Fraction, Id, Moment, Number, Seconds, Some, Words
from core.settings import SettingError


class RunState(Enum):
    """How a run stands; the value is the word for it."""

    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    CRASHED = "crashed"
    """It was running when its process went. Seen by the reader, never written."""


AT_WORK = (RunState.RUNNING, RunState.PAUSED)
"""States that end only when the process that works on the run says so, or goes."""


@dataclass(frozen=True)
class Run:
    """What is known of a run without its points."""

    number: Number
    """Of all runs; a later run has a higher one."""
    id: Id
    """That of its folder: the preset and a number."""
    name: Words
    """What the user calls it; the id at first."""
    note: Words
    marked: bool
    deleted: Moment | None
    """When it was deleted, as seconds since 1970; None for a run that is not."""
    preset: Words
    settings: shapes.SettingValues
    """Those of the beginning; edits are events."""
    data: shapes.Path | None
    """The folder or archive that the user named."""
    source: Words
    """Where the images came from, for a person."""
    machine: Facts
    """Processor and versions, see `core.system`."""
    parameters: Number
    updates_per_epoch: Some
    batch_size: Some
    state: RunState
    reason: Words
    """Why it failed; empty where it did not."""
    started: Moment
    """Seconds since 1970."""
    ended: Moment | None
    updates: Count
    """Updates that are recorded, those that a resumed run has yet to take again included."""
    evaluations: Count
    """How many are recorded."""
    total: Some
    """Updates of the whole run."""
    seconds: Seconds
    """That training took so far."""
    best_accuracy: Fraction | None
    """The best on the validation set."""
    best_update: Count | None
    result: shapes.ResultValues | None
    events: Count
    """How many there are."""

    def setting(self, name: str) -> Any:
        """Return a setting that the run began with.

        A run that is older than the setting had its default: whatever is added to the settings
        starts as what was before.
        """
        return self.settings.get(name, Experiment.model_fields[name].default)

    def experiment(self) -> Experiment:
        """Return the settings that the run began with.

        Raises:
            DamagedError: if this version of the program cannot have them.
        """
        try:
            return Experiment.of(self.settings)
        except SettingError as error:
            raise DamagedError(f"{self.id} has settings that cannot be: {error}") from None


def new_run(name: str, experiment: Experiment, **facts: Any) -> Run:
    """Return the record of a run that begins now.

    Args:
        name: its id.
        experiment: what is run.
        facts: the other columns that are known.
    """
    settings = experiment.model_dump(mode="json")
    plain: dict[str, Any] = {
        "number": 0,
        "id": name,
        "name": name,
        "note": "",
        "marked": False,
        "deleted": None,
        "preset": experiment.name,
        "settings": settings,
        "state": RunState.RUNNING,
        "reason": "",
        "started": time.time(),
        "ended": None,
        "updates": 0,
        "evaluations": 0,
        "seconds": 0.0,
        "best_accuracy": None,
        "best_update": None,
        "result": None,
        "events": 0,
    }
    return Run(**{**plain, **facts})


COLUMNS = tuple(field.name for field in fields(Run))
_SHAPE = TypeAdapter(Run)
_JSON = {"settings", "machine", "result"}
_REAL = {"deleted", "started", "ended", "seconds", "best_accuracy"}


def values(run: Run) -> dict[str, Any]:
    """Return the columns of a run as the database has them, with the checksum.

    Raises:
        StoreError: if it has what could not be read again.
    """
    try:
        _checked(vars(run), run.id)
    except ValueError as error:
        raise StoreError(f"cannot keep {run.id}: {error}") from None
    line: dict[str, Any] = {}
    for name in COLUMNS:
        value = getattr(run, name)
        if name in _JSON:
            value = None if value is None else json.dumps(value)
        elif name == "state":
            value = value.value
        elif name == "marked":
            value = int(value)
        elif name in _REAL and value is not None:
            value = float(value)
        line[name] = value
    line["checksum"] = checksum(line.values())
    return line


def from_row(row: sqlite3.Row) -> Run:
    """Return the run of a line.

    Raises:
        ValueError: if the line is not as it was written, or holds what no run has.
    """
    line = {name: row[name] for name in COLUMNS}
    whose = f"run number {row['number']}"
    if checksum(line.values()) != row["checksum"]:
        raise ValueError(f"the record of {whose} is not as it was written")
    for name in _JSON:
        line[name] = None if line[name] is None else json.loads(line[name])
    return _checked(line, whose)


def _checked(line: dict[str, Any], whose: str) -> Run:
    """Return the run of values of the right types and ranges, which go together.

    Raises:
        ValueError: if they are others, in one sentence.
    """
    run: Run = shapes.checked(_SHAPE, line, whose)
    if run.updates > run.total:
        raise ValueError(f"{whose} cannot have taken {run.updates:,} updates of {run.total:,}")
    if (run.best_accuracy is None) != (run.best_update is None):
        raise ValueError(f"{whose} cannot have half of a best accuracy")
    if run.state is RunState.CRASHED:
        raise ValueError(f"{whose} cannot have written that it crashed")
    if run.state is RunState.FINISHED and run.result is None:
        raise ValueError(f"{whose} cannot have finished without a result")
    return run


def checksum(parts: Any) -> int:
    """Return a checksum of plain values, each with its type."""
    return zlib.crc32(repr(tuple(parts)).encode("utf-8", "surrogatepass"))
