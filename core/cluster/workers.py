"""The workers of a cluster as its client knows them: who may be given work, and who has it."""

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from core.cluster.versions import Versions

CHECKING, RECEIVING, IDLE, WORKING, REFUSED = "checking", "receiving", "idle", "working", "refused"
"""What a worker does: says its versions, receives data, waits, works, or may not work at all."""


@dataclass(frozen=True)
class WorkerInfo:
    """A worker as a user sees it."""

    name: str
    address: str
    host: str
    threads: int
    """Threads that one piece of work may use: those that the worker was started with."""
    cpu: str
    """Processor; empty until the worker has said so."""
    doing: str
    """One of the constants of this module."""
    work: str
    """Key of the work that it has, or empty."""
    reason: str
    """Why it is refused, or empty."""


@dataclass
class Worker:
    """A worker as the client keeps it; one piece of work at a time.

    Args:
        name: its name in the cluster.
        address: where it listens; a worker that is started again has another one.
        host: name or number of its machine.
        threads: its number of threads.
        asked: Dask's future of its `Versions`.
    """

    name: str
    address: str
    host: str
    threads: int
    asked: Any
    versions: Versions | None = None
    refused: str = ""
    has: set[str] = field(default_factory=set)
    """Hashes of the data that it was sent."""
    receives: "Future[None] | None" = None
    """The transfer that is under way."""
    failures: int = 0
    """Number of transfers that failed."""
    work: str = ""
    """Key of the work that it has."""

    @classmethod
    def of(cls, address: str, facts: Mapping[str, Any], asked: Any) -> "Worker":
        """Return a worker as the scheduler describes it."""
        name, host = str(facts["name"]), str(facts["host"])
        return cls(name, address, host, int(facts["nthreads"]), asked)

    @property
    def title(self) -> str:
        """Its name, and its address if that is not the name."""
        return self.address if self.name == self.address else f"{self.name} at {self.address}"

    @property
    def idle(self) -> bool:
        """Whether it can be given work."""
        return self.doing == IDLE

    @property
    def doing(self) -> str:
        """What it does, one of the constants of this module."""
        if self.refused:
            return REFUSED
        if self.versions is None:
            return CHECKING
        if self.receives is not None:
            return RECEIVING
        return WORKING if self.work else IDLE

    def info(self) -> WorkerInfo:
        """Return what a user sees of it."""
        return WorkerInfo(
            name=self.name,
            address=self.address,
            host=self.host,
            threads=self.threads,
            cpu=self.versions.cpu if self.versions else "",
            doing=self.doing,
            work=self.work,
            reason=self.refused,
        )
