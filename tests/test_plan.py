"""Tests of plans: counts, memory, rejected experiments, and no allocations."""

import gc
import tracemalloc
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.config import presets
from core.config.experiment import Experiment
from core.data import known
from core.data.dataset import Dataset
from core.data.normalise import Normaliser
from core.nn.window import output_grid, remainder
from core.plan import WORKER_BYTES, Plan, optimiser_rule, plan, schedule, shard_sizes
from core.settings import SettingError
from core.training.shards import ShardedNetwork
from core.training.trainer import Trainer
from tests.strategies import experiments, layers, outcome

OPTIMISERS: list[dict[str, Any]] = [{}, {"momentum": 0.9}, {"optimiser": "adamw"}]


def table(made: Plan) -> list[tuple[Any, ...]]:
    return [
        (row.number, row.title, row.output_shape, row.parameters, row.multiply_adds)
        for row in made.rows
    ]


def test_arch_2_by_hand() -> None:
    made = plan(presets.load("arch-2"))
    assert table(made) == [
        (1, "conv 4x4, 10 filters, /4", (8, 8, 10), 4 * 4 * 3 * 10 + 10, 64 * 48 * 10),
        (2, "relu", (8, 8, 10), 0, 0),
        (None, "flatten", (640,), 0, 0),
        (3, "linear 50", (50,), 640 * 50 + 50, 640 * 50),
        (4, "relu", (50,), 0, 0),
        (5, "linear 10", (10,), 50 * 10 + 10, 500),
    ]
    assert made.parameters == 490 + 32_050 + 510 == 33_050
    assert made.multiply_adds == 30_720 + 32_000 + 500
    assert made.updates == 4800
    assert made.updates_per_epoch == 490
    assert made.epochs == pytest.approx(4800 / 490)


def test_no_preset_leaves_pixels() -> None:
    for name in presets.ORDER:
        assert all(row.unseen == (0, 0) for row in plan(presets.load(name)).rows), name


@pytest.mark.parametrize(
    ("layer", "unseen"),
    [
        ({"kind": "conv", "filter": 5, "stride": 5}, (2, 2)),
        ({"kind": "conv", "filter": 5, "stride": 5, "padding": 2}, (0, 0)),
        ({"kind": "conv", "filter": 3, "stride": 2}, (1, 1)),
        ({"kind": "conv", "filter": 3, "stride": 2, "padding": 1}, (0, 0)),
        ({"kind": "conv", "filter": 1, "stride": 2}, (0, 0)),
        ({"kind": "conv1d", "filter": 5, "stride": 5}, (2, 0)),
        ({"kind": "pool", "filter": 3, "stride": 3}, (2, 2)),
        ({"kind": "avgpool", "filter": 7, "stride": 7}, (4, 4)),
    ],
)
def test_what_no_window_reaches_is_counted(layer: dict[str, Any], unseen: tuple[int, int]) -> None:
    chosen = Experiment.of({"architecture": [layer, {"kind": "linear", "units": 10}]})
    assert plan(chosen).rows[0].unseen == unseen


@given(st.integers(1, 40), st.integers(1, 9), st.integers(1, 9), st.integers(0, 4))
def test_what_is_left_is_what_no_output_depends_on(
    size: int, window: int, stride: int, padding: int
) -> None:
    assume(window <= size + 2 * padding and padding < window and stride <= window)
    geometry = [(n, n) for n in (size, window, stride, padding)]
    grid = output_grid("window", *geometry)
    seen = {at * stride - padding + k for at in range(grid[0]) for k in range(window)}
    left = len(set(range(size)) - seen)
    assert remainder(*geometry, grid) == (left, left)


def test_lenet_by_hand() -> None:
    made = plan(presets.load("lenet"))
    assert [row.output_shape for row in made.rows] == [
        (28, 28, 6), (14, 14, 6), (14, 14, 6), (10, 10, 16), (5, 5, 16), (5, 5, 16), (400,),
        (120,), (120,), (84,), (84,), (10,),
    ]  # fmt: skip
    assert [row.parameters for row in made.rows if row.parameters] == [
        5 * 5 * 3 * 6 + 6, 5 * 5 * 6 * 16 + 16, 400 * 120 + 120, 120 * 84 + 84, 84 * 10 + 10
    ]  # fmt: skip
    assert [row.multiply_adds for row in made.rows if row.multiply_adds] == [
        28 * 28 * 6 * 75, 10 * 10 * 16 * 150, 400 * 120, 120 * 84, 840
    ]  # fmt: skip


def test_conv1d_by_hand() -> None:
    made = plan(presets.load("conv1d"))
    assert [row.output_shape for row in made.rows] == [
        (32, 64), (32, 64), (16, 64), (16, 64), (1024,), (100,), (100,), (10,)
    ]  # fmt: skip
    assert [row.parameters for row in made.rows if row.parameters] == [
        3 * 96 * 64 + 64, 3 * 64 * 64 + 64, 1024 * 100 + 100, 100 * 10 + 10
    ]  # fmt: skip
    assert [row.multiply_adds for row in made.rows if row.multiply_adds] == [
        32 * 3 * 96 * 64, 16 * 3 * 64 * 64, 102_400, 1000
    ]  # fmt: skip


LINEAR = {"kind": "linear", "units": 10}


@pytest.mark.parametrize(
    ("architecture", "number", "words"),
    [
        ([{"kind": "conv", "filter": 33}, LINEAR], 1, ("33x33", "32x32", "padding 0")),
        (
            [{"kind": "conv", "filter": 37, "padding": 2}, LINEAR],
            1,
            ("37x37", "32x32", "padding 2"),
        ),
        (
            [{"kind": "conv", "filter": 16, "stride": 16}, {"kind": "pool", "filter": 3}, LINEAR],
            2,
            ("max pool 3x3", "2x2 input"),
        ),
        ([{"kind": "conv1d", "filter": 33}, LINEAR], 1, ("33 steps", "32 steps")),
        ([LINEAR, {"kind": "conv", "filter": 1}, LINEAR], 2, ("conv 1x1", "10")),
        ([LINEAR, {"kind": "relu"}, {"kind": "conv1d"}, LINEAR], 3, ("conv1d", "10")),
        ([{"kind": "flatten"}, {"kind": "pool"}, LINEAR], 2, ("max pool", "3072")),
        ([{"kind": "conv1d"}, {"kind": "conv"}, LINEAR], 2, ("conv 3x3", "30", "32")),
        ([{"kind": "conv"}], 1, ("30 x 30 x 16", "must be linear with 10 units")),
        ([LINEAR, {"kind": "relu"}], 2, ("relu", "must be linear with 10 units")),
        ([{"kind": "linear", "units": 11}], 1, ("linear 11", "must be linear with 10 units")),
    ],
)
def test_impossible_architectures_name_the_layer_and_the_shapes(
    architecture: list[dict[str, Any]], number: int, words: tuple[str, ...]
) -> None:
    with pytest.raises(SettingError) as caught:
        plan(Experiment.of({"architecture": architecture}))
    message = str(caught.value)
    assert message.startswith(f"architecture: layer {number} (")
    assert all(word in message for word in words), message
    assert "\n" not in message
    assert len(message) < 220


@given(st.lists(layers(), min_size=0, max_size=6))
@settings(max_examples=200)
def test_any_list_of_layers_is_planned_or_refused(drawn: list[dict[str, Any]]) -> None:
    experiment = Experiment.of({"architecture": [*drawn, LINEAR]})
    made, error = outcome(lambda: plan(experiment))
    if made is None:
        assert error is not None
        assert error.field == "architecture"
        assert error.reason.startswith("layer ")
    else:
        shapes = [(32, 32, 3), *(row.output_shape for row in made.rows)]
        assert [layer.input_shape for layer in made.layers] == shapes[:-1]
        assert shapes[-1] == (10,)
        numbers = [row.number for row in made.rows if row.number is not None]
        assert numbers == list(range(1, len(drawn) + 2))


@given(experiments())
def test_the_schedule_lasts_as_long_as_the_experiment_says(experiment: Experiment) -> None:
    made = schedule(experiment)
    assert made.total_updates >= experiment.total_updates
    if not experiment.max_updates:
        assert made.total_updates == experiment.total_updates
    for update in (0, experiment.total_updates // 2, experiment.total_updates - 1):
        assert made.rate(update) <= experiment.eta_max
    if experiment.schedule in ("constant", "step"):
        assert made.rate(0) == experiment.eta_max
    elif made.bends_in(0)[0] == 0:
        assert experiment.schedule in ("one-cycle", "cosine")
        assert made.rate(0) == experiment.eta_max
    else:
        assert made.rate(0) == experiment.eta_min


@given(batch=st.integers(1, 500), shards=st.integers(1, 64))
def test_shards_differ_by_one_image_at_the_most(batch: int, shards: int) -> None:
    shards = min(batch, shards)
    sizes = shard_sizes(Experiment(batch_size=batch, shards=shards))
    assert sum(sizes) == batch
    assert len(sizes) == shards
    assert max(sizes) - min(sizes) <= 1
    assert sizes == sorted(sizes, reverse=True)


def test_epochs_count_the_images_that_there_are() -> None:
    offline = Experiment(augmentation="offline", copies=24_500)
    assert plan(offline).updates_per_epoch == 735
    assert plan(offline, "synthetic").updates_per_epoch == (10_000 + 24_500) // 100
    assert plan(Experiment(validation_size=5000), "synthetic").updates_per_epoch == 60
    assert plan(Experiment(), "synthetic", training_images=307).updates_per_epoch == 3


def test_a_batch_must_be_filled() -> None:
    with pytest.raises(SettingError) as caught:
        plan(Experiment(batch_size=2000, validation_size=10_000), "synthetic")
    assert str(caught.value) == (
        "validation_size: it leaves 1,000 training images, too few for a batch of 2000"
    )


def test_images_in_memory() -> None:
    image, number = 32 * 32 * 3, 8
    labels = 60_000 * number
    # It includes the images of evaluations and the order of an epoch.
    sample, order = 1_000 * (image + number), 49_000 * number
    more = sample + order
    whole, patches = 60_000 * image + labels, 49_000 * image
    assert plan(Experiment(training_sample=1_000)).data_bytes == whole + patches + more
    assert plan(presets.load("lenet").changed(training_sample=1_000)).data_bytes == whole + more
    # Augmented images are made when they are needed: a label, an original and a transform of each.
    offline = Experiment(augmentation="offline", copies=24_500, training_sample=1_000)
    drawn = 4 * number + 1
    assert plan(offline).data_bytes == whole + 73_500 * drawn + more + 24_500 * number
    fresh = Experiment(augmentation="fresh", training_sample=1_000)
    assert plan(fresh, "synthetic").data_bytes == (
        13_000 * (image + number) + 10_000 * drawn + sample + 10_000 * number
    )


def test_memory_counts_a_helper_for_every_thread_but_the_first() -> None:
    made = plan(Experiment(shards=3))
    alone = made.network_bytes + made.data_bytes + made.kept_bytes + made.health_bytes
    assert [made.memory(threads) - alone for threads in (1, 2, 3, 8)] == [
        helpers * WORKER_BYTES for helpers in (0, 1, 2, 2)
    ]


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("augmentation", ["none", "offline", "fresh"])
@pytest.mark.parametrize("preset", ["arch-2", "deep"])
def test_images_and_checkpoints_take_what_is_counted(
    preset: str,
    augmentation: str,
    optimiser: dict[str, Any],
    small: Dataset,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    smaller = replace(known.KNOWN["synthetic"], training=307 + 103, test=57)
    monkeypatch.setitem(known.KNOWN, "synthetic", smaller)
    experiment = presets.load(preset).changed(
        dataset="synthetic",
        validation_size=103,
        augmentation=augmentation,
        copies=50,
        **optimiser,
        training_sample=100,
        batch_size=10,
        dtype="float64",
        max_updates=40,
    )
    made, trainer = plan(experiment, "synthetic"), Trainer(experiment, small, threads=1)
    trainer.loader.rows(0)  # samples the order of the first epoch
    images = [trainer.dataset, trainer.loader, trainer.sample]
    taken = {key: array.nbytes for part in images for key, array in owned_arrays(part).items()}
    assert made.data_bytes == sum(taken.values())
    state = trainer.state()
    checkpoint = sum(tensor.nbytes for tensor in state.tensors.values())
    checkpoint += sum(vector.nbytes for vector in state.optimiser.values())
    for kept, waiting in {0: 3, 1: 4, 2: 5, 100: 5}.items():
        made = plan(experiment.changed(kept_checkpoints=kept), "synthetic")
        assert made.kept_bytes == waiting * checkpoint + 48 * 40


def owned_arrays(root: object) -> dict[int, np.ndarray]:
    """All arrays that own memory and are reachable from `root`."""
    found: dict[int, np.ndarray] = {}
    seen: set[int] = set()
    todo = [root]
    while todo:
        item = todo.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, np.ndarray):
            while isinstance(item.base, np.ndarray):
                item = item.base
            found[id(item)] = item
        elif isinstance(item, dict):
            todo += item.values()
        elif isinstance(item, list | tuple):
            todo += item
        elif type(item).__module__.startswith("core.") and not isinstance(item, Normaliser):
            todo += vars(item).values() if hasattr(item, "__dict__") else ()
    return found


PADDED = [
    {"kind": "conv", "filters": 8, "padding": 1},
    {"kind": "relu"},
    {"kind": "conv", "filter": 3, "filters": 4, "stride": 2, "padding": 1},
    {"kind": "pool", "filter": 3},
    LINEAR,
]


NORMALISED = [
    {"kind": "conv", "filters": 8, "padding": 1},
    {"kind": "batchnorm"},
    {"kind": "relu"},
    {"kind": "dropout"},
    {"kind": "avgpool", "filter": 3},
    {"kind": "conv", "filters": 4},
    {"kind": "pool"},
    {"kind": "batchnorm"},
    {"kind": "globalpool"},
    LINEAR,
]


def test_a_normalised_network_by_hand() -> None:
    made = plan(Experiment.of({"architecture": NORMALISED}))
    assert table(made)[:-1] == [
        (1, "conv 3x3, 8 filters, +1", (32, 32, 8), 27 * 8, 1024 * 27 * 8),
        (2, "batch norm", (32, 32, 8), 16, 0),
        (3, "relu", (32, 32, 8), 0, 0),
        (4, "dropout 0.5", (32, 32, 8), 0, 0),
        (5, "average pool 3x3, /2", (15, 15, 8), 0, 0),
        (6, "conv 3x3, 4 filters", (13, 13, 4), 72 * 4, 169 * 72 * 4),
        (7, "max pool 2x2, /2", (6, 6, 4), 0, 0),
        (8, "batch norm", (6, 6, 4), 8, 0),
        (9, "global average pool", (4,), 0, 0),
    ]


NORM = {"kind": "batchnorm"}


@pytest.mark.parametrize(
    ("between", "biased"),
    [
        ([], True),
        ([NORM], False),
        ([{"kind": "pool"}, NORM], False),
        ([{"kind": "avgpool"}, {"kind": "flatten"}, NORM], False),
        ([{"kind": "globalpool"}, NORM], False),
        ([{"kind": "relu"}, NORM], True),
        ([{"kind": "dropout"}, NORM], True),
    ],
)
@pytest.mark.parametrize("first", ["conv", "conv1d"])
def test_a_bias_that_would_be_taken_off_again_is_left_out(
    first: str, between: list[Any], biased: bool
) -> None:
    layers = [{"kind": first}, *between, LINEAR]
    made = plan(Experiment.of({"architecture": layers}))
    assert len(made.layers[0].parameters()) == 1 + biased
    linear = [{"kind": "linear"}, {"kind": "relu"}, {"kind": "linear"}, NORM, LINEAR]
    made = plan(Experiment.of({"architecture": linear}))
    counts = [len(layer.parameters()) for layer in made.layers if layer.kind == "linear"]
    assert counts == [2, 1, 2]


def test_a_shard_of_one_value_a_channel_is_refused() -> None:
    layers = [{"kind": "conv", "filter": 32}, NORM, LINEAR]
    experiment = Experiment.of({"architecture": layers, "batch_size": 5, "shards": 3})
    with pytest.raises(SettingError) as caught:
        plan(experiment)
    assert str(caught.value) == (
        "shards: layer 2 (batch norm) would normalise over a single value of each channel, as a "
        "shard has 1 image; a batch of 5 allows 2 shards, or raise batch_size"
    )
    plan(experiment.changed(shards=2))
    with pytest.raises(SettingError, match=r"image; a batch of 2 allows 1 shard, or raise batch_s"):
        plan(experiment.changed(batch_size=2, shards=2))
    with pytest.raises(SettingError, match=r"as a shard has 1 image; raise batch_size$"):
        plan(experiment.changed(batch_size=1, shards=1))
    plan(experiment.changed(architecture=[{"kind": "conv", "filter": 31}, NORM, LINEAR]))


@pytest.mark.parametrize("name", [*presets.ORDER, "padded", "normalised"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_the_memory_is_what_a_network_takes(
    name: str, dtype: str, optimiser: dict[str, Any]
) -> None:
    own = {"padded": PADDED, "normalised": NORMALISED}
    start = Experiment.of({"architecture": own[name]}) if name in own else presets.load(name)
    experiment = start.changed(dtype=dtype, batch_size=50, shards=3, **optimiser)
    made = plan(experiment)
    normaliser = Normaliser(np.zeros((1, 32, 32, 3), np.uint8))
    sizes = shard_sizes(experiment)
    rule = optimiser_rule(experiment)
    engine = ShardedNetwork(made.prepared, sizes, dtype, normaliser, 3, rule)
    engine.close()
    assert engine.parameters.size == made.parameters
    taken = sum(array.nbytes for array in owned_arrays(engine).values())
    assert made.network_bytes == taken


def test_a_plan_allocates_no_buffers() -> None:
    experiments = [presets.load(name) for name in presets.ORDER]
    experiments.append(Experiment.of({"architecture": "2x2/1024/4096", "batch_size": 2000}))
    for experiment in experiments:
        plan(experiment)
    gc.collect()
    tracemalloc.start()
    try:
        for experiment in experiments:
            plan(experiment)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # The largest of these networks takes gigabytes, the smallest half a megabyte.
    assert plan(experiments[-1]).network_bytes > 2**31
    assert peak < 200_000
