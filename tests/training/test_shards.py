"""Tests of shards: sums equal those of the whole batch, and errors are raised."""

import os
import signal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.config.experiment import Experiment
from core.data.dataset import Dataset, Split
from core.data.normalise import Normaliser
from core.nn.acceleration import prepare
from core.nn.init import initialise
from core.nn.kernels import split_linear
from core.optim.sgd import SGD
from core.plan import plan
from core.training.process_worker import ProcessWorker, WorkerError
from core.training.shards import ShardedNetwork
from core.training.training_set import as_rows
from core.training.worker_pool import WorkerPool
from tests.training import reference

LAYERS = plan(Experiment.of({"architecture": "8x8/3/7"})).layers


def network(
    dataset: Dataset, sizes: list[int], threads: int = 2, *, divide: bool = False
) -> ShardedNetwork:
    """Return a network, with the weights of its hidden layer divided among the workers or not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(split_linear, "MIN_WEIGHTS", 1 if divide else 10**9)
        made = ShardedNetwork(
            prepare(LAYERS), sizes, "float64", Normaliser(dataset.train.images), threads, SGD()
        )
    initialise(made.network, np.random.default_rng(3))
    return made


@given(
    sizes=st.lists(st.integers(1, 30), min_size=1, max_size=6),
    threads=st.integers(1, 4),
    smoothing=st.sampled_from((0.0, 0.2)),
    divide=st.booleans(),
    seed=st.integers(0, 99),
)
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_gradient_is_that_of_the_whole_batch(
    small: Dataset, sizes: list[int], threads: int, smoothing: float, divide: bool, seed: int
) -> None:
    engine = network(small, sizes, threads, divide=divide)
    rows = np.random.default_rng(seed).permutation(307)[: sum(sizes)]
    sums = engine.forward_backward(as_rows(small.train, engine.layout), rows, smoothing)
    gradient = sum(engine.gradients)
    before = engine.parameters.copy()
    engine.optimiser_step(1.0, 0.0)
    np.testing.assert_allclose(before - engine.parameters, gradient, rtol=1e-9, atol=1e-12)
    engine.parameters[:] = before
    engine.close()
    weights = {name: value for name, (value, _) in engine.network.tensors().items()}
    x = reference.normalised(small.train.images[rows], small.train)
    labels = small.train.labels[rows]
    expected = reference.gradients(weights, x, labels, smoothing, 0.0)
    engine.network.gradients[:] = gradient
    for name, (_, gradient) in engine.network.tensors().items():
        np.testing.assert_allclose(gradient, expected[name], rtol=1e-9, atol=1e-12)
    log_p = reference.forward(weights, x).log_p
    assert sums.plain / len(rows) == pytest.approx(reference.cross_entropy(log_p, labels))
    smoothed = reference.cross_entropy(log_p, labels, smoothing)
    assert sums.smoothed / len(rows) == pytest.approx(smoothed)


@pytest.mark.parametrize("count", [1, 2, 16, 17, 18, 33, 34, 35, 103])
@pytest.mark.parametrize("sizes", [[50], [17, 17, 16], [9, 8]])
def test_any_number_of_images_is_evaluated(small: Dataset, sizes: list[int], count: int) -> None:
    engine = network(small, sizes)
    part = Split(small.validation.images[:count], small.validation.labels[:count])
    scores = engine.evaluate(part)
    weights = {name: value for name, (value, _) in engine.network.tensors().items()}
    assert tuple(scores) == pytest.approx(reference.scores(weights, part, small.train, "pixel"))
    # And the buffers have their full size again for the next batch.
    rows = np.arange(sum(sizes))
    before = network(small, sizes)
    data = as_rows(small.train, engine.layout)
    before.forward_backward(data, rows, 0.0)
    engine.forward_backward(data, rows, 0.0)
    assert np.array_equal(engine.gradients, before.gradients)
    engine.close()
    before.close()


@pytest.mark.parametrize("sizes", [[4, 3], [2, 2, 2, 2], [5, 1, 4]])
def test_divided_weights_give_the_same_bits_for_any_number_of_workers(
    small: Dataset, sizes: list[int]
) -> None:
    data, rows = None, np.arange(sum(sizes))
    results = []
    for threads in (1, 2, 3):
        engine = network(small, sizes, threads, divide=True)
        data = data or as_rows(small.train, engine.layout)
        for update in range(3):
            engine.forward_backward(data, rows + update, 0.1, update)
            penalty = engine.optimiser_step(0.1, 0.01, update, clip_norm=0.05)
        results.append((engine.parameters.copy(), penalty))
        engine.close()
    for parameters, penalty in results[1:]:
        assert np.array_equal(parameters, results[0][0])
        assert penalty == results[0][1]


def test_divided_weights_are_clipped_and_penalised_as_all_others(small: Dataset) -> None:
    whole, parts = network(small, [5, 4]), network(small, [5, 4], divide=True)
    data, rows = as_rows(small.train, whole.layout), np.arange(9)
    for engine in (whole, parts):
        for update in range(3):
            engine.forward_backward(data, rows, 0.1, update)
            engine.optimiser_step(0.1, 0.01, update, clip_norm=0.05)
    np.testing.assert_allclose(parts.parameters, whole.parameters, rtol=1e-9, atol=1e-12)
    assert parts.optimiser_step(0.0, 0.01) == pytest.approx(whole.optimiser_step(0.0, 0.01))
    for number, gradients in enumerate(parts.gradients):
        # Only the rows of one part: the sum over the vectors is the gradient.
        weight = whole.network.tensors()["linear1.weight"][0]
        start = parts.network.tensors()["linear1.weight"][0].ctypes.data
        at = (start - parts.parameters.ctypes.data) // 8
        rows_of_w = gradients[at : at + weight.size].reshape(weight.shape)
        half = slice(24 * number, 24 * number + 24)
        assert rows_of_w[half].any()
        assert not np.delete(rows_of_w, range(half.start, half.stop), axis=0).any()
    whole.close()
    parts.close()


@pytest.mark.parametrize("phase", [1, 2, 3, 4])
def test_a_worker_that_dies_between_two_phases_is_an_error(
    small: Dataset, two_cores: type, monkeypatch: pytest.MonkeyPatch, phase: int
) -> None:
    if two_cores is not ProcessWorker:
        pytest.skip("threads cannot be killed")
    engine = network(small, [4, 3], divide=True)
    data, run = as_rows(small.train, engine.layout), WorkerPool.run
    engine.forward_backward(data, np.arange(7), 0.1)
    gradients = [each.copy() for each in engine.gradients]
    jobs: list[int] = []

    def dying(pool: WorkerPool, job: int, **how: bool) -> None:
        jobs.append(job)
        if len(jobs) == phase + 1:
            (worker,) = pool.others
            assert isinstance(worker, ProcessWorker)
            os.kill(worker.process, signal.SIGKILL)
            worker._watch.join()
        run(pool, job, **how)

    with monkeypatch.context() as patch:
        patch.setattr(WorkerPool, "run", dying)
        with pytest.raises(WorkerError, match="was killed"):
            engine.forward_backward(data, np.arange(7), 0.1)
    # The next update has a new worker, and computes what it would have.
    engine.forward_backward(data, np.arange(7), 0.1)
    assert np.array_equal(engine.gradients, gradients)
    engine.close()


def test_shards_share_parameters_and_nothing_else(small: Dataset) -> None:
    engine = network(small, [3, 3])
    first, second = (shard.network for shard in engine.shards)
    assert first.parameters is second.parameters is engine.parameters
    assert not np.shares_memory(first.gradients, second.gradients)
    for a, b in zip(first.layers, second.layers, strict=True):
        assert a is not b
        for mine, other in zip(a.allocation.arrays, b.allocation.arrays, strict=True):
            assert not np.shares_memory(mine.array, other.array)


def test_sets_of_images_may_come_at_any_time(
    small: Dataset, made: list[type], two_cores: type
) -> None:
    engine, alone = network(small, [9, 8]), network(small, [9, 8], threads=1)
    for data in (small.validation, small.test, small.validation):
        for _ in range(2):
            assert engine.evaluate(data) == alone.evaluate(data)
    data = as_rows(small.train, engine.layout)
    assert engine.forward_backward(data, np.arange(17), 0.1) == alone.forward_backward(
        data, np.arange(17), 0.1
    )
    assert np.array_equal(engine.gradients, alone.gradients)
    assert set(made) == {two_cores}
    engine.close()


def test_known_sets_cost_nothing_later(small: Dataset) -> None:
    engine = network(small, [9, 8])
    engine.register_datasets(small.validation, small.test, small.validation)
    engine.evaluate(small.validation)
    workers = list(engine.pool.others)
    engine.evaluate(small.test)
    engine.register_datasets(small.test)
    engine.evaluate(small.validation)
    assert engine.pool.others == workers
    engine.close()


@pytest.mark.parametrize(("threads", "used"), [(0, 1), (1, 1), (2, 2), (3, 3), (99, 3)])
def test_no_more_threads_than_shards(small: Dataset, threads: int, used: int) -> None:
    engine = network(small, [2, 2, 2], threads)
    assert engine.pool.count == used
    engine.close()
    assert engine.pool.count == 1
