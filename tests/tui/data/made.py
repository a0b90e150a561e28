"""A test app with the Data pane alone, on data that are equal on all machines."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.events import Key
from textual.pilot import Pilot

from core.config import presets
from core.config.experiment import Experiment
from core.data import known
from core.data.dataset import Dataset, Split
from core.data.known import KnownSet
from core.data.progress import Progress
from tests.tui.stage import Stage
from tests.tui.waiting import until
from tui.data.class_list import ClassList
from tui.data.pane import DataPane
from tui.data.picture_sheet import PictureSheet
from tui.data.summary_box import SummaryBox
from tui.keymap import refusals

CLASSES = ("circle", "cross", "square", "crown")
TRAINING, TEST = 100, 20


def dataset(shape: tuple[int, int, int] = (32, 32, 3), validation_size: int = 20) -> Dataset:
    """Return images with a gradient of the colour of their class and a bright left upper corner.

    The image of row i of all training images begins with a pixel of value i.
    """
    height, width, channels = shape
    ramp = np.linspace(0, 1, height)[:, None, None] * np.linspace(0.4, 1, width)[None, :, None]

    def split(count: int) -> Split:
        labels = np.arange(count) % len(CLASSES)
        tints = np.random.default_rng(1).integers(60, 250, (len(CLASSES), 1, 1, channels))
        images = (ramp * tints[labels]).astype(np.uint8)
        images[:, : height // 3, : width // 3] = 230
        images[:, 0, 0, 0] = np.arange(count)
        return Split(images, labels)

    training, test = split(TRAINING), split(TEST)
    cut = TRAINING - validation_size
    return Dataset(
        "made",
        "made",
        CLASSES,
        Split(training.images[:cut], training.labels[:cut]),
        Split(training.images[cut:], training.labels[cut:]),
        test,
    )


@contextmanager
def known_set(shape: tuple[int, int, int] = (32, 32, 3)) -> Iterator[None]:
    """Make the set known by its name while the context lasts."""

    def load(_: Path | None, validation_size: int, __: Progress) -> Dataset:
        return dataset(shape, min(validation_size, 20))

    made = KnownSet("made", "the made set", shape, CLASSES, TRAINING, TEST, load)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(known.KNOWN, "made", made)
        yield


def experiment(**changes: Any) -> Experiment:
    """Return settings that take the made set."""
    small = {"dataset": "made", "validation_size": 100, "batch_size": 20, "max_updates": 20}
    linear = [{"kind": "linear", "units": len(CLASSES)}]
    return presets.load("arch-2").changed(**{**small, "architecture": linear, **changes})


class DataStage(Stage):
    pane: DataPane

    def __init__(self, **changes: Any) -> None:
        super().__init__("data")
        self.pane = DataPane()
        self.pane.set_reactive(DataPane.experiment, experiment(**changes))
        self.why = ""
        """Why the last key was refused, as the app says in its footer."""

    def on_key(self, event: Key) -> None:
        active = self.screen.active_bindings.get(event.key)
        self.why = refusals.reason(active) if active is not None and not active.enabled else ""

    @property
    def sheet(self) -> PictureSheet:
        return self.query_one(PictureSheet)

    @property
    def class_list(self) -> ClassList:
        return self.query_one(ClassList)

    @property
    def title_text(self) -> str:
        return self.title_of(self.sheet)

    @property
    def captions(self) -> list[str]:
        """Captions of the pictures of the page."""
        return [tile.caption for tile in self.sheet._tiles]

    @property
    def under(self) -> str:
        """Caption under the cursor."""
        return self.captions[self.sheet.cursor]


async def read(pilot: Pilot[None], app: DataStage) -> None:
    """Wait until the images and the numbers are there."""
    await until(pilot, lambda: app.query_one(SummaryBox).summary is not None)
    await pilot.pause()
