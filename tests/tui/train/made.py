"""A test app with the Train pane alone, and a made-up training."""

from datetime import datetime
from math import exp
from pathlib import Path

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
    Result,
    Started,
    UpdateDone,
)
from tests.runs.made import FACTS
from tests.tui.stage import Stage
from tests.tui.waiting import until
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
        self.pane = TrainPane(
            self.runner, lambda: datetime(2024, 5, 4, 14, 3, 7), lambda: self.seconds
        )

    # Stand-ins for the runner

    def begin(self, dataset: str = "cifar10", updates: int = 0) -> Session:
        experiment = presets.load("arch-2").changed(dataset=dataset)
        run = new_run("arch-2-3", experiment, **FACTS)
        session = Session(experiment, store=Store(Path("/runs")), record=run)
        self.runner.session = session
        self.state(JobState.LOADING)
        self.tell(Started(dataset, "built in", 33_050, 4800, 490, 100))
        self.state(JobState.RUNNING)
        self.run_to(updates)
        return session

    def run_to(self, updates: int, loss: float | None = None) -> None:
        session = self.runner.session
        assert session is not None
        schedule = planning.schedule(session.experiment)
        for update in range(len(session.history.updates) + 1, updates + 1):
            value = 1.2 + 1.1 * exp(-update / 400) if loss is None else loss
            session.history.add(UpdateDone(update, schedule.rate(update - 1), value, value + 0.3))
            if update % 100 == 0:
                accuracy = 0.9 - 0.3 * value
                session.history.add(
                    Evaluated(update, value, accuracy, value + 0.1, accuracy - 0.04)
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

    # What the screen shows

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
