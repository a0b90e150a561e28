"""A study from wherever it was left to its end; its runs are ordinary runs of the store."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from math import nan
from pathlib import Path
from time import perf_counter

from core.benchmark import kept
from core.benchmark import run as benchmarks
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

USUAL, TRUST = 1000.0, 20.0
"""Cost that is worked off in a second on two cores, about, and for how many seconds of this call
that counts beside the pace so far."""


@dataclass(frozen=True)
class Progress:
    """How far a study is."""

    key: str
    """Of the job that is at work, or `TIMING`; empty between two."""
    doing: str
    """What is being done, in a few words."""
    part: float
    """What is done of the job, from 0 to 1."""
    share: float
    """What is done of everything, about, from 0 to 1."""
    to_go: float
    """Seconds until the end, about."""


START = Progress("", "starts", 0.0, 0.0, nan)


@dataclass
class Reproduction:
    """One call, which does what is not done yet.

    Attributes:
        settings: how much is wanted.
        data: a folder or archive of CIFAR-10 that the user named, or None.
        threads: at most so many in a training, None for as many as there are cores.
        anew: whether what was done before is left out.
        control: how to stop it.
        listen: told whenever something has changed; called often, and not to block.
        news: told what there is when a run has begun or ended.
        load: reads a data set; by default one that remembers what it has read.
        measure: takes the times, as `benchmarks.run` does; None does it here, with `load`.
        store: where the runs are kept.
        progress: how far it is.
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
        """Do what is left, until it is done or `control` says stop, and return what there is.

        Raises:
            BenchmarkError: if something else trains when times are to be taken.
            DataError: if there is no CIFAR-10 and it is needed, or it cannot be read.
            StoreError: if something cannot be written, or another process is at it.
        """
        study = Study(place(self.settings.length))
        with study.locked():
            if self.anew:
                study.forget()
            study.read()
            found = look(self.settings, self.data, self.store, study)
            self._count(found)
            if found.timing is None and not self.control.stopping:
                self._measure(study)
                found = self._publish(study)
            for job in jobs(self.settings, found.dataset):
                if self.control.stopping:
                    break
                if found.result(job) is None:
                    self._train(job, found.runs.get(job.key), study)
                    found = self._publish(study)
        return found

    def _publish(self, study: Study) -> Findings:
        found = look(self.settings, self.data, self.store, study)
        self.news(found)
        return found

    # What is done

    def _measure(self, study: Study) -> None:
        refuse_beside_training()
        wanted, cost = timing(self.settings), timing_cost(self.settings)
        self._show(TIMING, "times beside PyTorch", 0.0, cost)

        def listen(event: benchmarks.Progress | CaseResult) -> None:
            if isinstance(event, benchmarks.Progress):
                words = f"times beside PyTorch: {event.arch}, {event.doing}"
                self._show(TIMING, words, event.share, cost)

        measure = self.measure or partial(benchmarks.run, load=self.load)
        found = measure(wanted, self.data, listen=listen, cancelled=lambda: self.control.stopping)
        if len(found.cases) == len(wanted.architectures):
            study.measured(kept.keep(found))
            self._done += cost

    def _train(self, job: Job, earlier: Run | None, study: Study) -> None:
        if earlier is None:
            session = Session(job.experiment, self.data, self.threads, store=self.store)
        else:
            session = Session.resume(earlier, self.data, self.threads, store=self.store)
        session.control = self.control
        total = job.experiment.total_updates
        who = f"{job.recipe.name}, seed {job.seed}"
        self._show(job.key, f"{who}: reads its images", 0.0, job.cost)

        def listen(event: Event) -> None:
            if isinstance(event, Started):
                assert session.record is not None
                study.begun(job, session.record.id)
                # What was done before says nothing about the pace of now.
                self._before += job.cost * event.done / total
                self.news(look(self.settings, self.data, self.store, study))
            elif isinstance(event, UpdateDone):
                done = event.update
                words = f"{who}: update {done:,} of {total:,}"
                self._show(job.key, words, done / total, job.cost)

        last = session.run(listen, self.load)
        if isinstance(last, Failed) or not last.stopped:
            self._done += job.cost

    # How far it is

    def _count(self, found: Findings) -> None:
        """Count what was done before this call, and what there is in all."""
        wanted = jobs(self.settings, found.dataset)
        measuring = timing_cost(self.settings)
        self._all = measuring + sum(job.cost for job in wanted)
        self._done = measuring if found.timing is not None else 0.0
        self._done += sum(job.cost for job in wanted if found.result(job) is not None)
        self._before, self._began = self._done, perf_counter()

    def _show(self, key: str, doing: str, part: float, cost: float) -> None:
        done, seconds = self._done + part * cost, perf_counter() - self._began
        pace = (done - self._before + USUAL * TRUST) / (seconds + TRUST)
        self.progress = Progress(key, doing, part, done / self._all, (self._all - done) / pace)
        self.listen(self.progress)
