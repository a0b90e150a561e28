"""Tests of a plan in words."""

from core import plan_text
from core.config import presets


def test_the_data_set_is_named_with_what_stands_in_for_cifar10():
    experiment = presets.load("final")
    assert plan_text.data(experiment, "cifar10") == ("CIFAR-10", "49,000 + 24,500 training images")
    assert "without CIFAR-10" in plan_text.data(experiment, "synthetic")[0]
    chosen = experiment.changed(dataset="synthetic")
    assert "without CIFAR-10" not in plan_text.data(chosen, "synthetic")[0]
