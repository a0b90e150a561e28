"""Tests of which values of a strip are marked as outside of a threshold."""

from math import nan

import numpy as np
import pytest

from core.training.health_limits import described, outside
from core.training.health_strip import QUANTITIES, Quantity, strip
from core.training.health_thresholds import HealthThresholds
from tests.training.health_made import EXPERIMENT, Ill, recorded

LIMITS = HealthThresholds()


def marked(quantity: Quantity, ill: Ill, updates: int = 1000) -> list[tuple[str, int]]:
    history = recorded(updates, ill)
    found = strip(history, quantity, 100)
    mask = outside(found, history, EXPERIMENT, LIMITS)
    return [
        (found.names[row], int(found.updates[column])) for row, column in np.argwhere(mask).tolist()
    ]


def one(name: str, value: float, update: int) -> Ill:
    return lambda column, at: value if (column, at) == (name, update) else None


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_nothing_of_a_healthy_run_is_outside(quantity: Quantity) -> None:
    assert marked(quantity, lambda name, update: None) == []


@pytest.mark.parametrize(
    ("name", "value", "update"),
    [
        ("conv1.weight/ratio", 0.2, 300),
        ("linear1.weight/gradient", 101.0, 200),
        ("relu1/silent", 0.5, 300),
        ("relu1/deviation", 1e-4, 1),
        ("relu1/mean", nan, 200),
        ("linear1.bias/ratio", nan, 200),
    ],
)
def test_a_value_outside_is_marked(name: str, value: float, update: int) -> None:
    owner, quantity = name.split("/")
    assert marked(quantity, one(name, value, update)) == [(owner, update)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value", "update"),
    [("conv1.bias/ratio", 3.0, 300), ("relu1/deviation", 1e-4, 100), ("relu1/mean", 9.0, 100)],
)
def test_a_value_without_a_threshold_is_not(name: str, value: float, update: int) -> None:
    assert marked(name.split("/")[1], one(name, value, update)) == []  # type: ignore[arg-type]


def test_small_ratios_count_if_no_weight_has_a_larger_one() -> None:
    def low(name: str, update: int) -> float | None:
        # Before the patience ends, a rate may still be on its way up.
        return 1e-6 if name.endswith(".weight/ratio") and update in (200, 600) else None

    def but_one(name: str, update: int) -> float | None:
        return None if name.startswith("conv1") else low(name, update)

    assert {update for _, update in marked("ratio", low)} == {600}
    assert marked("ratio", but_one) == []


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_what_is_outside_is_described(quantity: Quantity) -> None:
    assert bool(described(quantity, LIMITS)) == (
        quantity in ("ratio", "gradient", "silent", "deviation")
    )


def test_nothing_of_nothing() -> None:
    history = recorded(0)
    assert outside(strip(history, "ratio", 5), history, EXPERIMENT, LIMITS).size == 0
