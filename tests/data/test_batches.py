import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.batches import Batches
from core.data.dataset import DataError


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 9))
def test_an_epoch_has_every_image_once_but_for_the_rest(count: int, size: int, seed: int) -> None:
    if size > count:
        with pytest.raises(DataError, match="cannot be filled"):
            Batches(count, seed, size)
        return
    batches = Batches(count, seed, size)
    assert batches.updates_per_epoch == count // size
    for epoch in range(2):
        first = epoch * batches.updates_per_epoch
        rows = np.concatenate([batches.rows(first + i) for i in range(batches.updates_per_epoch)])
        assert len(set(rows.tolist())) == len(rows) == count // size * size
        assert set(rows.tolist()) <= set(range(count))


def test_updates_can_be_asked_for_in_any_order() -> None:
    forward, back = Batches(50, 4, 7), Batches(50, 4, 7)
    rows = [forward.rows(update).copy() for update in range(30)]
    for update in reversed(range(30)):
        np.testing.assert_array_equal(back.rows(update), rows[update])


def test_epochs_and_seeds_differ() -> None:
    batches = Batches(100, 0, 100)
    assert batches.rows(0).tolist() != batches.rows(1).tolist()
    assert batches.rows(0).tolist() != Batches(100, 1, 100).rows(0).tolist()


def test_position() -> None:
    batches = Batches(35, 0, 10)
    assert [batches.position(update) for update in (0, 2, 3, 7)] == [(0, 0), (0, 2), (1, 0), (2, 1)]


def test_an_order_cannot_be_spoiled() -> None:
    with pytest.raises(ValueError, match="read-only"):
        Batches(10, 0, 5).rows(0)[0] = 3
