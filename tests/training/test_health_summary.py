"""Tests of the health of a whole network as one curve."""

import numpy as np
import pytest

from core.training.health_summary import SUMMARIES, Summary, summary
from core.training.history import History
from tests.training.health_made import recorded, value


def test_each_summary_is_taken_over_the_network() -> None:
    history = recorded(300)
    updates, ratio = summary(history, "largest_ratio")
    assert updates.tolist() == [1, 100, 200, 300]
    assert ratio[1] == value("linear2.weight/ratio", 100)
    names = [
        f"{layer}.{tensor}"
        for layer in ("conv1", "linear1", "linear2")
        for tensor in ("weight", "bias")
    ]
    total = np.sqrt(sum(value(f"{name}/gradient", 200) ** 2 for name in names))
    assert summary(history, "gradient_norm")[1][2] == pytest.approx(total)
    assert summary(history, "most_silent")[1][0] == value("relu1/silent", 1)


def test_biases_are_left_out_of_ratios() -> None:
    history = recorded(100, lambda name, update: 7.0 if name == "linear1.bias/ratio" else None)
    assert summary(history, "largest_ratio")[1].max() < 1


@pytest.mark.parametrize("name", SUMMARIES)
def test_nothing_of_nothing(name: Summary) -> None:
    for history in (History(), recorded(0)):
        assert [len(column) for column in summary(history, name)] == [0, 0]
