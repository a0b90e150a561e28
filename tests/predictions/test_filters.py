"""Filters of the first layer as pictures."""

from typing import Any

import numpy as np
import pytest

from core.data.dataset import Dataset
from core.errors import StoreError
from core.predictions import filters
from tests.runs import made


def spec(*layers: dict[str, Any]) -> list[dict[str, Any]]:
    return [*layers, {"kind": "linear", "units": 10}]


@pytest.mark.parametrize(
    ("network", "shape"),
    [
        ("8x8/4/6", (4, 8, 8, 3)),
        (spec({"kind": "conv", "filter": 5, "filters": 7, "padding": 2}), (7, 5, 5, 3)),
        (spec({"kind": "conv1d", "filter": 3, "filters": 6}), (6, 3, 32, 3)),
        (spec({"kind": "pool"}, {"kind": "conv", "filter": 2, "filters": 5}), (5, 2, 2, 3)),
        (spec({"kind": "pool"}, {"kind": "conv1d", "filter": 2, "filters": 5}), (5, 2, 16, 3)),
    ],
)
def test_each_weight_has_its_place(small: Dataset, network: Any, shape: tuple[int, ...]) -> None:
    kept = made.checkpoint(small, architecture=network, max_updates=2)
    found = filters.pictures(kept)
    assert found.shape == shape
    weight = kept.state.tensors[
        "conv1d1.weight" if "conv1d1.weight" in kept.state.tensors else "conv1.weight"
    ]
    if weight.ndim == 3:
        weight = weight.reshape(shape[1], shape[2], 3, shape[0])
    for number, picture in enumerate(found):
        mine = weight[..., number]
        assert picture.min() >= 0
        assert picture.max() <= 1
        np.testing.assert_allclose((picture - 0.5) * 2 * np.abs(mine).max(), mine, rtol=1e-6)
        assert np.abs(picture - 0.5).max() == pytest.approx(0.5)


def test_a_filter_of_zeros_is_grey(small: Dataset) -> None:
    kept = made.checkpoint(small, max_updates=1)
    kept.state.tensors["conv1.weight"][..., 2] = 0
    assert (filters.pictures(kept)[2] == 0.5).all()


@pytest.mark.parametrize(
    ("network", "named"),
    [
        (spec(), "linear 10"),
        (spec({"kind": "linear", "units": 9}, {"kind": "relu"}), "linear 9"),
        (spec({"kind": "flatten"}), "linear 10"),
    ],
)
def test_other_first_layers_have_none(small: Dataset, network: Any, named: str) -> None:
    kept = made.checkpoint(small, architecture=network, max_updates=1)
    with pytest.raises(StoreError, match="no filters that can be shown as pictures") as caught:
        filters.pictures(kept)
    assert named in str(caught.value)
