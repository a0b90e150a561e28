"""One gradient check as the screen knows it: what was asked, and what has come back."""

from dataclasses import dataclass

from core.checks.report import Report, Row
from core.checks.settings import CheckSettings


@dataclass
class CheckRun:
    """A check from its start on. Knows no screen."""

    title: str
    """Name of the experiment."""
    check: CheckSettings
    scale: str | None
    """The tensor whose gradient is broken on purpose."""
    rows: tuple[Row, ...] = ()
    """What has been compared so far, in the order of the network."""
    report: Report | None = None
    """All of it, once the check is over."""
    reason: str | None = None
    """Why there is no report."""

    @property
    def running(self) -> bool:
        """Whether more is to come."""
        return self.report is None and self.reason is None

    def add(self, row: Row) -> None:
        """Take one more tensor."""
        self.rows = (*self.rows, row)

    def end(self, report: Report | None, reason: str | None) -> None:
        """Take how it came out; rows without a report count for nothing."""
        self.report, self.reason = report, reason
        self.rows = report.rows if report is not None else ()
