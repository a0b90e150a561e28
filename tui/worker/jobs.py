"""The jobs of the worker thread other than training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from core import job_process, memory
from core.data.progress import Reading
from tui.worker.errors import reason_of
from tui.worker.messages import (
    BenchEnded,
    BenchRow,
    CheckEnded,
    CheckRow,
    FetchEnded,
    ProfileEnded,
    StudyEnded,
    StudyNews,
    SweepEnded,
)
from tui.worker.sweeping import SweepOrder
from tui.worker.sweeping import run as run_sweep

if TYPE_CHECKING:
    from core.benchmark import run as benchmarks
    from core.benchmark.results import CaseResult
    from core.benchmark.settings import BenchSettings
    from core.checks.report import Progress, Row
    from core.checks.settings import CheckSettings
    from core.checks.start_report import Finding, StartReport
    from core.config.experiment import Experiment
    from core.data.dataset import Dataset
    from core.reproduce import run as studies
    from core.reproduce.plan import StudySettings
    from core.sweeps.analysis.snapshot import Live
    from core.training.control import Control
    from core.training.lr_curve import RateCurve
    from core.training.lr_finder import RangeSettings


@dataclass
class FetchProgress:
    """Bytes downloaded so far; written by the worker thread, read by the UI thread."""

    done: int = 0
    total: int | None = None


@dataclass
class StartCheck:
    """A check before a training; written by the worker thread, read by the UI thread."""

    progress: Progress | None = None
    """None before it has begun."""
    findings: tuple[Finding, ...] = ()
    """The findings so far."""
    report: StartReport | None = None
    """None before its end."""
    reason: str | None = None
    """Why it failed; None if it did not."""


class Jobs:
    """Runs jobs, and posts their results.

    Gradient checks and benchmarks run in a process of their own: its memory, most of it PyTorch's,
    is freed when it ends, and drawing the screen in this process does not disturb the timings.

    Args:
        post: posts a message to the app, from any thread.
    """

    _in_own_process = staticmethod(job_process.run)
    _run_sweep = staticmethod(run_sweep)

    def __init__(self, post: Callable[[Message], object]) -> None:
        self._post = post
        self._cache: tuple[tuple[str, Path | None, int], Dataset] | None = None
        self.fetched = FetchProgress()
        self.reading: Reading | None = None
        """How far the images of the job are read; None before that is known."""
        self.checked: Progress | None = None
        """Progress of the gradient check; None before it has begun."""
        self.measured: benchmarks.Progress | None = None
        """Progress of the benchmark; None before it has begun."""
        self.reproduced: studies.Progress | None = None
        """Progress of the reproduction; None before it has begun."""
        self.swept: Live | None = None
        """What the workers of the running study do; None while no study runs."""
        self.sweep: SweepOrder | None = None
        """The study that runs, or ran last."""
        self.ranged: RateCurve | None = None
        """The curve of the range test so far; None before its first update."""
        self.not_ranged: str | None = None
        """Why the latest range test failed; None if it did not."""
        self.started = StartCheck()
        """The latest check before a training."""

    def _find_rates(
        self,
        experiment: Experiment,
        settings: RangeSettings,
        data: Path | None,
        threads: int | None,
        control: Control,
    ) -> None:
        from core.training import lr_finder

        def on_curve(curve: RateCurve) -> None:
            self.ranged = curve

        self.not_ranged = reason_of(
            lambda: lr_finder.run(
                experiment,
                settings,
                data,
                threads,
                listen=on_curve,
                cancelled=lambda: control.stopping,
                load=self._load,
            )
        )

    def _check_start(self, experiment: Experiment, data: Path | None, control: Control) -> None:
        from core.checks import start
        from core.checks.report import Progress

        state = self.started

        def on_event(event: Progress | Finding) -> None:
            if isinstance(event, Progress):
                state.progress = event
            else:
                state.findings = (*state.findings, event)

        def work() -> None:
            state.report = start.run(
                experiment,
                data,
                listen=on_event,
                cancelled=lambda: control.stopping,
                load=self._load,
            )

        state.reason = reason_of(work)

    def _check(
        self,
        experiment: Experiment,
        check: CheckSettings,
        data: Path | None,
        scale: str | None,
        control: Control,
    ) -> None:
        self.checked = None
        from core.checks import gradients
        from core.checks.report import Progress

        def on_event(event: Progress | Row) -> None:
            if isinstance(event, Progress):
                self.checked = event
            else:
                self._post(CheckRow(event))

        def work() -> None:
            report = self._in_own_process(
                gradients.run,
                experiment,
                check,
                data,
                scale=scale,
                listen=on_event,
                cancelled=lambda: control.stopping,
            )
            self._post(CheckEnded(report, None))

        reason = reason_of(work)
        if reason is not None:
            self._post(CheckEnded(None, reason or None))

    def _bench(self, settings: BenchSettings, data: Path | None, control: Control) -> None:
        self.measured = None
        from core.benchmark import run as benchmarks
        from core.benchmark import saved_results
        from core.benchmark.results import CaseResult
        from core.runs.folder import refuse_beside_training

        def on_event(event: benchmarks.Progress | CaseResult) -> None:
            if isinstance(event, CaseResult):
                self._post(BenchRow(event))
            else:
                self.measured = event

        def work() -> None:
            refuse_beside_training()
            found = self._in_own_process(
                benchmarks.run,
                settings,
                data,
                listen=on_event,
                cancelled=lambda: control.stopping,
            )
            if found.cases:
                saved_results.save(found)
            self._post(BenchEnded(found, None))

        reason = reason_of(work)
        if reason is not None:
            self._post(BenchEnded(None, reason or None))

    def _profile(self, experiment: Experiment, data: Path | None, control: Control) -> None:
        self.measured = None
        from core.benchmark import profile
        from core.runs.folder import refuse_beside_training

        def work() -> None:
            refuse_beside_training()
            found = self._in_own_process(
                profile.profile, experiment, data, cancelled=lambda: control.stopping
            )
            self._post(ProfileEnded(found, None))

        reason = reason_of(work)
        if reason is not None:
            self._post(ProfileEnded(None, reason or None))

    def _reproduce(
        self, settings: StudySettings, data: Path | None, threads: int | None, control: Control
    ) -> None:
        self.reproduced = None
        from core.benchmark import run as benchmarks
        from core.reproduce import run as studies
        from tui.worker import report

        def on_progress(progress: studies.Progress) -> None:
            self.reproduced = progress

        def work() -> None:
            study = studies.Reproduction(
                settings,
                data,
                threads,
                control=control,
                listen=on_progress,
                news=lambda findings: self._post(StudyNews(findings)),
                load=self._load,
                measure=partial(self._in_own_process, benchmarks.run),
            )
            found = study.run()
            if found.finished:
                self.reproduced = studies.Progress("", "writes the report", 1.0, 1.0, 5.0)
                written = report.export(found)
                if written.failed:
                    self._post(written)
            self._post(StudyEnded(found, None))

        reason = reason_of(work)
        if reason is not None:
            self._post(StudyEnded(None, reason or None))

    def _on_live(self, control: Control) -> None:
        """Called after every step of a study."""

    def _sweep(
        self, order: SweepOrder, data: Path | None, threads: int | None, control: Control
    ) -> None:
        def on_live(live: Live) -> None:
            self.swept = live
            self._on_live(control)

        reason = reason_of(
            lambda: self._run_sweep(order, data, threads, control, on_live, self._load)
        )
        self.swept = None
        self._post(SweepEnded(reason or None))

    def _fetch(self, control: Control) -> None:
        from core.data import download, home

        self.fetched = progress = FetchProgress()

        def on_progress(done: int, total: int | None) -> None:
            progress.done, progress.total = done, total

        reason = reason_of(
            lambda: download.fetch(
                home.data_folder(), progress=on_progress, cancelled=lambda: control.stopping
            )
        )
        self._post(FetchEnded(reason))

    def _free_memory(self) -> None:
        """Free the memory of a finished job; images from the cache are there again at once."""
        self._cache = None
        memory.trim()

    def _load(self, dataset: str, path: Path | None, validation_size: int) -> Dataset:
        from core.data import source

        def on_progress(fraction: float, doing: str) -> None:
            self.reading = Reading(fraction, doing)

        key = (dataset, path, validation_size)
        if self._cache is None or self._cache[0] != key:
            self._cache = None  # frees the old images before new ones are read
            self._cache = (key, source.load(dataset, path, validation_size, on_progress))
        return self._cache[1]
