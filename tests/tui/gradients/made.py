"""A test app with the Gradients pane alone, and made-up checks."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from textual.pilot import Pilot

from core.checks.compare import compare
from core.checks.report import Progress, Report, Row, Verdict
from core.config import presets
from tests.tui.stage import Stage
from tui.gradients.pane import GradientsPane
from tui.gradients.table import GradientTable
from tui.worker.messages import CheckEnded, CheckRow, JobState

SHAPES = {
    "input": (10, 32, 32, 3),
    "conv1.weight": (4, 4, 3, 10),
    "conv1.bias": (10,),
    "linear1.weight": (640, 50),
    "linear1.bias": (50,),
    "linear2.weight": (50, 10),
    "linear2.bias": (10,),
}


@cache
def row(
    name: str, verdict: Verdict = Verdict.PASS, reference: str = "torch", error: float = 1e-7
) -> Row:
    """Return the row of a tensor whose entries differ by about `error`, some of them by 0."""
    rng = np.random.default_rng(len(name))
    ours = rng.standard_normal(SHAPES[name])
    off = error * rng.standard_normal(ours.shape) * (rng.random(ours.shape) > 0.1)
    torch = reference == "torch"
    found = Row(
        name=name,
        shape=ours.shape,
        dtype="float32" if torch else "float64",
        reference=reference,
        comparison=compare(ours, ours * (1 + off), 1e-6),
        flips=0 if torch else None,
        redrawn=0 if torch else 3,
        directional=None if torch else 4e-9,
        normwise_without_flips=None,
        tolerance=1e-6 if torch else 1e-7,
        verdict=verdict,
        scaled=False,
    )
    if verdict is Verdict.FLIP:
        return replace(found, flips=2, normwise_without_flips=3.4e-8)
    return found


def rows(reference: str = "torch", **verdicts: Verdict) -> list[Row]:
    """Return rows of all tensors; keywords name tensors with underscores for dots."""
    kinds = {name.replace("_", "."): verdict for name, verdict in verdicts.items()}
    large = {Verdict.PASS: 1e-7 if reference == "torch" else 1e-9}
    return [
        row(name, kind := kinds.get(name, Verdict.PASS), reference, large.get(kind, 1e-3))
        for name in SHAPES
    ]


class GradientsStage(Stage):
    pane: GradientsPane

    def __init__(self) -> None:
        super().__init__("gradients")
        self.pane = GradientsPane(self.runner, Path("/data"))
        self.pane.set_reactive(GradientsPane.experiment, presets.load("final"))
        self.pane.set_reactive(GradientsPane.dataset, "cifar10")

    # Stand-ins for the runner

    def say(self, done: int, total: int, doing: str) -> None:
        self.runner.checked = Progress(done, total, doing)
        self.pane.look()

    def tell(self, *found: Row) -> None:
        for one in found:
            self.pane.take(CheckRow(one))

    def end(self, *found: Row, tensors: int = 7) -> Report:
        """End the check with a report of the given rows."""
        check, scale = self.runner.asked[-1][1], self.runner.asked[-1][3]
        report = Report(
            title="final",
            check=check,
            images="10 images",
            tensors=tensors,
            rows=tuple(replace(one, scaled=one.name == scale) for one in found),
            kink_flips=0,
            activations=100_000,
            seconds=0.4,
        )
        self.pane.take(CheckEnded(report, None))
        self.state(JobState.IDLE)
        return report

    def fail(self, reason: str) -> None:
        self.pane.take(CheckEnded(None, reason))
        self.state(JobState.IDLE)

    # What the screen shows

    @property
    def table(self) -> GradientTable:
        return self.query_one(GradientTable)

    @property
    def names(self) -> list[str]:
        return [line[2:].split()[0] for line in self.lines(self.table) if "└" not in line]


async def checked(pilot: Pilot[None], *found: Row, **verdicts: Any) -> GradientsStage:
    """Run a check to its end."""
    app = pilot.app
    assert isinstance(app, GradientsStage)
    await pilot.press("g")
    report = list(found) or rows(**verdicts)
    app.tell(*report)
    app.end(*report)
    await pilot.pause()
    return app
