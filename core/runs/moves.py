"""Trainings that go on on another machine, where the last digits of a result may differ."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from core.runs import queries
from core.runs.records import Event, Run

MOVED = "moved"
"""Kind of the event."""

DECISIVE = ("cpu", "numpy", "blas")
"""What the last digits depend on, by name in `core.system.Machine`."""


def differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return for the user what differs between two machines; empty if nothing does.

    What is not known of the first, because a repair could not recover it, does not differ.
    """
    return "; ".join(
        f"{name} {then[name]} then, {now.get(name)} now"
        for name in DECISIVE
        if name in then and then[name] != now.get(name)
    )


def record(
    connection: sqlite3.Connection, run: Run, update: int, machine: Mapping[str, Any]
) -> Run:
    """Record in a transaction on which machine a run goes on, and return the run.

    Args:
        connection: the connection of the transaction.
        run: the run as it is in the database.
        update: number of updates after which it goes on; one that begins there began elsewhere.
        machine: as `Run.machine`.
    """
    changes = differences(run.machine, machine)
    if not changes:
        return run
    if update > 0:
        run = queries.add_event(connection, run, update, MOVED, {"machine": changes})
    return queries.update_run(connection, run.number, machine=dict(machine))


def described(event: Event) -> str:
    """Return what kind of event it is, and where a training moved to if that is its kind."""
    if event.kind != MOVED:
        return event.kind
    return f"{event.kind}: {event.content.get('machine', '')}"
