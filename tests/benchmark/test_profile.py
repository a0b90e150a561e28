"""Tests of the profile of an update."""

import pytest

from core.benchmark import tables
from core.benchmark.profile import profile
from core.config import presets
from core.data.dataset import Dataset
from core.plan import plan
from core.training.shard import Shard

BOTH_WAYS = {"conv1", "relu1", "linear1", "relu2", "linear2"}


def test_every_step_is_there_and_the_sum_is_the_update(small: Dataset) -> None:
    experiment = presets.load("arch-2").changed(validation_size=100)
    found = profile(experiment, repeats=5, load=lambda *what: small)
    assert found is not None
    names = [row.name for row in found.rows]
    assert names == [
        "normalise", "conv1", "relu1", "linear1", "relu2", "linear2", "loss", "update", "all else",
    ]  # fmt: skip
    assert {row.name for row in found.rows if row.backward_ms is not None} == BOTH_WAYS | {"loss"}
    # Medians of parts need not add up to the median of the whole, but nearly do.
    assert sum(row.total_ms for row in found.rows) == pytest.approx(found.update_ms, rel=0.5)
    assert sum(found.share(row) for row in found.rows) == pytest.approx(1.0, rel=0.5)
    assert all(row.total_ms >= 0 for row in found.rows)


def test_operations_and_bytes_are_those_of_the_batch(small: Dataset) -> None:
    experiment = presets.load("arch-2").changed(validation_size=100)
    found = profile(experiment, repeats=1, load=lambda *what: small)
    assert found is not None
    rows = {row.name: row for row in found.rows}
    made = plan(experiment)
    assert sum(row.operations for row in found.rows) == made.operations * 100
    # Forward: x, y and the weights; backward: x, dy, the weights' gradient and dx.
    x, y, weights = 100 * 640, 100 * 50, 640 * 50 + 50
    assert rows["linear1"].bytes == 4 * (x + y + weights + y + x + weights + weights + x)
    assert rows["linear1"].gflops == pytest.approx(
        rows["linear1"].operations / rows["linear1"].total_ms / 1e6
    )
    assert rows["relu1"].gflops is None
    line = found.as_dict()
    assert line["rows"][1]["name"] == "conv1"
    assert line["batch_size"] == 100


def test_layers_in_another_order_are_named_as_they_run(small: Dataset) -> None:
    found = profile(presets.load("lenet"), repeats=1, load=lambda *what: small)
    assert found is not None
    names = [row.name for row in found.rows]
    assert names[1:4] == ["conv1", "pool1", "relu1"]
    assert "flatten1" not in names


def test_a_schedule_of_fewer_updates_begins_anew(small: Dataset) -> None:
    short = presets.load("arch-1").changed(half_cycle=2, cycles=1)
    assert profile(short, repeats=3, load=lambda *what: small) is not None


def test_it_can_be_cancelled_and_leaves_no_trace(small: Dataset) -> None:
    before = Shard.forward_backward
    assert profile(presets.load("arch-2"), load=lambda *what: small, cancelled=lambda: True) is None
    assert Shard.forward_backward is before


def test_the_lines_have_all_columns(small: Dataset) -> None:
    found = profile(presets.load("arch-2"), repeats=1, load=lambda *what: small)
    assert found is not None
    lines = tables.profile_lines(found)
    assert {len(line) for line in lines} == {len(tables.PROFILE_HEADINGS)}
    assert lines[-1][0] == "sum"
