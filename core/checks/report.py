"""The results of a gradient check."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from core.checks.compare import Comparison
from core.checks.settings import CheckSettings
from core.errors import UserError
from core.nn.arrays import Shape


class CheckError(UserError):
    """A check cannot be run; the message is one sentence."""


@dataclass(frozen=True)
class Progress:
    """The progress of a check."""

    done: int
    total: int
    doing: str
    """The current step in a few words."""


class Verdict(Enum):
    """The outcome for one tensor; the value is the text for the user."""

    PASS = "PASS"
    FAIL = "FAIL"
    FLIP = "FLIP"
    """The tensor fails, but passes without the images in which ReLU or pool winners differ."""


@dataclass(frozen=True)
class Row:
    """The result for one tensor."""

    name: str
    """Such as `conv1.weight`; `input` for the images."""
    shape: Shape
    dtype: str
    reference: str
    """`torch`, `central` or `complex`."""
    comparison: Comparison
    flips: int | None
    """ReLU and pool winners between this tensor and the loss that differ from the reference's;
    None against a numerical reference, which follows the network's own winners."""
    redrawn: int
    """Number of probes that crossed a kink and were redrawn."""
    directional: float | None
    """Norm-wise error of v^T J u over the random directions; None if none was probed, or all of
    them crossed kinks, as happens where values in windows of the input tie."""
    normwise_without_flips: float | None
    """Norm-wise error without the images in which winners differ, if it was computed."""
    tolerance: float
    verdict: Verdict
    scaled: bool
    """Whether the gradient was scaled on purpose."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values with the keys of the JSON output."""
        worst = self.comparison.worst[0] if self.comparison.worst else None
        return {
            "name": self.name,
            "shape": list(self.shape),
            "dtype": self.dtype,
            "reference": self.reference,
            "compared": self.comparison.compared,
            "max_absolute_error": self.comparison.max_absolute,
            "max_relative_error": self.comparison.max_relative,
            "normwise_error": self.comparison.normwise,
            "cosine": self.comparison.cosine,
            "worst_index": list(worst.index) if worst else None,
            "worst_value": worst.value if worst else None,
            "worst_reference": worst.reference if worst else None,
            "kink_flips": self.flips,
            "redrawn": self.redrawn,
            "directional_error": self.directional,
            "normwise_error_without_flips": self.normwise_without_flips,
            "tolerance": self.tolerance,
            "broken": self.scaled,
            "verdict": self.verdict.value,
        }


@dataclass(frozen=True)
class Report:
    """The report of a check; after a cancellation, with the finished rows."""

    title: str
    """Name of the experiment."""
    check: CheckSettings
    images: str
    """Description of the images."""
    tensors: int
    """Number of rows in a complete report."""
    rows: tuple[Row, ...]
    kink_flips: int | None
    """Number of winners that differ in the whole network; None against a numerical reference."""
    activations: int
    """Number of ReLU inputs and pool windows of the batch, each of which could flip."""
    seconds: float

    @property
    def complete(self) -> bool:
        """Whether every tensor has a row."""
        return len(self.rows) == self.tensors

    @property
    def passed(self) -> bool:
        """Whether the report is complete and no tensor failed."""
        return self.complete and all(row.verdict is not Verdict.FAIL for row in self.rows)

    @property
    def max_relative(self) -> float:
        """Largest relative error of all entries."""
        return _largest([row.comparison.max_relative for row in self.rows])

    @property
    def max_normwise(self) -> float:
        """Largest norm-wise error of all tensors."""
        return _largest([row.comparison.normwise for row in self.rows])

    def count(self, verdict: Verdict) -> int:
        """Return the number of rows with this verdict."""
        return sum(row.verdict is verdict for row in self.rows)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, as `convsole gradcheck --json` prints them."""
        return {
            "preset": self.title,
            "reference": self.check.reference,
            "dtype": self.check.working_dtype,
            "batch": self.check.batch_size,
            "seed": self.check.seed,
            "images": self.images,
            "eps": self.check.eps,
            "tolerance": self.check.tolerance,
            "seconds": self.seconds,
            "rows": [row.as_dict() for row in self.rows],
            "summary": {
                "max_relative_error": self.max_relative,
                "max_normwise_error": self.max_normwise,
                "kink_flips": self.kink_flips,
                "passed": self.passed,
            },
        }

    def heading(self) -> str:
        """Return a heading with both sides of the comparison."""
        return (
            f"{self.title} against {self.check.reference_words}, {self.check.working_dtype}, "
            f"{self.images}, seed {self.check.seed}"
        )

    def outcome(self) -> str:
        """Return the numbers of verdicts in one line."""
        words = f"{self.count(Verdict.PASS)} of {self.tensors} PASS"
        for verdict in (Verdict.FLIP, Verdict.FAIL):
            if self.count(verdict):
                words += f", {self.count(verdict)} {verdict.value}"
        return words


def _largest(values: list[float]) -> float:
    # The result of max() with a NaN depends on its position in the list.
    return float("nan") if any(value != value for value in values) else max(values, default=0.0)
