"""The execution of a benchmark: contenders, their order and their results."""

from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core import system
from core.benchmark import cases, torch_peer
from core.benchmark.contender import Contender, Ours
from core.benchmark.floor import Floor, peak
from core.benchmark.measure import Times, alternate, rounds
from core.benchmark.results import Benchmark, CaseResult, Ratio, Timing
from core.benchmark.settings import BenchSettings
from core.config.experiment import Experiment
from core.data import source
from core.data.dataset import Dataset
from core.plan import Plan, plan, shard_sizes

OURS, TORCH, BEST, SHARDS, BLAS = "ours", "torch", "best", "shards", "BLAS threads"

NAMES = {
    OURS: "this network",
    TORCH: "PyTorch as written",
    BEST: "PyTorch at its best",
    SHARDS: "the products in shards",
    BLAS: "the products, BLAS threads",
}

TRIAL = 50
"""Number of updates in the comparison of PyTorch's variants."""


@dataclass(frozen=True)
class Progress:
    """The progress of a benchmark."""

    arch: str
    doing: str
    """The current contender, in a few words."""
    share: float
    """Approximate completed fraction of the work for all architectures, from 0 to 1."""


Listen = Callable[[Progress | CaseResult], None]


class _CancelledError(Exception):
    pass


def run(
    settings: BenchSettings,
    data: Path | None = None,
    *,
    listen: Listen = lambda event: None,
    cancelled: Callable[[], bool] = lambda: False,
    load: Callable[[str, Path | None, int], Dataset] = source.load,
) -> Benchmark:
    """Measure the architectures of `settings`.

    Args:
        settings: architectures, contenders, threads and updates.
        data: path of CIFAR-10; None searches the data folder, and falls back to the built-in set:
            the times do not depend on the contents of the images.
        listen: callback for progress and for every finished result.
        cancelled: returns whether to stop; called before every update. The benchmark then has the
            finished results.
        load: loads a data set.

    Raises:
        DataError: if the data cannot be read.
        SettingError: if there is no such architecture.
    """
    started = datetime.now(UTC).isoformat(timespec="seconds")
    problem = torch_peer.missing() if settings.torch else None
    with_torch = settings.torch and problem is None
    dataset = cases.reduced(load("auto", data, 1000))
    machine = system.describe(torch_peer.version() if with_torch else None)
    dtype = cases.case(settings.architectures[0]).dtype
    highest = peak(settings.threads, dtype) if settings.floor else None
    work = _Work(settings, dataset, with_torch, listen, cancelled)
    results: list[CaseResult] = []
    with suppress(_CancelledError):
        for name in settings.architectures:
            result = work.measure(name)
            listen(Progress(name, "done", work.done / work.total))
            results.append(result)
            listen(result)
    return Benchmark(
        cases=tuple(results),
        machine=machine,
        threads=settings.threads,
        updates=settings.updates,
        dtype=dtype,
        started=started,
        note=problem,
        peak=highest,
    )


class _Work:
    def __init__(
        self,
        settings: BenchSettings,
        dataset: Dataset,
        with_torch: bool,
        listen: Listen,
        cancelled: Callable[[], bool],
    ) -> None:
        self.settings, self.dataset, self.with_torch = settings, dataset, with_torch
        self.with_best = with_torch and settings.best
        self.listen, self.cancelled = listen, cancelled
        self.done = 0.0
        self.total = sum(self._blocks(name) * _weight(name) for name in settings.architectures)

    def measure(self, name: str) -> CaseResult:
        """Measure one architecture."""
        before = self.done
        try:
            return self._measure(name)
        finally:
            # Fewer blocks are measured if PyTorch as written is already its best variant.
            self.done = before + self._blocks(name) * _weight(name)

    def _measure(self, name: str) -> CaseResult:
        experiment = cases.case(name)
        made = plan(experiment, self.dataset.name, len(self.dataset.train))
        with ExitStack() as stack:
            contenders: dict[str, Contender] = {}
            ours = Ours(experiment, self.dataset, self.settings.threads)
            contenders[OURS] = stack.enter_context(closing(ours))
            best = None
            if self.with_best:
                best = self._best(name, experiment, ours)
            if self.with_torch:
                contenders[TORCH] = self._peer(experiment, ours, torch_peer.AS_WRITTEN)
            if best not in (None, torch_peer.AS_WRITTEN):
                contenders[BEST] = self._peer(experiment, ours, best)
            if self.settings.floor:
                for kind, sizes in (
                    (SHARDS, shard_sizes(experiment)),
                    (BLAS, [experiment.batch_size]),
                ):
                    floor = Floor(made.layers, sizes, self.settings.threads, experiment.dtype)
                    contenders[kind] = stack.enter_context(closing(floor))
            times = alternate(contenders, self.settings.updates, self._on_block(name), self._look)
            return self._result(name, experiment, made, times, contenders, best)

    def _best(self, name: str, experiment: Experiment, ours: Ours) -> torch_peer.Variant:
        """Return the variant of PyTorch that is fastest for an architecture."""
        variants = [torch_peer.AS_WRITTEN, *torch_peer.variants(experiment)]
        peers = {variant.words: self._peer(experiment, ours, variant) for variant in variants}
        times = alternate(peers, TRIAL, self._on_block(name), self._look)
        return min(variants, key=lambda variant: times[variant.words].median)

    def _peer(
        self, experiment: Experiment, ours: Ours, variant: torch_peer.Variant
    ) -> torch_peer.TorchPeer:
        # Created anew each time, because its float32 copy of the images is too large to keep.
        return torch_peer.TorchPeer(
            experiment, self.dataset, ours.start, self.settings.threads, variant
        )

    def _blocks(self, name: str) -> int:
        """Return the number of blocks of an architecture."""
        contenders = 1 + 2 * self.settings.floor + self.with_torch + self.with_best
        trials = 1 + len(torch_peer.variants(cases.case(name))) if self.with_best else 0
        return contenders * rounds(self.settings.updates) + trials * rounds(TRIAL)

    def _look(self) -> None:
        if self.cancelled():
            raise _CancelledError

    def _on_block(self, name: str) -> Callable[[str], None]:
        def on_block(contender: str) -> None:
            self.done += _weight(name)
            doing = NAMES.get(contender, f"tries {contender}")
            self.listen(Progress(name, doing, min(1.0, self.done / self.total)))

        return on_block

    def _result(
        self,
        name: str,
        experiment: Experiment,
        made: Plan,
        times: dict[str, Times],
        contenders: dict[str, Contender],
        best: torch_peer.Variant | None,
    ) -> CaseResult:
        floors = [kind for kind in (SHARDS, BLAS) if kind in times]
        floor = min(floors, key=lambda kind: times[kind].median, default=None)
        fastest = TORCH
        if best is not None and BEST in times and times[BEST].median < times[TORCH].median:
            fastest = BEST
        kind = best if fastest == BEST else torch_peer.AS_WRITTEN
        return CaseResult(
            arch=name,
            parameters=made.parameters,
            batch_size=experiment.batch_size,
            updates=self.settings.updates,
            ours=Timing.of(times[OURS]),
            floor=Timing.of(times[floor]) if floor else None,
            floor_kind=floor,
            torch=Timing.of(times[TORCH]) if TORCH in times else None,
            best=Timing.of(times[fastest]) if best else None,
            best_kind=kind.words if best and kind else None,
            ratio=Ratio(*times[TORCH].ratio(times[OURS])) if TORCH in times else None,
            ratio_best=Ratio(*times[fastest].ratio(times[OURS])) if best else None,
            loss=contenders[OURS].loss(),
            torch_loss=contenders[TORCH].loss() if TORCH in contenders else None,
            operations=made.operations * experiment.batch_size,
        )


def _weight(name: str) -> float:
    """Return the approximate relative duration of a block of an architecture."""
    experiment = cases.case(name)
    return 0.3 + plan(experiment).operations * experiment.batch_size / 1e8
