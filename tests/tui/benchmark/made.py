"""A test app with the Benchmark pane alone, and made-up results."""

from pathlib import Path

from core.benchmark.profile import Profile, ProfileRow
from core.benchmark.results import Benchmark
from core.benchmark.run import Progress
from tests.benchmark.made import benchmark, result
from tests.tui.stage import Stage
from tui.benchmark.pane import BenchmarkPane
from tui.benchmark.profile_table import ProfileTable
from tui.benchmark.table import BenchTable
from tui.worker.messages import BenchEnded, BenchRow, JobState, ProfileEnded


def profile(name: str) -> Profile:
    """Return the profile of a network of two layers whose update takes 2 ms."""
    return Profile(
        name=name,
        batch_size=100,
        rows=(
            ProfileRow("normalise", (64, 48), 0.1, None, 0, 4_000_000),
            ProfileRow("conv1", (8, 8, 10), 0.5, 0.5, 12_300_000, 3_000_000),
            ProfileRow("linear1", (50,), 0.25, 0.45, 19_200_000, 1_200_000),
            ProfileRow("update", None, 0.2, None, 0, 530_000),
        ),
        update_ms=2.0,
    )


class BenchStage(Stage):
    pane: BenchmarkPane

    def __init__(self) -> None:
        super().__init__("benchmark")
        self.pane = BenchmarkPane(self.runner, Path("/data"))

    # Stand-ins for the runner

    def say(self, arch: str, doing: str, share: float) -> None:
        self.runner.measured = Progress(arch, doing, share)
        self.pane.look()

    def tell(self, *names: str, ours: float = 0.5) -> None:
        for name in names:
            self.pane.take(BenchRow(result(name, ours)))

    def end(self, *names: str, ours: float = 0.5) -> Benchmark:
        made = benchmark(names, ours, started="2026-11-23T10:00:00+00:00")
        self.tell(*names, ours=ours)
        self.pane.take(BenchEnded(made, None))
        self.state(JobState.IDLE)
        return made

    def fail(self, reason: str) -> None:
        self.pane.take(BenchEnded(None, reason))
        self.state(JobState.IDLE)

    def profiled(self, name: str) -> None:
        self.pane.take(ProfileEnded(profile(name), None))
        self.state(JobState.IDLE)

    # What the screen shows

    @property
    def table(self) -> BenchTable:
        return self.query_one(BenchTable)

    @property
    def layers(self) -> ProfileTable:
        return self.query_one(ProfileTable)
