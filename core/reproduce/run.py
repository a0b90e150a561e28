"""Running a study: resumes it where it was left. Its runs are ordinary runs of the store."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from math import nan
from pathlib import Path
from time import perf_counter

from core.benchmark import run as benchmarks
from core.benchmark import saved_results
from core.benchmark.results import Benchmark, CaseResult
from core.data import source
from core.reproduce.plan import TIMING, Job, StudySettings, jobs, timing, timing_cost
from core.reproduce.results import Findings, look
from core.reproduce.study import Study, place
from core.runs.folder import refuse_beside_training
from core.runs.records import Run
from core.runs.session import Load, Session
from core.runs.session import store as users_store
from core.runs.store import Store
from core.training.control import Control
from core.training.events import Event, Failed, Started, UpdateDone

ASSUMED_PACE, ASSUMED_SECONDS = 1000.0, 20.0
"""Approximate cost completed per second on two cores, and the weight of this assumption when it is
averaged with the measured pace, in seconds."""


@dataclass(frozen=True)
class Progress:
    """The progress of a study."""

    key: str
    """Key of the current job, or `TIMING`; empty between two jobs."""
    doing: str
    """A short description of the current activity."""
    part: float
    """Completed fraction of the current job, from 0 to 1."""
    share: float
    """Approximate completed fraction of the study, from 0 to 1."""
    to_go: float
    """Approximate seconds until the end."""


START = Progress("", "starts", 0.0, 0.0, nan)


@dataclass
class Reproduction:
    """One call that does the remaining work of a study.

    Attributes:
        settings: the settings of the study.
        data: the folder or archive of CIFAR-10 that the user named, or None.
        threads: maximum number of threads of a training; None for one per core.
        anew: whether to ignore earlier results.
        control: stops the study.
        listen: callback for progress. It is called often and must not block.
        news: callback for the results, called when a run has begun or ended.
        load: reads a data set; by default a function that caches.
        measure: runs the benchmark, as `benchmarks.run` does; None calls that function with `load`.
        store: the store of the runs.
        progress: the current progress.
    """

    settings: StudySettings
    data: Path | None = None
    threads: int | None = None
    anew: bool = False
    control: Control = field(default_factory=Control)
    listen: Callable[[Progress], object] = lambda progress: None
    news: Callable[[Findings], object] = lambda findings: None
    load: Load = field(default_factory=lambda: cache(source.load))
    measure: Callable[..., Benchmark] | None = None
    store: Store = field(default_factory=users_store)
    progress: Progress = START

    def run(self) -> Findings:
        """Do the remaining work until it is done or `control` stops it, and return the results.

        Raises:
            BenchmarkError: if another training is running when times are to be measured.
            DataError: if CIFAR-10 is required and missing, or cannot be read.
            StoreError: if something cannot be written, or another process works on the study.
        """
        study = Study(place(self.settings.length))
        with study.locked():
            if self.anew:
                study.forget()
            study.read()
            findings = look(self.settings, self.data, self.store, study)
            self._count_work(findings)
            if findings.timing is None and not self.control.stopping:
                self._measure(study)
                findings = self._publish(study)
            for job in jobs(self.settings, findings.dataset):
                if self.control.stopping:
                    break
                if findings.result(job) is None:
                    self._train(job, findings.runs.get(job.key), study)
                    findings = self._publish(study)
        return findings

    def _publish(self, study: Study) -> Findings:
        findings = look(self.settings, self.data, self.store, study)
        self.news(findings)
        return findings

    # Work

    def _measure(self, study: Study) -> None:
        refuse_beside_training()
        planned, cost = timing(self.settings), timing_cost(self.settings)
        self._show(TIMING, "times beside PyTorch", 0.0, cost)

        def listen(event: benchmarks.Progress | CaseResult) -> None:
            if isinstance(event, benchmarks.Progress):
                words = f"times beside PyTorch: {event.arch}, {event.doing}"
                self._show(TIMING, words, event.share, cost)

        measure = self.measure or partial(benchmarks.run, load=self.load)
        result = measure(planned, self.data, listen=listen, cancelled=lambda: self.control.stopping)
        if len(result.cases) == len(planned.architectures):
            study.measured(saved_results.save(result))
            self._done += cost

    def _train(self, job: Job, earlier: Run | None, study: Study) -> None:
        if earlier is None:
            session = Session(job.experiment, self.data, self.threads, store=self.store)
        else:
            session = Session.resume(earlier, self.data, self.threads, store=self.store)
        session.control = self.control
        total = job.experiment.total_updates
        title = f"{job.recipe.name}, seed {job.seed}"
        self._show(job.key, f"{title}: reads its images", 0.0, job.cost)

        def listen(event: Event) -> None:
            if isinstance(event, Started):
                assert session.record is not None
                study.begun(job, session.record.id)
                # Updates of an earlier call do not count for the pace of this one.
                self._before += job.cost * event.done / total
                self.news(look(self.settings, self.data, self.store, study))
            elif isinstance(event, UpdateDone):
                done = event.update
                words = f"{title}: update {done:,} of {total:,}"
                self._show(job.key, words, done / total, job.cost)

        last = session.run(listen, self.load)
        if isinstance(last, Failed) or not last.stopped:
            self._done += job.cost

    # Progress

    def _count_work(self, findings: Findings) -> None:
        """Compute the total cost of the study and the cost of what was done before this call."""
        planned = jobs(self.settings, findings.dataset)
        measuring = timing_cost(self.settings)
        self._total = measuring + sum(job.cost for job in planned)
        self._done = measuring if findings.timing is not None else 0.0
        self._done += sum(job.cost for job in planned if findings.result(job) is not None)
        self._before, self._started = self._done, perf_counter()

    def _show(self, key: str, doing: str, part: float, cost: float) -> None:
        done, seconds = self._done + part * cost, perf_counter() - self._started
        pace = (done - self._before + ASSUMED_PACE * ASSUMED_SECONDS) / (seconds + ASSUMED_SECONDS)
        self.progress = Progress(key, doing, part, done / self._total, (self._total - done) / pace)
        self.listen(self.progress)
