"""A test app with the Train pane alone, and a made-up training."""

from datetime import datetime
from math import exp
from pathlib import Path
from typing import Any

from textual.content import Content
from textual.pilot import Pilot

from core import plan as planning
from core.config import presets
from core.runs.records import new_run
from core.runs.session import Session
from core.runs.store import Store
from core.training.events import (
    Evaluated,
    Event,
    Finished,
    HealthMeasured,
    Result,
    Started,
    UpdateDone,
)
from core.training.health_columns import columns_of, is_due
from tests.runs.made import FACTS
from tests.training.health_made import Ill, value
from tests.tui.stage import Stage
from tests.tui.waiting import until
from tui.messages import ExplainLayer
from tui.train.health_strip import HealthStrip
from tui.train.log import RunLog
from tui.train.pane import TrainPane
from tui.train.status import RunStatus
from tui.widgets.chart import Chart
from tui.worker.messages import JobState, TrainingEvent


class TrainStage(Stage):
    pane: TrainPane

    def __init__(self) -> None:
        super().__init__("train")
        self.seconds = 0.0
        self.explained: list[str] = []
        self.ill: Ill = lambda name, update: None
        """What is not well in what is recorded."""
        self.pane = TrainPane(
            self.runner, lambda: datetime(2024, 5, 4, 14, 3, 7), lambda: self.seconds
        )

    # Stand-ins for the runner

    def begin(self, dataset: str = "cifar10", updates: int = 0, **settings: Any) -> Session:
        experiment = presets.load("arch-2").changed(dataset=dataset, **settings)
        run = new_run("arch-2-3", experiment, **FACTS)
        session = Session(experiment, store=Store(Path("/runs")), record=run)
        self.runner.session = session
        self.state(JobState.LOADING)
        health = columns_of(experiment)
        self.tell(Started(dataset, "built in", 33_050, 4800, 490, 100, health=health))
        self.state(JobState.RUNNING)
        self.run_to(updates)
        return session

    def run_to(self, updates: int, loss: float | None = None) -> None:
        session = self.runner.session
        assert session is not None
        schedule = planning.schedule(session.experiment)
        names = session.history.health.columns[1:]
        for update in range(len(session.history.updates) + 1, updates + 1):
            if is_due(update, session.experiment.health):
                found = ((self.ill(name, update), value(name, update)) for name in names)
                row = tuple(well if ill is None else ill for ill, well in found)
                session.history.add(HealthMeasured(update, row))
            height = 1.2 + 1.1 * exp(-update / 400) if loss is None else loss
            session.history.add(UpdateDone(update, schedule.rate(update - 1), height, height + 0.3))
            if update % 100 == 0:
                accuracy = 0.9 - 0.3 * height
                session.history.add(
                    Evaluated(update, height, accuracy, height + 0.1, accuracy - 0.04)
                )

    def tell(self, event: Event) -> None:
        session = self.runner.session
        assert session is not None
        session.history.add(event)
        self.pane.take(TrainingEvent(session, event))

    def end(self, stopped: bool = False) -> None:
        session = self.runner.session
        assert session is not None
        done = len(session.history.updates)
        result = Result("arch-2", "cifar10", 0, done, 3.6, 33_050, 0.609, 0.543, 0.559, 1.1, 1.3)
        self.tell(Finished(result, stopped))
        self.state(JobState.IDLE)

    def on_explain_layer(self, message: ExplainLayer) -> None:
        self.explained.append(message.layer)

    # What the screen shows

    @property
    def strip(self) -> HealthStrip:
        return self.query_one(HealthStrip)

    def strip_title(self) -> str:
        return self.title_of(self.strip)

    def strip_foot(self) -> str:
        return Content.from_markup(str(self.strip.border_subtitle)).plain

    def chart(self, name: str) -> Chart:
        return self.query_one(f"#{name}", Chart)

    def charts(self) -> list[str | None]:
        return [chart.id for chart in self.query(Chart) if chart.display]

    def title_over(self, name: str) -> str:
        return str(self.query_one(f"#{name}").border_title)

    def standing(self) -> str:
        return self.title_of(self.query_one(RunStatus))

    def log_lines(self) -> list[str]:
        return [f"{time} {text}".strip() for time, text in self.query_one(RunLog).lines]


async def drawn(pilot: Pilot[None]) -> None:
    """Wait until the plots are mounted and everything is drawn."""
    await until(pilot, lambda: len(pilot.app.query("Plot")) == 3)
    await pilot.pause()
