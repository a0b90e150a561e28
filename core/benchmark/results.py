"""The results of a benchmark, which can be saved, displayed and compared."""

from dataclasses import asdict, dataclass
from math import exp, log
from typing import Annotated, Any

from pydantic import AfterValidator

from core.benchmark.cases import PUBLISHED, Published
from core.benchmark.measure import MIN_UPDATES, Times
from core.errors import UserError
from core.field_types import Above0, Count, Finite, Name, Positive, Readable, Stamp
from core.system import Machine

NOISY = 1 / 3
"""Interquartile range, relative to the median, above which times count as noisy."""


class BenchmarkError(UserError):
    """A benchmark cannot be run, read or saved; the message is one sentence."""


@dataclass(frozen=True)
class Timing:
    """Milliseconds per update of one contender."""

    median: Above0
    minimum: Above0
    low: Above0
    high: Above0
    """`low` and `high` are the quartiles of all updates."""

    @classmethod
    def of(cls, times: Times) -> "Timing":
        """Summarise the times of a contender."""
        return cls(times.median, times.minimum, *times.quartiles)

    @property
    def noisy(self) -> bool:
        """Whether the interquartile range exceeds `NOISY` of the median."""
        return self.high - self.low > NOISY * self.median


@dataclass(frozen=True)
class Ratio:
    """Ratio of the times of two contenders."""

    value: Above0
    low: Above0
    high: Above0
    """`low` and `high` are the quartiles over pairs of neighbouring blocks."""


@dataclass(frozen=True)
class CaseResult:
    """The result of one architecture."""

    arch: Name
    parameters: Count
    batch_size: Positive
    updates: Positive
    """Number of timed updates of each contender."""
    ours: Timing
    floor: Timing | None
    floor_kind: Readable | None
    """`shards` or `BLAS threads`, whichever was faster."""
    torch: Timing | None
    best: Timing | None
    """PyTorch at its best; None if it takes no part."""
    best_kind: Readable | None
    ratio: Ratio | None
    """PyTorch as usually written, over ours."""
    ratio_best: Ratio | None
    loss: Finite
    """Loss of ours after the same updates."""
    torch_loss: Finite | None
    operations: Count
    """Floating-point operations of the matrix products of one update."""

    @property
    def over_floor(self) -> float | None:
        """Our time over that of the bare matrix products."""
        return self.ours.median / self.floor.median if self.floor else None

    @property
    def gflops(self) -> float:
        """10^9 operations of our matrix products per second."""
        return self.operations / self.ours.median / 1e6

    @property
    def images_per_second(self) -> float:
        """Images per second of ours."""
        return 1e3 * self.batch_size / self.ours.median

    @property
    def published(self) -> Published | None:
        """Published times of the method, on other machines."""
        return PUBLISHED.get(self.arch)

    @property
    def quick(self) -> bool:
        """Whether this is only a quick look."""
        return self.updates < MIN_UPDATES

    @property
    def noisy(self) -> tuple[str, ...]:
        """Attribute names of the contenders whose times are noisy."""
        timings = {name: getattr(self, name) for name in ("ours", "torch", "best", "floor")}
        return tuple(name for name, timing in timings.items() if timing and timing.noisy)

    @property
    def loss_difference(self) -> float | None:
        """Relative difference of the two losses after the same updates."""
        if self.torch_loss is None:
            return None
        return abs(self.loss - self.torch_loss) / max(abs(self.torch_loss), 1e-12)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values with the keys of the JSON output."""
        return {
            "arch": self.arch,
            "parameters": self.parameters,
            "batch_size": self.batch_size,
            "updates": self.updates,
            "quick": self.quick,
            "noisy": bool(self.noisy),
            "numpy_ms": self.ours.median,
            "torch_ms": self.torch.median if self.torch else None,
            "torch_best_ms": self.best.median if self.best else None,
            "torch_best": self.best_kind,
            "floor_ms": self.floor.median if self.floor else None,
            "floor": self.floor_kind,
            "ratio": self.ratio.value if self.ratio else None,
            "ratio_best": self.ratio_best.value if self.ratio_best else None,
            "over_floor": self.over_floor,
            "images_per_second": self.images_per_second,
            "gflops": self.gflops,
            "loss": self.loss,
            "torch_loss": self.torch_loss,
            "published_numpy_s": self.published.numpy if self.published else None,
            "published_torch_s": self.published.torch if self.published else None,
            "spread": {
                "numpy_ms": _spread(self.ours),
                "torch_ms": _spread(self.torch),
                "torch_best_ms": _spread(self.best),
                "floor_ms": _spread(self.floor),
                "ratio": _spread(self.ratio),
                "ratio_best": _spread(self.ratio_best),
            },
        }


def _once(cases: tuple[CaseResult, ...]) -> tuple[CaseResult, ...]:
    if len({case.arch for case in cases}) < len(cases):
        raise ValueError("an architecture is there twice")
    return cases


@dataclass(frozen=True)
class Benchmark:
    """The results of all measured architectures, and the machine."""

    cases: Annotated[tuple[CaseResult, ...], AfterValidator(_once)]
    machine: Machine
    threads: Positive
    updates: Positive
    dtype: Name
    started: Stamp
    """Date and time, ISO 8601 in UTC."""
    note: Readable | None
    """One sentence about what is missing and why."""
    peak: Above0 | None = None
    """GFLOP/s of NumPy's large matrix products on the machine; None if not measured."""

    @property
    def quick(self) -> bool:
        """Whether this is a quick look, which is marked in all output and never the latest."""
        return self.updates < MIN_UPDATES

    def case(self, arch: str) -> CaseResult | None:
        """Return the result of an architecture, or None if it was not measured."""
        return next((case for case in self.cases if case.arch == arch), None)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, as `convsole bench --json` prints them."""
        return {
            "architectures": [case.as_dict() for case in self.cases],
            "machine": self.machine.as_dict(),
            "threads": self.threads,
            "updates": self.updates,
            "quick": self.quick,
            "dtype": self.dtype,
            "started": self.started,
            "note": self.note,
            "peak_gflops": self.peak,
        }


def geometric_mean(values: list[float]) -> float | None:
    """Return the geometric mean, or None for an empty list."""
    return exp(sum(map(log, values)) / len(values)) if values else None


def _spread(value: Timing | Ratio | None) -> dict[str, float] | None:
    if value is None:
        return None
    return {
        name: number for name, number in asdict(value).items() if name not in ("median", "value")
    }
