"""Draws: within their bounds, evenly, in few digits, and subject to conditions."""

from math import log
from typing import Any

import numpy as np
import pytest

from core.settings import SettingError
from core.sweeps.definition import space
from core.sweeps.definition.distributions import Linear, Log, parse
from core.sweeps.definition.space import Space


def drawn(table: dict[str, Any], count: int = 2000) -> list[Any]:
    rng, made = np.random.default_rng(0), parse("x", table)
    return [made.draw(rng) for _ in range(count)]


@pytest.mark.parametrize(
    "table",
    [
        {"linear": [0.0, 0.2]},
        {"linear": [0.5, 0.999]},
        {"linear": [0.0123, 0.0987]},
        {"log": [0.00423, 0.0611]},
        {"log": [1e-7, 10]},
        {"integer": [3, 5]},
        {"integer": [10, 1000], "log": True},
    ],
)
def test_draws_stay_in_their_bounds_and_come_close_to_both(table: dict[str, Any]) -> None:
    low, high = next(bounds for bounds in table.values() if isinstance(bounds, list))
    values = drawn(table)
    assert low <= min(values)
    assert max(values) <= high
    if "log" in table:
        low, high, values = log(low), log(high), [log(value) for value in values]
    assert min(values) < low + 0.05 * (high - low)
    assert max(values) > high - 0.05 * (high - low)
    assert np.median(values) == pytest.approx((low + high) / 2, abs=0.05 * (high - low))


def test_numbers_have_two_digits_and_more_where_these_would_say_too_little() -> None:
    assert set(drawn({"linear": [0.01, 0.02]})) == {round(0.01 + k / 1000, 3) for k in range(11)}
    assert len({f"{value:.1e}" for value in drawn({"log": [0.004, 0.06]})}) == len(
        set(drawn({"log": [0.004, 0.06]}))
    )
    assert len(set(drawn({"linear": [0.99, 0.999]}))) == 91
    assert Linear(low=0.5, high=0.999).rounded(0.9987) == 0.999
    assert Log(low=0.0042, high=0.06).rounded(0.012345) == 0.012


def test_integers_are_as_likely_at_their_bounds() -> None:
    for table in ({"integer": [1, 4]}, {"integer": [10, 13], "log": True}):
        counts = np.unique(drawn(table, 4000), return_counts=True)[1]
        assert len(counts) == 4
        assert counts.min() > 800
    assert all(type(value) is int for value in drawn({"integer": [1, 100], "log": True}))


def made(**tables: Any) -> Space:
    return {name: parse(name, table) for name, table in tables.items()}


CONDITIONAL = made(
    c={"choice": [1, 2], "when": {"b": ["x"]}},
    b={"choice": ["x", "y"], "when": {"a": 1}},
    a={"choice": [1, 2]},
    d={"integer": [7, 8]},
)


def test_settings_whose_condition_is_not_met_are_absent() -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        settings = space.draw(CONDITIONAL, rng)
        assert ("b" in settings) == (settings["a"] == 1)
        assert ("c" in settings) == (settings.get("b") == "x")
        assert list(settings) == [name for name in CONDITIONAL if name in settings]


def test_a_condition_changes_no_other_setting() -> None:
    free = made(**{name: {**each.table(), "when": {}} for name, each in CONDITIONAL.items()})
    for seed in range(50):
        with_conditions = space.draw(CONDITIONAL, np.random.default_rng(seed))
        without = space.draw(free, np.random.default_rng(seed))
        assert with_conditions.items() <= without.items()


def test_every_setting_of_a_finite_space_is_listed_once() -> None:
    listed = list(space.every(CONDITIONAL))
    keys = {space.key(settings) for settings in listed}
    assert len(keys) == len(listed) == (2 + 1 + 1) * 2
    rng = np.random.default_rng(2)
    assert {space.key(space.draw(CONDITIONAL, rng)) for _ in range(500)} == keys
    used = {space.key(settings) for settings in listed[:-1]}
    assert space.first_unused(CONDITIONAL, used) == listed[-1]
    assert space.first_unused(CONDITIONAL, keys) is None


@pytest.mark.parametrize("bounds", [[-0.0, 5e-324], [0.0, 1e-300], [1e-310, 1e-305]])
def test_the_smallest_numbers_can_be_bounds(bounds: list[float]) -> None:
    drawn = parse("momentum", {"linear": bounds}).draw(np.random.default_rng(0))
    assert bounds[0] <= drawn <= bounds[1]


def test_a_bound_too_large_for_a_float_is_refused() -> None:
    with pytest.raises(SettingError, match="lower and an upper bound"):
        parse("eta_max", {"log": [1, 10**400]})
