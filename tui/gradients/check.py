"""State of one gradient check in the pane: its settings and its results so far."""

from dataclasses import dataclass

from core.checks.report import Report, Row
from core.checks.settings import CheckSettings


@dataclass
class CheckRun:
    """A gradient check, running or ended, independent of the screen."""

    title: str
    """Name of the experiment."""
    check: CheckSettings
    scale: str | None
    """Name of the tensor whose gradient is scaled on purpose; None for none."""
    rows: tuple[Row, ...] = ()
    """The results so far, in the order of the network."""
    report: Report | None = None
    """The report, once the check has ended."""
    reason: str | None = None
    """Why there is no report."""

    @property
    def running(self) -> bool:
        """Whether the check has not ended yet."""
        return self.report is None and self.reason is None

    def add(self, row: Row) -> None:
        """Add the result of one tensor."""
        self.rows = (*self.rows, row)

    def end(self, report: Report | None, reason: str | None) -> None:
        """Record the end of the check; if it failed, discard the rows."""
        self.report, self.reason = report, reason
        self.rows = report.rows if report is not None else ()
