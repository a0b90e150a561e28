"""The checkpoints of a run that are taken, and not on the disk yet."""

import threading
from collections import deque
from typing import Literal

from core.plan import KEPT_WAITING
from core.runs.checkpoint import Checkpoint

Kind = Literal["best", "kept", "last"]
"""What a checkpoint is saved as."""

MOST: dict[Kind, int] = {"best": 1, "kept": KEPT_WAITING, "last": 1}
"""Largest number that wait, for each kind."""


class PendingCheckpoints:
    """Checkpoints that wait until the points before them are on the disk.

    The training thread adds them, the writer thread takes them off.
    """

    def __init__(self) -> None:
        self._waiting = {kind: deque[Checkpoint](maxlen=most) for kind, most in MOST.items()}
        self._lock = threading.Lock()

    def full(self, kind: Kind) -> bool:
        """Return whether another checkpoint of this kind would replace the oldest that waits."""
        return len(self._waiting[kind]) == MOST[kind]

    def add(self, kind: Kind, checkpoint: Checkpoint) -> None:
        """Add a checkpoint, in place of the oldest of its kind if there are too many."""
        with self._lock:
            self._waiting[kind].append(checkpoint)

    def ready(self, committed: int) -> list[tuple[Kind, Checkpoint]]:
        """Return the checkpoints to write, in this order.

        The best comes first, so that a run that is resumed from another has the best one before it.

        Args:
            committed: number of updates whose points are on the disk.
        """
        others: tuple[Kind, ...] = ("kept", "last")
        with self._lock:
            ready = [
                (kind, each)
                for kind in others
                for each in self._waiting[kind]
                if each.state.updates <= committed
            ]
            best: list[tuple[Kind, Checkpoint]] = [("best", each) for each in self._waiting["best"]]
        return [*best, *ready] if ready else []

    def remove(self, kind: Kind, checkpoint: Checkpoint) -> None:
        """Remove a checkpoint that is written, unless a newer one has replaced it meanwhile."""
        with self._lock:
            rest = (each for each in self._waiting[kind] if each is not checkpoint)
            self._waiting[kind] = deque(rest, maxlen=MOST[kind])
