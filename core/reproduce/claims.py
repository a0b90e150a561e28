"""The published claims, each with a measurable criterion, and the verdicts on them.

The difference between two recipes is computed for each seed. It is significant if its mean is
larger than twice its standard error over the seeds; with a single seed, if it is larger than twice
the standard error of the difference of two accuracies on 10,000 images.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from core.benchmark.cases import PUBLISHED
from core.benchmark.results import CaseResult
from core.config import presets
from core.plan import plan
from core.reproduce.results import Findings, Measured


class Verdict(Enum):
    """The verdict on a claim; the value is its label."""

    HELD = "held"
    NOT_HELD = "not held"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True)
class Claim:
    """A published claim and its criterion."""

    name: str
    title: str
    statement: str
    criterion: str
    recipes: tuple[str, ...]
    """Recipes whose runs are needed to judge it; empty if only times are needed."""
    judge: Callable[[Findings], tuple[bool, str] | str]
    """Returns whether the claim holds and the evidence, or why it cannot be judged."""


@dataclass(frozen=True)
class Judged:
    """A claim and the verdict on it."""

    claim: Claim
    verdict: Verdict
    evidence: str
    """What was measured, or what is missing."""


def judge(findings: Findings) -> tuple[Judged, ...]:
    """Judge every claim by the measurements."""
    return tuple(_judged(claim, findings) for claim in CLAIMS)


def _judged(claim: Claim, findings: Findings) -> Judged:
    if findings.settings.quick:
        return Judged(claim, Verdict.NOT_JUDGED, "a quick look is too short to tell")
    if not findings.complete(claim.recipes):
        missing = [name for name in claim.recipes if not findings.complete([name])]
        return Judged(claim, Verdict.NOT_JUDGED, f"runs are missing: {', '.join(missing)}")
    outcome = claim.judge(findings)
    if isinstance(outcome, str):
        return Judged(claim, Verdict.NOT_JUDGED, outcome)
    holds, evidence = outcome
    return Judged(claim, Verdict.HELD if holds else Verdict.NOT_HELD, evidence)


def _scaling(findings: Findings) -> tuple[bool, str]:
    second, third, fourth = (
        _known(findings.beyond(more, less, "test"))
        for less, more in (("arch-1", "arch-2"), ("arch-2", "arch-3"), ("arch-3", "arch-4"))
    )
    holds = (
        second.mean > second.margin and third.mean > third.margin and fourth.mean <= fourth.margin
    )
    less, more = (plan(presets.load(name)).operations for name in ("arch-3", "arch-4"))
    return holds, (
        f"in test accuracy arch-2 is {_above(second, 'arch-1')}, arch-3 {_above(third, 'arch-2')}, "
        f"arch-4 {_above(fourth, 'arch-3')}, with {more / less:.1f} times its operations"
    )


def _expanding(findings: Findings) -> tuple[bool, str]:
    test = _known(findings.beyond("final", "final-constant", "test"))
    validation = _known(findings.beyond("final", "final-constant", "validation"))
    return test.mean > test.margin, (
        f"expanding steps end {_above(test, 'constant steps')} in test accuracy, "
        f"{_above(validation, 'them')} in validation accuracy"
    )


def _smoothing(findings: Findings) -> tuple[bool, str]:
    without = _known(findings.gap("final-unsmoothed"))
    smoothed = _known(findings.gap("final-smoothed"))
    narrowed = _known(findings.narrowed("final-smoothed", "final-unsmoothed"))
    change = "narrower" if narrowed.mean >= 0 else "wider"
    return narrowed.mean > narrowed.margin, (
        f"training less test accuracy is {without.mean:.1f} points without smoothing and "
        f"{smoothed.mean:.1f} with it: {abs(narrowed.mean):.1f} {change} "
        f"(margin {narrowed.margin:.1f})"
    )


def _width(findings: Findings) -> tuple[bool, str] | str:
    if findings.timing is None:
        return "times have not been measured"
    cases = {case.arch: case for case in findings.timing.cases}
    if any(cases[name].ratio is None for name in (*_WIDER, *_WIDER.values())):
        return findings.timing.note or "PyTorch took no part"
    faster = all(_share(cases[name])[2] < 1 for name in _WIDER)
    added = [(_added(cases, wide, "ours"), _added(cases, wide, "torch")) for wide in _WIDEST]
    cheap = all(ours <= torch for ours, torch in added)
    shares = ", ".join(
        f"{name} {_share(cases[name])[0]:.2f} ({PUBLISHED[name].share:.2f})" for name in _WIDER
    )
    costs = "; ".join(
        f"{wide} over {_WIDER[wide]} {ours:+.2f} ms an update, PyTorch {torch:+.2f} ms"
        for wide, (ours, torch) in zip(_WIDEST, added, strict=True)
    )
    judged = {*_WIDER, *_WIDER.values()}
    noisy = [case.arch for case in findings.timing.cases if case.noisy and case.arch in judged]
    doubt = f"; noisy: {', '.join(noisy)}" if noisy else ""
    return faster and cheap, f"in parts of PyTorch's time (published), {shares}; {costs}{doubt}"


_WIDER = {"arch-5": "arch-2", "arch-6": "arch-2", "arch-7": "arch-4"}
"""Architectures with a wider hidden layer, each with its counterpart that has 50 hidden units."""

_WIDEST = ("arch-6", "arch-7")
"""Architectures with 200 hidden units."""

_SHARES = [PUBLISHED[name].share for name in _WIDER]
_SLOWER = [
    [getattr(PUBLISHED[wide], side) - getattr(PUBLISHED[_WIDER[wide]], side) for wide in _WIDEST]
    for side in ("numpy", "torch")
]
"""Seconds by which the published runs are longer with the widest layers, in NumPy and PyTorch."""

CLAIMS = (
    Claim(
        "scaling",
        "Larger networks do better, up to a point",
        "More and larger filters raise the accuracy from arch-1 to arch-2 and from there to "
        "arch-3; arch-4, which does much more work than arch-3, gains nothing over it.",
        "Test accuracy: arch-2 above arch-1 and arch-3 above arch-2 by more than the margin, "
        "arch-4 above arch-3 by no more than the margin.",
        ("arch-1", "arch-2", "arch-3", "arch-4"),
        _scaling,
    ),
    Claim(
        "expanding",
        "Steps that expand end better",
        "Half cycles that double from 800 to 6,400 updates lead to a better network than "
        "half cycles of 3,000 updates throughout, over the same 24,000 updates.",
        "Test accuracy: final above final with constant steps by more than the margin.",
        ("final", "final-constant"),
        _expanding,
    ),
    Claim(
        "smoothing",
        "Label smoothing narrows the gap",
        "With label smoothing 0.1 as the only regulariser, training and test accuracy lie closer "
        "together than without any.",
        "Training less test accuracy of the final weights: smaller with smoothing than without, "
        "by more than the margin.",
        ("final-unsmoothed", "final-smoothed"),
        _smoothing,
    ),
    Claim(
        "width",
        "A wider hidden layer does not put NumPy behind",
        "With 100 and 200 hidden units the training in NumPy takes no longer than in PyTorch "
        f"(published: {min(_SHARES):.2f} to {max(_SHARES):.2f} of its time), and widening costs it "
        "little beside PyTorch (published, from 50 to 200 units: runs longer by "
        + " s, in PyTorch by ".join(" and ".join(f"{s:.0f}" for s in side) for side in _SLOWER)
        + " s).",
        "Times of an update, in turns: in arch-5, arch-6 and arch-7 those of this network lie "
        "below PyTorch's as anyone would write it, the middle half of all blocks included; and "
        "from 50 to 200 hidden units (arch-2 to arch-6, arch-4 to arch-7) an update becomes longer "
        "by no more milliseconds than PyTorch's.",
        (),
        _width,
    ),
)


def _known(value: Measured | None) -> Measured:
    assert value is not None  # a claim is judged only when all of its runs have finished
    return value


def _above(value: Measured, what: str) -> str:
    side = "above" if value.mean >= 0 else "below"
    return f"{abs(value.mean):.1f} points {side} {what} (margin {value.margin:.1f})"


def _share(case: CaseResult) -> tuple[float, float, float]:
    """Return the time of this network as a fraction of PyTorch's: median and middle half."""
    assert case.ratio is not None
    return 1 / case.ratio.value, 1 / case.ratio.high, 1 / case.ratio.low


def _added(cases: dict[str, CaseResult], wide: str, side: str) -> float:
    """Return how many milliseconds longer an update is than with 50 hidden units."""
    wider, narrow = getattr(cases[wide], side), getattr(cases[_WIDER[wide]], side)
    return float(wider.median - narrow.median)
