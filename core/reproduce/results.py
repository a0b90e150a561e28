"""The results of a study so far: means and spreads over the seeds, and the published numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
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

SINGLE_SEED_ERROR = 0.7
"""Standard error, in percentage points, of the difference of two accuracies on 10,000 images (0.5
each). It replaces the spread over the seeds if there is only one seed."""


@dataclass(frozen=True)
class Measured:
    """A quantity measured once for each seed."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean over the seeds."""
        return fmean(self.values)

    @property
    def spread(self) -> float | None:
        """The standard deviation over the seeds; None for a single seed."""
        return stdev(self.values) if len(self.values) > 1 else None

    @property
    def margin(self) -> float:
        """Twice the standard error of the mean, for a difference of accuracies in points."""
        spread = self.spread
        return 2 * SINGLE_SEED_ERROR if spread is None else 2 * spread / sqrt(len(self.values))


@dataclass(frozen=True)
class Row:
    """A published accuracy and the measured one, in per cent."""

    recipe: str
    part: Part
    published: float
    measured: Measured | None

    @property
    def difference(self) -> float | None:
        """Measured minus published accuracy, in percentage points."""
        return None if self.measured is None else self.measured.mean - self.published

    @property
    def agrees(self) -> bool | None:
        """Whether the published accuracy is reproduced; None if nothing was measured."""
        if self.measured is None:
            return None
        return agrees(self.part, self.published, self.measured.mean)


@dataclass(frozen=True)
class Findings:
    """The results of a study so far."""

    settings: StudySettings
    dataset: str
    runs: Mapping[str, Run]
    """The runs that have begun, by the key of their job."""
    timing: Benchmark | None
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why a job failed, by the key of the job."""

    @cached_property
    def jobs(self) -> tuple[Job, ...]:
        """All jobs of the study, in order."""
        return jobs(self.settings, self.dataset)

    @property
    def finished(self) -> bool:
        """Whether all runs have finished and the times have been measured."""
        return self.timing is not None and all(self.result(job) is not None for job in self.jobs)

    @property
    def failed(self) -> list[Job]:
        """The jobs whose runs failed."""
        return [job for job in self.jobs if self.state(job) is RunState.FAILED]

    def state(self, job: Job) -> RunState | None:
        """Return the state of the run of a job; None if it has not begun."""
        run = self.runs.get(job.key)
        return run.state if run is not None else None

    def result(self, job: Job) -> Result | None:
        """Return the result of a job; None if it has not finished."""
        run = self.runs.get(job.key)
        return run.final_result() if run is not None and run.state is RunState.FINISHED else None

    def results(self, recipe: str) -> dict[int, Result]:
        """Return the results of the finished runs of a recipe, by seed."""
        results = {job.seed: self.result(job) for job in self.jobs if job.recipe.name == recipe}
        return {seed: each for seed, each in results.items() if each is not None}

    def accuracy(self, recipe: str, part: Part) -> Measured | None:
        """Return an accuracy in per cent; None if no seed has finished."""
        values = [_percent(each, part) for each in self.results(recipe).values()]
        return Measured(tuple(values)) if values else None

    def gap(self, recipe: str) -> Measured | None:
        """Return training minus test accuracy in points; None if no seed has finished."""
        values = [_gap(each) for each in self.results(recipe).values()]
        return Measured(tuple(values)) if values else None

    def seconds(self, recipe: str) -> Measured | None:
        """Return the training time in seconds: all updates and the evaluations between them."""
        values = [each.seconds for each in self.results(recipe).values()]
        return Measured(tuple(values)) if values else None

    def beyond(self, recipe: str, other: str, part: Part) -> Measured | None:
        """Return by how many percentage points a recipe is above another, for each seed."""
        own, theirs = self.results(recipe), self.results(other)
        values = [
            _percent(own[seed], part) - _percent(theirs[seed], part)
            for seed in own
            if seed in theirs
        ]
        return Measured(tuple(values)) if values else None

    def narrowed(self, recipe: str, other: str) -> Measured | None:
        """Return by how many points the gap of a recipe is below that of another, for each seed."""
        own, theirs = self.results(recipe), self.results(other)
        values = [_gap(theirs[seed]) - _gap(own[seed]) for seed in own if seed in theirs]
        return Measured(tuple(values)) if values else None

    def rows(self) -> list[Row]:
        """Return every published accuracy with the measured one."""
        return [self.row(recipe, part) for recipe in ACCURACIES for part in PARTS]

    def row(self, recipe: str, part: Part) -> Row:
        """Return a published accuracy with the measured one."""
        return Row(recipe, part, ACCURACIES[recipe].of(part), self.accuracy(recipe, part))

    def complete(self, recipes: Sequence[str]) -> bool:
        """Return whether every seed of these recipes has finished."""
        return all(len(self.results(name)) == len(self.settings.numbers) for name in recipes)


def look(
    settings: StudySettings, data: Path | None, store: Store, study: Study | None = None
) -> Findings:
    """Return the results of a study so far, without running anything.

    Args:
        settings: the settings of the study.
        data: path of CIFAR-10; None looks in the data folder.
        store: the store of the runs.
        study: the record of the study; None reads it from the disk.

    Raises:
        DataError: if CIFAR-10 is required and missing.
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
