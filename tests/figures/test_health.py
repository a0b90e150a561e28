"""The figure of the health of a run, with any record."""

from pathlib import Path

import numpy as np
import pytest

from core.figures import health, run
from core.training.events import HealthMeasured, Started
from core.training.history import History
from tests.figures.test_run import is_drawn
from tests.training.health_made import COLUMNS, recorded


@pytest.mark.filterwarnings("error")
def test_it_is_written_beside_the_others(tmp_path: Path) -> None:
    paths = run.export(recorded(3000), tmp_path, "a run")
    assert [path.name for path in paths] == ["loss.png", "accuracy.png", "rate.png", "health.png"]
    assert is_drawn(tmp_path / "health.png")


def test_each_quantity_has_a_strip_of_its_layers() -> None:
    figure = health.figure(recorded(3000), "a run")
    strips = [axes for axes in figure.axes if axes.get_title(loc="left")]
    assert [axes.get_title(loc="left") for axes in strips] == list(health.QUANTITIES.values())
    names = [[label.get_text() for label in axes.get_yticklabels()] for axes in strips]
    assert names == [
        ["conv1", "linear1", "linear2"],
        ["conv1", "linear1", "linear2"],
        ["relu1", "relu2"],
    ]
    values = strips[0].collections[0].get_array()
    assert values is not None
    assert values.shape == (3, 31)
    # The first layer is at the top.
    assert strips[0].get_ylim()[0] > strips[0].get_ylim()[1]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [0.0, np.nan, np.inf, 1.0])
def test_a_record_without_a_proper_value_can_be_drawn(tmp_path: Path, value: float) -> None:
    history = History()
    history.add(Started("synthetic", "built in", 10, 100, 7, 40, health=COLUMNS))
    history.add(HealthMeasured(1, (value,) * len(COLUMNS)))
    assert "health.png" in [path.name for path in run.export(history, tmp_path, "a run")]


def test_a_network_that_does_not_rectify_has_no_strip_of_silent_units() -> None:
    history = History()
    history.add(Started("synthetic", "built in", 10, 9, 7, 40, health=("conv1.weight/ratio",)))
    history.add(HealthMeasured(1, (0.1,)))
    titles = [axes.get_title(loc="left") for axes in health.figure(history, "a run").axes]
    assert [title for title in titles if title] == ["update-to-weight ratio"]
