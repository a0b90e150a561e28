"""The results of the check before a training: one finding for each question."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Verdict(Enum):
    """The outcome of one question; the value is the word for the user."""

    PASSED = "passed"
    DOUBTFUL = "doubtful"
    FAILED = "failed"


@dataclass(frozen=True)
class Finding:
    """The answer to one question."""

    name: str
    """As in the JSON output, such as `first_loss`."""
    title: str
    """For display."""
    verdict: Verdict
    measured: str
    """What was measured, in words with the number."""
    threshold: str
    """What passes, in words with the number."""
    why: str
    """Why it matters, in one sentence."""
    source: str
    """Where the check is described."""
    numbers: Mapping[str, float] = field(default_factory=dict)
    """All measured numbers by name; not finite where a computation overflowed."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values with the keys of the JSON output."""
        return {
            "name": self.name,
            "verdict": self.verdict.value,
            "measured": self.measured,
            "threshold": self.threshold,
            "why": self.why,
            "source": self.source,
            **self.numbers,
        }


@dataclass(frozen=True)
class StartReport:
    """The report of a check; after a cancellation, with the findings so far."""

    title: str
    """Name of the experiment."""
    dataset: str
    """Title of the data set, for display within a sentence."""
    questions: int
    """Number of findings in a complete report."""
    findings: tuple[Finding, ...]
    seconds: float

    @property
    def complete(self) -> bool:
        """Whether every question has a finding."""
        return len(self.findings) == self.questions

    @property
    def passed(self) -> bool:
        """Whether the report is complete and nothing failed."""
        return self.complete and not self.count(Verdict.FAILED)

    def count(self, verdict: Verdict) -> int:
        """Return the number of findings with this verdict."""
        return sum(finding.verdict is verdict for finding in self.findings)

    def outcome(self) -> str:
        """Return the numbers of verdicts in one line."""
        words = f"{self.count(Verdict.PASSED)} of {self.questions} passed"
        for verdict in (Verdict.DOUBTFUL, Verdict.FAILED):
            if self.count(verdict):
                words += f", {self.count(verdict)} {verdict.value}"
        return words

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, as `convsole check --json` prints them."""
        return {
            "preset": self.title,
            "dataset": self.dataset,
            "seconds": self.seconds,
            "checks": [finding.as_dict() for finding in self.findings],
            "summary": {
                **{verdict.value: self.count(verdict) for verdict in Verdict},
                "complete": self.complete,
            },
        }
