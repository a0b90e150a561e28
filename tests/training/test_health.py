"""Tests of the health record: its numbers, and that a training does not notice it."""

from collections.abc import Callable
from itertools import pairwise
from math import inf
from typing import Any

import numpy as np
import pytest

from core.config.experiment import Experiment
from core.data.dataset import Dataset
from core.nn import chain
from core.nn.layer import Mode
from core.nn.network import Network
from core.plan import PROBE_BATCHES, PROBE_IMAGES
from core.training import health, health_columns
from core.training.control import Control
from core.training.events import Event, HealthMeasured, UpdateDone
from core.training.health import histogram
from core.training.health_columns import BINS, HISTOGRAM, column, columns_of, is_due, owners
from core.training.history import History
from core.training.trainer import Trainer
from tests.runs.made import BRANCHES, DEEP

BASE: dict[str, Any] = {
    "architecture": "8x8/6/12",
    "half_cycle": 10,
    "cycles": 1,
    "batch_size": 50,
    "shards": 3,
    "evaluate_every": 8,
    "training_sample": 100,
    "dataset": "synthetic",
    "health": "dense",
}


def run(
    dataset: Dataset, threads: int = 1, listen: Callable[[Event], None] | None = None, **values: Any
) -> tuple[Trainer, History]:
    trainer, history = Trainer(Experiment.of({**BASE, **values}), dataset, threads), History()

    def tell(event: Event) -> None:
        history.add(event)
        if listen is not None:
            listen(event)

    trainer.run(Control(), tell)
    return trainer, history


def test_rows_are_every_tenth_or_hundredth_update_and_more_at_the_start() -> None:
    def due(setting: str, until: int) -> list[int]:
        return [update for update in range(1, until) if is_due(update, setting)]

    assert due("dense", 41) == [1, 2, 4, 8, 10, 20, 30, 40]
    assert due("sparse", 301) == [1, 2, 4, 8, 16, 32, 64, 100, 200, 300]
    assert due("off", 301) == []


def test_the_rows_of_a_run_are_those_that_are_due(small: Dataset) -> None:
    told: list[Event] = []
    trainer, history = run(small, listen=told.append)
    assert trainer.health is not None
    assert history.health.columns == ("update", *trainer.health.columns)
    assert history.health.read()["update"].tolist() == [1, 2, 4, 8, 10, 20]
    for before, after in pairwise(told):
        if isinstance(before, HealthMeasured):
            assert isinstance(after, UpdateDone)
            assert after.update == before.update


@pytest.mark.parametrize("values", [{}, DEEP, BRANCHES], ids=["plain", "deep", "branches"])
@pytest.mark.parametrize("shards", [1, 2, 3])
def test_a_training_has_the_same_bits_with_and_without(
    small: Dataset, two_cores: type, shards: int, values: dict[str, Any]
) -> None:
    ends = []
    for setting in ("off", "sparse", "dense"):
        for threads in (1, 2):
            trainer, history = run(small, threads, shards=shards, **{**values, "health": setting})
            state = trainer.state()
            tensors = {**state.tensors, **state.optimiser}
            curves = [history.updates.points()[:4].tolist(), history.evaluations.points().tolist()]
            ends.append(({name: value.tobytes() for name, value in tensors.items()}, curves))
            assert bool(len(history.health)) == (setting != "off")
    assert all(end == ends[0] for end in ends)


@pytest.mark.parametrize("values", [{}, DEEP, BRANCHES], ids=["plain", "deep", "branches"])
def test_the_record_depends_on_the_shards_and_not_on_the_workers(
    small: Dataset, two_cores: type, values: dict[str, Any]
) -> None:
    one, two, three = (run(small, threads, **values)[1].health.points() for threads in (1, 2, 3))
    assert one.tobytes() == two.tobytes() == three.tobytes()


@pytest.mark.parametrize("values", [{}, BRANCHES], ids=["plain", "branches"])
def test_norms_are_those_of_the_tensors(small: Dataset, values: dict[str, Any]) -> None:
    trainer = Trainer(Experiment.of({**BASE, "dtype": "float64", **values}), small, 1)
    probe = trainer.health
    assert probe is not None
    for update in range(3):
        tensors = trainer.engine.network.tensors()
        before = {name: value.copy() for name, (value, _) in tensors.items()}
        probe.before()
        trainer.step(update)
        measured = probe.after(update + 1, trainer.engine.gradients)
        found = dict(zip(probe.columns, measured.values, strict=True))
        for name in owners(probe.columns, "weight"):
            gradient = sum(shard.network.tensors()[name][1] for shard in trainer.engine.shards)
            expected = {
                "weight": np.linalg.norm(before[name]),
                "gradient": np.linalg.norm(gradient),
                "update": np.linalg.norm(tensors[name][0] - before[name]),
            }
            for quantity, value in expected.items():
                assert found[column(name, quantity)] == pytest.approx(value, rel=1e-12)
            size = expected["weight"]
            ratio = expected["update"] / size if size else inf
            assert found[column(name, "ratio")] == pytest.approx(ratio, rel=1e-12)


@pytest.mark.parametrize("batch", [64, 4])
@pytest.mark.parametrize("values", [{}, DEEP, BRANCHES], ids=["plain", "deep", "branches"])
def test_outputs_are_those_of_the_layers_as_written(
    small: Dataset, monkeypatch: pytest.MonkeyPatch, values: dict[str, Any], batch: int
) -> None:
    monkeypatch.setattr(health, "SAMPLE", 10**9)
    monkeypatch.setattr(health, "probe_batch", lambda layers, dtype: batch)
    trainer, history = run(small, dtype="float64", **values)
    images = trainer.sample.images[:PROBE_IMAGES]
    x = np.empty(images.shape)
    trainer.loader.normaliser.apply(images, x)
    engine = trainer.engine
    network = Network(
        trainer.plan.layers, len(x), "float64", engine.parameters, statistics=engine.statistics
    )
    last = {name: value[-1] for name, value in history.health.read().items()}
    seen = []
    for name, layer, y in network.each_output(x, Mode.EVALUATION):
        seen.append(name)
        assert last[column(name, "mean")] == pytest.approx(y.mean(), rel=1e-9, abs=1e-12)
        assert last[column(name, "deviation")] == pytest.approx(y.std(), rel=1e-9)
        shares, ends = np.histogram(y, BINS)
        assert [last[column(name, each)] for each in HISTOGRAM[:2]] == [ends[0], ends[-1]]
        found = np.array([last[column(name, each)] for each in HISTOGRAM[2:]])
        # A value on an edge may fall to either side of it.
        np.testing.assert_allclose(found, shares / y.size, atol=2 / y.size)
        if layer.rectifies:
            silent = (y.reshape(-1, y.shape[-1]) <= 0).all(axis=0).mean()
            assert last[column(name, "silent")] == silent
        else:
            assert column(name, "silent") not in last
    assert seen == [name for name, _ in chain.every_layer(trainer.plan.layers)]


def test_a_sample_of_the_outputs_is_near_all_of_them(small: Dataset) -> None:
    few = run(small, architecture="4x4/10/50")[1].health.read()
    health_sample = health.SAMPLE
    try:
        health.SAMPLE = 10**9
        all_ = run(small, architecture="4x4/10/50")[1].health.read()
    finally:
        health.SAMPLE = health_sample
    assert not np.array_equal(few["conv1/mean"], all_["conv1/mean"])
    for name in owners(tuple(few), "deviation"):
        deviation = all_[column(name, "deviation")]
        assert np.all(abs(few[column(name, "mean")] - all_[column(name, "mean")]) < deviation / 20)
        np.testing.assert_allclose(few[column(name, "deviation")], deviation, rtol=0.05)


def test_a_unit_is_a_channel_and_is_silent_if_it_is_so_everywhere(small: Dataset) -> None:
    trainer = Trainer(Experiment.of({**BASE, "architecture": "8x8/6/12"}), small, 1)
    tensors = trainer.engine.network.tensors()
    tensors["conv1.bias"][0][:3] = -1e3
    tensors["linear1.bias"][0][:9] = -1e4
    history = History()
    trainer.run(Control(), history.add)
    table = history.health.read()
    assert table["relu1/silent"][0] == 0.5
    assert table["relu2/silent"][0] >= 0.75


@pytest.mark.parametrize("values", [{}, DEEP, BRANCHES], ids=["plain", "deep", "branches"])
def test_the_columns_are_known_from_the_settings(small: Dataset, values: dict[str, Any]) -> None:
    experiment = Experiment.of({**BASE, **values})
    trainer = Trainer(experiment, small, 1)
    assert trainer.health is not None
    assert columns_of(experiment) == trainer.health.columns
    assert columns_of(experiment.changed(health="off")) == ()
    names = owners(trainer.health.columns, "ratio")
    assert names == trainer.engine.network.names
    if values is BRANCHES:
        assert "residual1.shortcut.weight" in names
        assert "residual1.gelu1" in owners(trainer.health.columns, "silent")


@pytest.mark.parametrize("name", ["arch-2", "lenet", "deep", "resnet"])
def test_large_networks_pass_fewer_images_at_a_time(name: str) -> None:
    from core.config import presets
    from core.plan import PROBE_BYTES, plan, probe_batch

    made = plan(presets.load(name), "cifar10")
    batch = probe_batch(made.layers, "float32")
    taken = Network.buffer_bytes(made.layers, batch, "float32")
    assert taken <= PROBE_BYTES or batch == PROBE_BATCHES[-1]
    assert taken < made.health_bytes < taken + 70e6
    assert plan(presets.load(name).changed(health="off"), "cifar10").health_bytes == 0


def test_histograms() -> None:
    values = np.array([0.0, 0.05, 0.1, 0.95, 1.0])
    assert histogram(values, 0.0, 1.0) == [0.4, 0.2, 0, 0, 0, 0, 0, 0, 0, 0.4]
    assert histogram(np.ones(3), 1.0, 1.0) == [1.0, *[0.0] * 9]
    assert np.isnan(histogram(np.array([0.0, np.inf]), 0.0, inf)).all()


def test_a_training_that_diverges_is_recorded_until_it_does(small: Dataset) -> None:
    layers = [
        {"kind": "conv", "filter": 4, "filters": 8, "stride": 4},
        {"kind": "leakyrelu"},
        {"kind": "linear", "units": 10},
    ]
    high = {"eta_max": 10, "eta_min": 10, "schedule": "constant", "half_cycle": 100}
    _, history = run(small, architecture=layers, **high)
    table = history.health.read()
    assert len(history.updates) < 200
    assert table["update"][-1] <= len(history.updates)
    assert table["linear1.weight/gradient"][-1] > 1e3


def test_every_interval_is_a_choice_of_the_setting() -> None:
    from core.config.experiment import FIELDS_BY_NAME

    assert FIELDS_BY_NAME["health"].choices == tuple(health_columns.INTERVALS)
