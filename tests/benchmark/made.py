"""Benchmark results as test data."""

from dataclasses import replace

from core.benchmark.cases import CASES
from core.benchmark.results import Benchmark, CaseResult, Ratio, Timing
from core.system import Machine

MACHINE = Machine(
    cpu="A processor",
    cores=2,
    system="Linux x86_64",
    python="3.11.7",
    numpy="2.4.6",
    blas="openblas 0.3.31 Haswell",
    torch="2.13.0",
    load=0.25,
)


def timing(median: float) -> Timing:
    return Timing(median, 0.9 * median, 0.95 * median, 1.2 * median)


def ratio(value: float) -> Ratio:
    return Ratio(value, 0.9 * value, 1.1 * value)


def result(arch: str, ours: float = 0.5, *, torch: bool = True, floor: bool = True) -> CaseResult:
    """Return a result with time `ours`, twice that for PyTorch, and half of it for the floor."""
    return CaseResult(
        arch=arch,
        parameters=33_050,
        batch_size=100,
        updates=150,
        ours=timing(ours),
        floor=timing(ours / 2) if floor else None,
        floor_kind="shards" if floor else None,
        torch=timing(2 * ours) if torch else None,
        best=timing(1.5 * ours) if torch else None,
        best_kind="patches with Linear" if torch else None,
        ratio=ratio(2.0) if torch else None,
        ratio_best=ratio(1.5) if torch else None,
        loss=2.125,
        torch_loss=2.125001 if torch else None,
        operations=32_000_000,
    )


NOISY = ("arch-2", "arch-5")
"""Results in which PyTorch's times are noisy for the architectures `noisy`."""


def noisy(made: Benchmark) -> Benchmark:
    """Return a benchmark with noisy times of PyTorch in two rows."""
    wide = Timing(1.0, 0.7, 0.8, 1.15)
    cases = [replace(case, torch=wide) if case.arch in NOISY else case for case in made.cases]
    return replace(made, cases=tuple(cases))


def quick(made: Benchmark) -> Benchmark:
    """Return a benchmark with as few updates as a quick look."""
    cases = tuple(replace(case, updates=25) for case in made.cases)
    return replace(made, cases=cases, updates=25)


def benchmark(
    names: tuple[str, ...] = CASES,
    ours: float = 0.5,
    started: str = "2026-11-20T08:30:00+00:00",
    note: str | None = None,
    **sides: bool,
) -> Benchmark:
    return Benchmark(
        cases=tuple(result(name, ours, **sides) for name in names),
        machine=MACHINE,
        threads=2,
        updates=150,
        dtype="float32",
        started=started,
        note=note,
        peak=128.0,
    )
