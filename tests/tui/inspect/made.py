"""A test app with the Inspect screen alone, and predictions that are equal on all machines."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.config import presets
from core.data.layout import CLASSES
from core.predictions.evaluation import Evaluation
from core.runs.records import new_run
from tests.runs.made import FACTS
from tests.tui.stage import Stage
from tui.inspect import screen
from tui.inspect.screen import InspectScreen

IMAGES = 1000


class InspectStage(Stage):
    """An app with the Inspect screen alone."""

    HEADER = ""

    def __init__(self) -> None:
        super().__init__()
        run = new_run("arch-2-3", presets.load("arch-2").changed(dataset="synthetic"), **FACTS)
        self.inspect = InspectScreen(run, None)

    def on_mount(self) -> None:
        self.push_screen(self.inspect)

    @property
    def view(self) -> str:
        """Title of the box."""
        return self.title_of(self.inspect.query_one("#inspect"))


class FakeModel:
    """A model that predicts a horse for every image, with probability 0.625."""

    shape = (32, 32, 3)

    classes = CLASSES

    def __init__(self, checkpoint: object) -> None:
        pass

    def probabilities(self, images: Any) -> Any:
        shares = [0.01, 0.02, 0.03, 0.04, 0.05, 0.1, 0.01, 0.625, 0.015, 0.1]
        return np.array([shares] * len(images), np.float32)


def evaluated() -> Evaluation:
    """Return an evaluation of plain images, with some of each class predicted as the next three."""
    at = np.arange(IMAGES)
    labels = at % len(CLASSES)
    turn = at // len(CLASSES)
    wrong = turn % 10 < labels // 2 + 1
    taken = np.where(wrong, (labels + 1 + turn % 3) % len(CLASSES), labels)
    probabilities = np.full((IMAGES, len(CLASSES)), 0.01, np.float32)
    probabilities[at, labels] = 0.02
    probabilities[at, taken] = (900 - at % 400) / 1000
    images = np.zeros((IMAGES, 32, 32, 3), np.uint8)
    images[:, :16] = np.stack([20 * labels, 200 - 10 * labels, 90 + 0 * labels], 1)[:, None, None]
    images[:, 16:, 8:24] = (250, 250, 250)
    return Evaluation(
        "arch-2-3", 4800, "synthetic", "built in", "test", CLASSES, images, labels, probabilities,
        1.2,
    )  # fmt: skip


def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the screen use the fake model and evaluation for every run."""
    choice = SimpleNamespace(checkpoint=None, notes=())
    monkeypatch.setattr(screen, "choose", lambda *_, **__: choice)
    monkeypatch.setattr(screen, "images_of", lambda *_: None)
    monkeypatch.setattr(screen, "Model", FakeModel)
    monkeypatch.setattr(screen, "evaluate", lambda *_: evaluated())
