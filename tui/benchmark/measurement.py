"""State of a benchmark and of profiles in the pane: settings and results so far."""

from dataclasses import dataclass, field

from core.benchmark.profile import Profile
from core.benchmark.results import Benchmark, CaseResult
from core.benchmark.settings import BenchSettings


@dataclass
class BenchRun:
    """A benchmark, running, ended or loaded, independent of the screen."""

    settings: BenchSettings | None
    """Its settings; None for a loaded benchmark."""
    cases: dict[str, CaseResult] = field(default_factory=dict)
    """The results so far, by architecture."""
    benchmark: Benchmark | None = None
    """The benchmark, once it has ended."""
    reason: str | None = None
    """Why there is no result."""

    @classmethod
    def of(cls, benchmark: Benchmark) -> "BenchRun":
        """Return the state for a saved benchmark."""
        return cls(None, {case.arch: case for case in benchmark.cases}, benchmark)

    @property
    def running(self) -> bool:
        """Whether the benchmark has not ended yet."""
        return self.benchmark is None and self.reason is None

    @property
    def cancelled(self) -> bool:
        """Whether the benchmark ended before all architectures were measured."""
        if self.settings is None or self.benchmark is None:
            return False
        return len(self.benchmark.cases) < len(self.settings.architectures)

    def add(self, case: CaseResult) -> None:
        """Add the result of one architecture."""
        self.cases = {**self.cases, case.arch: case}

    def end(self, benchmark: Benchmark | None, reason: str | None) -> None:
        """Record the end of the benchmark; the results so far stay.

        Without a benchmark and a reason it was stopped before it had a result.
        """
        if benchmark is None and reason is None and self.cases:
            reason = "stopped before the results were put together"
        self.benchmark, self.reason = benchmark, reason


@dataclass
class Profiles:
    """Profiles by architecture, and the architecture being profiled."""

    found: dict[str, Profile] = field(default_factory=dict)
    making: str | None = None
    reason: str | None = None
    """Why the latest profile failed; None if it did not."""

    def end(self, profile: Profile | None, reason: str | None) -> None:
        """Record the end of the current profile."""
        if profile is not None and self.making is not None:
            self.found[self.making] = profile
        self.making, self.reason = None, reason
