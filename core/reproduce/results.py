"""What has come out so far: means and spreads over the seeds, beside the published numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from pathlib import Path
from statistics import fmean, stdev

from core.benchmark.results import Benchmark
from core.reproduce.plan import Job, StudySettings, dataset_of, jobs, timing
from core.reproduce.published import ACCURACIES, PARTS, Part, agrees
from core.reproduce.study import Study
from core.runs.records import Run, RunState
from core.runs.store import Store
from core.training.events import Result

ALONE = 0.7
"""Points: standard error of the difference of two accuracies on 10,000 images (0.5 each), which
stands for the spread over the seeds where there is one seed only."""


@dataclass(frozen=True)
class Measured:
    """A number that every seed has measured."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean over the seeds."""
        return fmean(self.values)

    @property
    def spread(self) -> float | None:
        """The standard deviation over the seeds; None of one seed."""
        return stdev(self.values) if len(self.values) > 1 else None

    @property
    def margin(self) -> float:
        """Twice the standard error of the mean, for a difference of accuracies in points."""
        spread = self.spread
        return 2 * ALONE if spread is None else 2 * spread / sqrt(len(self.values))


@dataclass(frozen=True)
class Row:
    """A published accuracy beside the measured one, in per cent."""

    recipe: str
    part: Part
    published: float
    measured: Measured | None

    @property
    def difference(self) -> float | None:
        """Measured less published, in points."""
        return None if self.measured is None else self.measured.mean - self.published

    @property
    def agrees(self) -> bool | None:
        """Whether the published number is reproduced; None where nothing was measured."""
        if self.measured is None:
            return None
        return agrees(self.part, self.published, self.measured.mean)


@dataclass(frozen=True)
class Findings:
    """Everything that a study has found so far."""

    settings: StudySettings
    dataset: str
    runs: Mapping[str, Run]
    """Those that have begun, by the key of their job."""
    timing: Benchmark | None
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why a job failed, by its key."""

    @property
    def jobs(self) -> tuple[Job, ...]:
        """All that is to be run, in order."""
        return jobs(self.settings, self.dataset)

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.timing is not None and all(self.result(job) is not None for job in self.jobs)

    @property
    def failed(self) -> list[Job]:
        """The jobs whose runs could not come to their end."""
        return [job for job in self.jobs if self.state(job) is RunState.FAILED]

    def state(self, job: Job) -> RunState | None:
        """Return how the run of a job stands; None before it has begun."""
        run = self.runs.get(job.key)
        return run.state if run is not None else None

    def result(self, job: Job) -> Result | None:
        """Return how a job came out; None before its end."""
        run = self.runs.get(job.key)
        return run.final_result() if run is not None and run.state is RunState.FINISHED else None

    def results(self, recipe: str) -> dict[int, Result]:
        """Return how the runs of a recipe came out, by their seeds."""
        found = {job.seed: self.result(job) for job in self.jobs if job.recipe.name == recipe}
        return {seed: each for seed, each in found.items() if each is not None}

    def accuracy(self, recipe: str, part: Part) -> Measured | None:
        """Return an accuracy in per cent; None before any seed has come to its end."""
        values = [_percent(each, part) for each in self.results(recipe).values()]
        return Measured(tuple(values)) if values else None

    def gap(self, recipe: str) -> Measured | None:
        """Return training less test accuracy in points; None before any seed has both."""
        values = [_gap(each) for each in self.results(recipe).values()]
        return Measured(tuple(values)) if values else None

    def seconds(self, recipe: str) -> Measured | None:
        """Return what training took: all updates and the evaluations between them."""
        values = [each.seconds for each in self.results(recipe).values()]
        return Measured(tuple(values)) if values else None

    def beyond(self, recipe: str, other: str, part: Part) -> Measured | None:
        """Return how many points a recipe is above another, seed by seed."""
        mine, its = self.results(recipe), self.results(other)
        values = [
            _percent(mine[seed], part) - _percent(its[seed], part) for seed in mine if seed in its
        ]
        return Measured(tuple(values)) if values else None

    def narrowed(self, recipe: str, other: str) -> Measured | None:
        """Return by how many points the gap of a recipe is below that of another, seed by seed."""
        mine, its = self.results(recipe), self.results(other)
        values = [_gap(its[seed]) - _gap(mine[seed]) for seed in mine if seed in its]
        return Measured(tuple(values)) if values else None

    def rows(self) -> list[Row]:
        """Return every published accuracy beside the measured one."""
        return [self.row(recipe, part) for recipe in ACCURACIES for part in PARTS]

    def row(self, recipe: str, part: Part) -> Row:
        """Return a published accuracy beside the measured one."""
        return Row(recipe, part, ACCURACIES[recipe].of(part), self.accuracy(recipe, part))

    def complete(self, recipes: Sequence[str]) -> bool:
        """Tell whether every seed of these recipes has come to its end."""
        return all(len(self.results(name)) == len(self.settings.numbers) for name in recipes)


def look(
    settings: StudySettings, data: Path | None, store: Store, study: Study | None = None
) -> Findings:
    """Return what there is of a study, without running anything.

    Args:
        settings: how much is wanted.
        data: where CIFAR-10 is; None looks in the data folder.
        store: where the runs are.
        study: the record; None reads it.

    Raises:
        DataError: if there is no CIFAR-10 and it is needed.
        StoreError: if the record or the runs cannot be read.
    """
    study = study or Study.of(settings.length)
    dataset = dataset_of(settings, data)
    runs = study.runs(jobs(settings, dataset), store)
    reasons = {key: run.reason for key, run in runs.items() if run.state is RunState.FAILED}
    return Findings(settings, dataset, runs, study.timing(timing(settings)), reasons)


def _percent(of: Result, part: Part) -> float:
    return 100 * float(getattr(of, f"{part}_accuracy"))


def _gap(of: Result) -> float:
    return 100 * (of.train_accuracy - of.test_accuracy)
