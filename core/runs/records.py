"""The line of a run in the database, sealed: a changed byte does not go unnoticed."""

import json
import sqlite3
import time
import zlib
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any

from core.experiment import Experiment
from core.runs.errors import DamagedError
from core.runs.folder import stem_of
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

    number: int
    """Of all runs; a later run has a higher one."""
    id: str
    """That of its folder: the preset and a number."""
    name: str
    """What the user calls it; the id at first."""
    note: str
    marked: bool
    deleted: float | None
    """When it was deleted, as seconds since 1970; None for a run that is not."""
    preset: str
    settings: dict[str, Any]
    """Those of the beginning; edits are events."""
    data: str | None
    """The folder or archive that the user named."""
    source: str
    """Where the images came from, for a person."""
    machine: dict[str, Any]
    """Processor and versions, see `core.benchmark.machine`."""
    parameters: int
    updates_per_epoch: int
    batch_size: int
    state: RunState
    reason: str
    """Why it failed; empty where it did not."""
    started: float
    """Seconds since 1970."""
    ended: float | None
    updates: int
    """Updates that are recorded, those that a resumed run has yet to take again included."""
    evaluations: int
    """How many are recorded."""
    total: int
    """Updates of the whole run."""
    seconds: float
    """That training took so far."""
    best_accuracy: float | None
    """The best on the validation set."""
    best_update: int | None
    result: dict[str, Any] | None
    events: int
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
_JSON = {"settings", "machine", "result"}
_REAL = {"deleted", "started", "ended", "seconds", "best_accuracy"}


def values(run: Run) -> dict[str, Any]:
    """Return the columns of a run as the database has them, with the checksum."""
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


def run_of(row: sqlite3.Row) -> Run:
    """Return the run of a line.

    Raises:
        ValueError: if the line is not as it was written.
    """
    line = {name: row[name] for name in COLUMNS}
    if checksum(line.values()) != row["checksum"]:
        raise ValueError(f"the record of run number {row['number']} is not as it was written")
    if stem_of(line["id"]) != line["id"]:
        raise ValueError("a run has an id that is no name of a folder")
    for name in _JSON:
        line[name] = None if line[name] is None else json.loads(line[name])
        if not isinstance(line[name], dict) and (line[name] is not None or name != "result"):
            raise ValueError(f"the {name} of {line['id']} are none")
    return Run(**{**line, "state": RunState(line["state"]), "marked": bool(line["marked"])})


def checksum(parts: Any) -> int:
    """Return a checksum of plain values, each with its type."""
    return zlib.crc32(repr(tuple(parts)).encode("utf-8", "surrogatepass"))
