"""A benchmark as the screen knows it: what was asked, and what has come back."""

from dataclasses import dataclass, field

from core.benchmark.profile import Profile
from core.benchmark.results import Benchmark, CaseResult
from core.benchmark.settings import BenchSettings


@dataclass
class BenchRun:
    """A benchmark from its start on, or one that was kept. Knows no screen."""

    settings: BenchSettings | None
    """What was asked; None of one that was kept."""
    cases: dict[str, CaseResult] = field(default_factory=dict)
    """What has been measured so far, by architecture."""
    benchmark: Benchmark | None = None
    """All of it, once it is over."""
    reason: str | None = None
    """Why there is no result."""

    @classmethod
    def of(cls, benchmark: Benchmark) -> "BenchRun":
        """Return what is known of a benchmark that was kept."""
        return cls(None, {case.arch: case for case in benchmark.cases}, benchmark)

    @property
    def running(self) -> bool:
        """Whether more is to come."""
        return self.benchmark is None and self.reason is None

    @property
    def cancelled(self) -> bool:
        """Whether it ended before all was measured."""
        if self.settings is None or self.benchmark is None:
            return False
        return len(self.benchmark.cases) < len(self.settings.architectures)

    def add(self, case: CaseResult) -> None:
        """Take one more architecture."""
        self.cases = {**self.cases, case.arch: case}

    def end(self, benchmark: Benchmark | None, reason: str | None) -> None:
        """Take how it came out; what was measured until then still holds."""
        self.benchmark, self.reason = benchmark, reason


@dataclass
class Profiles:
    """Profiles of architectures, and which is being made."""

    found: dict[str, Profile] = field(default_factory=dict)
    making: str | None = None
    reason: str | None = None
    """Why the latest could not be made."""

    def end(self, profile: Profile | None, reason: str | None) -> None:
        """Take how it came out."""
        if profile is not None and self.making is not None:
            self.found[self.making] = profile
        self.making, self.reason = None, reason
