"""A test app with the Runs pane alone, and reproducible runs of every state."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from core.config import presets
from core.runs import queries
from core.runs.folder import locked
from core.runs.points import replace_points
from core.runs.records import AT_WORK, RunState, new_run
from core.runs.session import store
from tests.runs.made import FACTS
from tests.tui.stage import Stage
from tui.runs.compare import RunCompare
from tui.runs.details import RunDetails
from tui.runs.pane import RunsPane
from tui.runs.table import RunTable
from tui.widgets.plot import Plot

BEGAN = datetime(2024, 5, 4, 14, 3, 7)
"""Start of the first run, in local time."""
EVERY = 100
"""Updates between two evaluations."""
MEASURED = RunState.FINISHED, RunState.STOPPED
"""States in which a run has been evaluated at its end."""


class RunsStage(Stage):
    pane: RunsPane

    def __init__(self) -> None:
        super().__init__("runs")
        self.pane = RunsPane(self.runner)

    @property
    def runs(self) -> RunTable:
        return self.query_one(RunTable)

    @property
    def details(self) -> str:
        """Title of the details."""
        return self.title_of(self.query_one(RunDetails))

    @property
    def curves(self) -> int:
        """Number of visible curves."""
        chart = self.query_one(RunCompare)
        return len(chart._picture.curves) if chart._picture and chart.query(Plot) else 0


@dataclass(frozen=True)
class Made:
    """Description of a made-up run."""

    name: str
    state: RunState
    updates: int
    end: float = 0.5
    """Limit of the validation accuracy."""
    marked: bool = False
    note: str = ""
    reason: str = ""
    edits: dict[int, dict[str, Any]] = field(default_factory=dict)
    """Changes of settings, by the number of updates before each."""
    settings: dict[str, Any] = field(default_factory=dict)


RUNS = (
    Made("arch-2-1", RunState.FINISHED, 4800, 0.54, marked=True, note="as published"),
    Made("weights decay ten times as fast", RunState.FINISHED, 4800, 0.47, marked=True,
         settings={"weight_decay": 0.03}),
    Made("arch-2-3", RunState.FAILED, 37, reason="the loss is no longer finite",
         settings={"eta_max": 5.0}),
    Made("arch-2-4", RunState.STOPPED, 3120, 0.52, marked=True, settings={"momentum": 0.9},
         edits={1600: {"eta_max": 0.05}, 2400: {"weight_decay": 0.001}}),
    Made("arch-2-5", RunState.CRASHED, 1500, 0.5),
    Made("arch-2-6", RunState.PAUSED, 2400, 0.51, note="goes on tomorrow"),
    Made("arch-2-7", RunState.RUNNING, 800, 0.53, settings={"seed": 7}),
)  # fmt: skip
"""One run of every state and a second finished one; three are marked."""


@contextmanager
def kept(*runs: Made) -> Iterator[None]:
    """Add runs to the store, and lock those in training by this process."""
    with ExitStack() as held:
        for number, run in enumerate(runs, 1):
            _keep(number, run)
            if run.state in AT_WORK:
                held.enter_context(locked(store().root / f"arch-2-{number}"))
        yield


def _keep(number: int, run: Made) -> None:
    id_, began = f"arch-2-{number}", BEGAN + timedelta(hours=5 * number)
    folder = store().root / id_
    folder.mkdir(parents=True)
    experiment = presets.load("arch-2").changed(dataset="synthetic", **run.settings)
    crashed = run.state is RunState.CRASHED  # a state that no process writes
    at = np.arange(1.0, run.updates + 1)
    found = at[EVERY - 1 :: EVERY]
    accuracy = run.end - 0.4 / (1 + found / 300)
    facts = {
        **FACTS,
        "parameters": 33_050,
        "total": 4800,
        "updates_per_epoch": 100,
        "batch_size": 100,
        "machine": {"cpu": "A processor", "numpy": "2.4.6"},
    }
    line = replace(
        new_run(id_, experiment, **facts),
        name=run.name,
        note=run.note,
        marked=run.marked,
        reason=run.reason,
        state=RunState.RUNNING if crashed else run.state,
        started=began.timestamp(),
        updates=run.updates,
        evaluations=len(found),
        seconds=run.updates / 400,
        best_accuracy=float(accuracy[-1]) if len(found) else None,
        best_update=int(found[-1]) if len(found) else None,
        result=_result(run, accuracy[-1]) if run.state in MEASURED else None,
    )

    def write(connection: Any) -> None:
        kept = queries.add_run(connection, line)
        replace_points(
            connection, kept, "updates", np.stack([at, 0.1 + 0 * at, 2 / at, 3 / at, at / 400])
        )
        points = np.stack([found, 1 / found, accuracy + 0.05, 1 / found, accuracy])
        replace_points(connection, kept, "evaluations", points)
        kept = queries.add_event(connection, kept, 0, "started", {}, began.timestamp())
        for update, changes in run.edits.items():
            then = (began + timedelta(seconds=update / 400)).timestamp()
            kept = queries.add_event(connection, kept, update, "edited", {"changes": changes}, then)

    store().writer.do(write)


def _result(run: Made, accuracy: float) -> dict[str, Any]:
    return {
        "preset": "arch-2", "dataset": "synthetic", "seed": 0, "updates": run.updates,
        "seconds": run.updates / 400, "parameters": 33_050, "train_accuracy": accuracy + 0.05,
        "validation_accuracy": float(accuracy), "test_accuracy": accuracy - 0.01,
        "train_loss": 1.1, "validation_loss": 1.3,
    }  # fmt: skip
