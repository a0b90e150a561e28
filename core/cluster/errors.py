"""What can go wrong with a cluster, each in one sentence for the user."""

from core.errors import UserError


class ClusterError(UserError):
    """A cluster cannot be used; the message says why, and what would be right."""


class SchedulerLostError(ClusterError):
    """The scheduler is gone, and all work that was out with it."""


class WorkerLostError(ClusterError):
    """A worker is gone with the work that it had; the work itself may be right.

    Attributes:
        worker: its name and address.
    """

    def __init__(self, worker: str, why: str) -> None:
        self.worker, self.why = worker, why
        super().__init__(f"worker {worker} is gone: {why}")

    def __reduce__(self) -> tuple[type["WorkerLostError"], tuple[str, str]]:
        """Return how to pickle it, for its constructor takes more than the sentence."""
        return type(self), (self.worker, self.why)
