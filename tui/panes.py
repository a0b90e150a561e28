"""The container of the panes, which creates each when it is first shown and forwards events."""

import gc
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from textual.widget import Widget
from textual.widgets import ContentSwitcher

from core.config.experiment import Experiment
from tui.worker.messages import (
    BenchEnded,
    BenchRow,
    CheckEnded,
    CheckRow,
    JobState,
    ProfileEnded,
    StudyEnded,
    StudyNews,
    SweepEnded,
    TrainingEvent,
    WorkReport,
)
from tui.worker.runner import JobRunner

if TYPE_CHECKING:
    from tui.benchmark.pane import BenchmarkPane
    from tui.configure.pane import ConfigurePane
    from tui.data.pane import DataPane
    from tui.explain.pane import ExplainPane
    from tui.gradients.pane import GradientsPane
    from tui.reproduce.pane import ReproducePane
    from tui.runs.pane import RunsPane
    from tui.sweeps.pane import SweepsPane
    from tui.train.pane import TrainPane


@runtime_checkable
class Reads(Protocol):
    """A pane that shows what stands on the disk, where another program may change it."""

    def read_again(self) -> None:
        """Read it again."""


class Panes(ContentSwitcher):
    """Shows one pane; hidden panes also receive events.

    Args:
        runner: runs the jobs.
        data: a folder or archive of CIFAR-10; None searches the data folder.
        threads: threads for training; None uses all cores.
        first: name, settings and data set, as for `show`, of a pane that is there from the start,
            so that it is laid out and drawn together with what stands around it.
    """

    def __init__(
        self,
        runner: JobRunner,
        data: Path | None,
        threads: int | None = None,
        *,
        first: tuple[str, Experiment, str],
    ) -> None:
        self._runner = runner
        self._data = data
        self._threads = threads
        super().__init__(self._make(*first), id="panes", initial=first[0])

    def _named(self, name: str) -> list[Widget]:
        # Much faster than a query, which looks into every widget of every pane: a training has
        # several events a second.
        return [pane for pane in self.children if pane.id == name]

    @property
    def configure(self) -> "Iterable[ConfigurePane]":
        """The Configure pane; empty before it is first shown."""
        return cast("Iterable[ConfigurePane]", self._named("configure"))

    @property
    def train(self) -> "Iterable[TrainPane]":
        """The Train pane; empty before it is first shown."""
        return cast("Iterable[TrainPane]", self._named("train"))

    @property
    def gradients(self) -> "Iterable[GradientsPane]":
        """The Gradients pane; empty before it is first shown."""
        return cast("Iterable[GradientsPane]", self._named("gradients"))

    @property
    def benchmark(self) -> "Iterable[BenchmarkPane]":
        """The Benchmark pane; empty before it is first shown."""
        return cast("Iterable[BenchmarkPane]", self._named("benchmark"))

    @property
    def runs(self) -> "Iterable[RunsPane]":
        """The Runs pane; empty before it is first shown."""
        return cast("Iterable[RunsPane]", self._named("runs"))

    @property
    def reproduce(self) -> "Iterable[ReproducePane]":
        """The Reproduce pane; empty before it is first shown."""
        return cast("Iterable[ReproducePane]", self._named("reproduce"))

    @property
    def data(self) -> "Iterable[DataPane]":
        """The Data pane; empty before it is first shown."""
        return cast("Iterable[DataPane]", self._named("data"))

    @property
    def explain(self) -> "Iterable[ExplainPane]":
        """The Explain pane; empty before it is first shown."""
        return cast("Iterable[ExplainPane]", self._named("explain"))

    @property
    def sweeps(self) -> "Iterable[SweepsPane]":
        """The Sweeps pane; empty before it is first shown."""
        return cast("Iterable[SweepsPane]", self._named("sweeps"))

    @property
    def _experiment_panes(
        self,
    ) -> "Iterator[TrainPane | GradientsPane | ExplainPane | DataPane | SweepsPane]":
        """The panes that use the settings in Configure."""
        yield from self.train
        yield from self.gradients
        yield from self.explain
        yield from self.data
        yield from self.sweeps

    async def show(self, name: str, experiment: Experiment, dataset: str) -> Widget:
        """Show a pane, and return it.

        Args:
            name: name of the pane.
            experiment: its initial settings, if it is created.
            dataset: the data set that `auto` stands for, if it is created.
        """
        if not self.query(f"#panes > #{name}"):
            pane = self._make(name, experiment, dataset)
            pane.display = False
            # Not `add_content`, which mounts later: the pane could be made twice meanwhile.
            await self.mount(pane)
            for configure in self.configure:
                configure.job_state(self._runner.state)
        self.current = name
        return self.query_one(f"#panes > #{name}")

    def _make(self, name: str, experiment: Experiment, dataset: str) -> Widget:
        module = import_module(f"tui.{name}.pane")
        pane: Widget
        if name == "configure":
            pane = module.ConfigurePane(experiment, dataset)
        elif name == "train":
            pane = module.TrainPane(self._runner)
        elif name == "gradients":
            pane = module.GradientsPane(self._runner, self._data)
        elif name == "explain":
            pane = module.ExplainPane(self._runner, self._data)
        elif name == "runs":
            pane = module.RunsPane(self._runner)
        elif name == "reproduce":
            pane = module.ReproducePane(self._runner, self._data, self._threads)
        elif name == "sweeps":
            pane = module.SweepsPane(self._runner, self._data, self._threads)
        elif name == "data":
            pane = module.DataPane(self._data)
        else:
            pane = module.BenchmarkPane(self._runner, self._data)
        if name in ("train", "gradients", "explain", "data", "sweeps"):
            pane.set_reactive(type(pane).experiment, experiment)  # type: ignore[attr-defined]
            pane.set_reactive(type(pane).dataset, dataset)  # type: ignore[attr-defined]
        pane.id = name
        # Imported objects live until the end; scanning them would pause drawing for 40 ms.
        gc.freeze()
        return pane

    def read_again(self, name: str) -> None:
        """Have a pane read again what it shows, if it reads anything."""
        for pane in self.query(f"#panes > #{name}"):
            if isinstance(pane, Reads):
                pane.read_again()

    # Events

    def take_experiment(self, experiment: Experiment) -> None:
        """Pass changed settings to the panes that use them."""
        for pane in self._experiment_panes:
            pane.experiment = experiment

    def take_dataset(self, dataset: str) -> None:
        """Pass on which data set `auto` stands for."""
        for configure in self.configure:
            configure.dataset = dataset
        for pane in self._experiment_panes:
            pane.dataset = dataset
        for data in self.data:
            data.look()  # also if its name is the same and it was missing

    def job_state(self, state: JobState) -> None:
        """Pass on the state of the job."""
        for configure in self.configure:
            configure.job_state(state)
        for train in self.train:
            train.job_state(state)
        for gradients in self.gradients:
            gradients.job_state(state)
        for benchmark in self.benchmark:
            benchmark.job_state(state)
        for runs in self.runs:
            runs.look()
        for reproduce in self.reproduce:
            reproduce.job_state(state)
        for sweeps in self.sweeps:
            sweeps.job_state(state)

    def take(self, message: TrainingEvent | WorkReport) -> None:
        """Pass a message of the worker to the pane that it concerns."""
        if isinstance(message, TrainingEvent):
            for train in self.train:
                train.take(message)
        elif isinstance(message, CheckRow | CheckEnded):
            for gradients in self.gradients:
                gradients.take(message)
        elif isinstance(message, BenchRow | BenchEnded | ProfileEnded):
            for benchmark in self.benchmark:
                benchmark.take(message)
        elif isinstance(message, StudyNews | StudyEnded):
            for reproduce in self.reproduce:
                reproduce.take(message)
        elif isinstance(message, SweepEnded):
            for sweeps in self.sweeps:
                sweeps.look()
