"""The figure of a learning-rate range test, with any data."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.figures import lr_finder as figures
from core.training.lr_curve import RateCurve
from tests.training.test_lr_curve import curve as made


def test_the_rates_are_marked_and_named() -> None:
    figure = figures.figure(made(), "final")
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert words == ["each update", "smoothed", "eta_min: 0.0016", "eta_max: 0.073"]
    axes = figure.axes[0]
    assert axes.get_xscale() == "log"
    assert axes.get_xlabel() == "learning rate (log scale)"
    assert axes.get_ylabel() == "cross-entropy of the mini-batch (nats)"
    assert axes.get_ylim()[1] < 3.5, "the explosion does not flatten the rest"


@pytest.mark.parametrize("count", [0, 1, 2, 30])
def test_whatever_there_is(count: int, tmp_path: Path) -> None:
    whole = made()
    part = RateCurve(whole.rates[:count], whole.losses[:count], 300)
    with Image.open(figures.export(part, tmp_path / "a" / "b.png", "a name")) as image:
        assert np.asarray(image).std() > 0
