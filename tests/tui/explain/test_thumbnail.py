"""Tiny pictures of layers."""

import numpy as np

from core.explain import run
from core.layers.linear import Linear
from core.layers.relu import Relu
from tests.explain.subjects import images, subject
from tui.explain import thumbnail
from tui.explain.paint import DARK


def test_a_picture_is_resized_to_what_is_furthest_from_zero() -> None:
    values = np.zeros((4, 6))
    values[1, 1], values[3, 5] = -2.0, 1.0
    assert thumbnail.small(values, 2, 3).tolist() == [[-2.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    assert thumbnail.small(np.array([[3.0, -1.0]]), 2, 4).tolist() == [[3.0, 3.0, -1.0, -1.0]] * 2


def test_every_layer_has_a_picture_of_its_size_and_signs_without_colour() -> None:
    made = subject((Linear(units=12), Relu(), Linear(units=10)))
    batch = images((9, 7, 2), 1, 0)
    trace = run(made, batch.images[0], 3)
    for name in trace.nodes:
        for gradients in (False, True):
            for palette in (DARK, None):
                lines = thumbnail.lines(trace, name, gradients, 2, palette)
                widths = [sum(len(part.text) for part in line) for line in lines]
                array = trace.node(name).dy if gradients else trace.values(name)
                is_one = array is not None and trace.values(name).ndim
                assert widths == [thumbnail.WIDTH if is_one else 0] * 2
    signs = "".join(line[0].text for line in thumbnail.lines(trace, "linear1", False, 2, None))
    assert "-" in signs
    assert "█" in signs or (trace.values("linear1").max() < -trace.values("linear1").min())
    assert thumbnail.lines(trace, "loss", False, 1, DARK) == [[]]
