"""Where a killed run is noticed: it is recorded as at work, and nobody holds its lock."""

import dataclasses
from pathlib import Path

from core.runs.folder import is_locked
from core.runs.records import AT_WORK, Run, RunState


def true_state(run: Run, folder: Path) -> Run:
    """Return a run in the state that it is in: its record may be older than the end of its process.

    A process that is killed writes nothing any more, but the system releases its lock. Where the
    file system knows no locks, the record is believed.
    """
    if run.state in AT_WORK and is_locked(folder) is False:
        return dataclasses.replace(run, state=RunState.CRASHED)
    return run
