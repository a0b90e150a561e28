"""Tests of the training loop: correct, reproducible, and independent of threads."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import psutil
import pytest

from core.config.experiment import Experiment
from core.data.dataset import Dataset
from core.settings import SettingError
from core.system import available_cores
from core.training import trainer as trainer_module
from core.training.control import Control
from core.training.events import (
    Evaluated,
    Event,
    Failed,
    Finished,
    Paused,
    Resumed,
    Started,
    UpdateDone,
)
from core.training.history import History
from core.training.trainer import Trainer
from core.training.training_set import AugmentedImages, as_rows
from core.training.worker_pool import ThreadWorker
from tests.runs.made import BRANCHES
from tests.training import reference
from tests.training.made import all_of

TIMEOUT_S = 60
"""Timeout in seconds after which a thread counts as stuck."""

BASE: dict[str, Any] = {
    "architecture": "8x8/6/12",
    "half_cycle": 10,
    "cycles": 2,
    "eta_max": 0.05,
    "weight_decay": 0.003,
    "batch_size": 50,
    "shards": 3,
    "evaluate_every": 15,
    "training_sample": 100,
    "dataset": "synthetic",
}

GENERAL = [
    {"kind": "conv", "filter": 5, "filters": 4, "padding": 2},
    {"kind": "pool"},
    {"kind": "relu"},
    {"kind": "conv", "filter": 3, "filters": 6, "stride": 2},
    {"kind": "relu"},
    {"kind": "linear", "units": 10},
]


DEEP = [
    {"kind": "conv", "filter": 3, "filters": 4, "padding": 1},
    {"kind": "batchnorm"},
    {"kind": "relu"},
    {"kind": "pool"},
    {"kind": "dropout", "probability": 0.2},
    {"kind": "conv", "filter": 3, "filters": 6, "padding": 1},
    {"kind": "batchnorm"},
    {"kind": "avgpool", "filter": 4, "stride": 4},
    {"kind": "relu"},
    {"kind": "globalpool"},
    {"kind": "linear", "units": 10},
]


def experiment(**values: Any) -> Experiment:
    return Experiment.of({**BASE, **values})


def run(
    dataset: Dataset, threads: int = 2, listen: Callable[[Event], None] | None = None, **values: Any
) -> tuple[Trainer, History, Finished | Failed]:
    trainer = Trainer(experiment(**values), dataset, threads)
    history = History()

    def tell(event: Event) -> None:
        history.add(event)
        if listen is not None:
            listen(event)

    return trainer, history, trainer.run(Control(), tell)


def weights_of(trainer: Trainer) -> dict[str, Any]:
    return {name: value.copy() for name, (value, _) in trainer.engine.network.tensors().items()}


def record(history: History) -> dict[str, list[float]]:
    tables = (history.updates, history.evaluations)
    return {
        f"{at}.{name}": column.tolist()
        for at, table in enumerate(tables)
        for name, column in table.read().items()
        if name != "seconds"
    }


@pytest.mark.parametrize(
    ("architecture", "values"),
    [
        ("4x4/10/50", {}),
        (GENERAL, {"augmentation": "fresh"}),
        ("4x4/10/50", {"augmentation": "fresh", "momentum": 0.9}),
        (DEEP, {"momentum": 0.9, "nesterov": "on", "schedule": "one-cycle"}),
        (BRANCHES["architecture"], {"optimiser": "adamw", "clip_norm": 0.5, "schedule": "step"}),
        ("4x4/60/100", {"augmentation": "offline", "copies": 200, "clip_norm": 0.5}),
    ],
    ids=["patchify", "general", "momentum", "deep", "branches", "divided"],
)
def test_threads_change_nothing(
    small: Dataset, made: list[type], two_cores: type, architecture: Any, values: dict[str, Any]
) -> None:
    runs = []
    for threads, beside in ((1, set()), (2, {two_cores}), (3, {ThreadWorker})):
        made.clear()
        runs.append(run(small, threads, architecture=architecture, **values))
        assert set(made) == beside
    (first, history, finished), others = runs[0], runs[1:]
    assert isinstance(finished, Finished)
    for other, its_history, its_end in others:
        assert other.engine.parameters.tobytes() == first.engine.parameters.tobytes()
        assert other.engine.statistics.tobytes() == first.engine.statistics.tobytes()
        assert record(its_history) == record(history)
        assert isinstance(its_end, Finished)
        assert its_end.result.test_accuracy == finished.result.test_accuracy
        assert its_end.result.validation_loss == finished.result.validation_loss


@pytest.mark.parametrize("shards", [1, 2, 3, 50])
@pytest.mark.parametrize(
    "values",
    [
        {"dtype": "float64"},
        {"dtype": "float64", "label_smoothing": 0.1, "normalisation": "channel"},
        {"dtype": "float32", "label_smoothing": 0.2, "weight_decay": 0.0},
    ],
    ids=["plain", "smoothed", "float32"],
)
def test_a_run_is_the_reference_within_rounding(
    small: Dataset, shards: int, values: dict[str, Any]
) -> None:
    start = weights_of(Trainer(experiment(shards=shards, **values), small))
    trainer, history, end = run(small, shards=shards, **values)
    expected = reference.train(trainer.experiment, small, start)
    exact = values["dtype"] == "float64"
    tolerance: dict[str, float] = (
        {"rtol": 1e-9, "atol": 1e-12} if exact else {"rtol": 1e-3, "atol": 1e-4}
    )

    told = history.updates.read()
    assert told["update"].tolist() == list(range(1, 41))
    np.testing.assert_allclose(told["loss"], expected.losses, **tolerance)
    np.testing.assert_allclose(told["cost"], expected.costs, **tolerance)
    rates = [reference.triangle(trainer.experiment, update) for update in range(40)]
    np.testing.assert_allclose(told["rate"], rates, rtol=1e-12, atol=1e-18)
    for name, value in weights_of(trainer).items():
        np.testing.assert_allclose(value, expected.weights[name], err_msg=name, **tolerance)
    assert isinstance(end, Finished)
    assert told["loss"][-1] < told["loss"][0]


def test_losses_are_plain_and_costs_are_not(small: Dataset) -> None:
    values: dict[str, Any] = {"dtype": "float64", "label_smoothing": 0.3, "max_updates": 1}
    start = weights_of(Trainer(experiment(**values), small))
    trainer, history, _ = run(small, **values)
    rows = trainer.loader.batches.rows(0)
    x = reference.normalised(small.train.images[rows], small.train)
    log_p, labels = reference.forward(start, x).log_p, small.train.labels[rows]
    loss, cost = history.updates.last("loss"), history.updates.last("cost")
    assert loss == pytest.approx(reference.cross_entropy(log_p, labels), rel=1e-12)
    smoothed = reference.cross_entropy(log_p, labels, 0.3)
    assert cost == pytest.approx(smoothed + reference.penalty(start, 0.003), rel=1e-12)
    assert loss != pytest.approx(smoothed, rel=1e-3)


@pytest.mark.parametrize("values", [{}, {"label_smoothing": 0.2, "normalisation": "channel"}])
def test_scores_equal_a_direct_evaluation(small: Dataset, values: dict[str, Any]) -> None:
    trainer, history, end = run(small, dtype="float64", **values)
    assert isinstance(end, Finished)
    result, per = end.result, trainer.experiment.normalisation

    def direct(split: Any) -> tuple[float, float]:
        return reference.scores(weights_of(trainer), split, small.train, per)

    assert (result.train_loss, result.train_accuracy) == pytest.approx(direct(small.train))
    validation = direct(small.validation)
    assert (result.validation_loss, result.validation_accuracy) == pytest.approx(validation)
    assert result.test_accuracy == pytest.approx(direct(small.test)[1])
    # The last evaluation of the run saw the same weights, on a sample of the training images.
    sample = trainer.loader.sample()
    assert len(sample) == 100
    told = history.evaluations
    assert (told.last("train_loss"), told.last("train_accuracy")) == pytest.approx(direct(sample))
    assert told.last("validation_loss") == result.validation_loss
    assert told.last("validation_accuracy") == result.validation_accuracy
    assert history.best() is not None
    assert history.best()[0] >= result.validation_accuracy  # type: ignore[index]


def test_it_learns(small: Dataset) -> None:
    _, _, end = run(small, half_cycle=50, batch_size=50)
    assert isinstance(end, Finished)
    assert end.result.test_accuracy > 0.9


def test_the_seed_decides_everything(small: Dataset) -> None:
    values: dict[str, Any] = {"augmentation": "fresh", "max_updates": 9}
    first, history, _ = run(small, seed=1, **values)
    again, same, _ = run(small, seed=1, **values)
    other, different, _ = run(small, seed=2, **values)
    assert first.engine.parameters.tobytes() == again.engine.parameters.tobytes()
    assert record(history) == record(same)
    assert not np.array_equal(first.engine.parameters, other.engine.parameters)
    assert history.updates.last("loss") != different.updates.last("loss")
    assert not np.array_equal(first.loader.sample().labels, other.loader.sample().labels)


def test_shards_are_part_of_the_result_by_rounding_alone(small: Dataset) -> None:
    one = run(small, shards=1)[0].engine.parameters
    three = run(small, shards=3)[0].engine.parameters
    np.testing.assert_allclose(one, three, rtol=1e-3, atol=1e-4)


def test_offline_copies_are_trained_on_and_not_scored(small: Dataset) -> None:
    trainer, history, end = run(small, augmentation="offline", copies=200, dtype="float64")
    again, same, _ = run(small, augmentation="offline", copies=200, dtype="float64")
    data = trainer.loader.data
    assert len(data) == 507
    images = all_of(data, small.shape)
    assert np.array_equal(
        images[:307], all_of(as_rows(small.train, trainer.engine.layout), small.shape)
    )
    assert np.array_equal(images, all_of(again.loader.data, small.shape))
    assert record(history) == record(same)
    assert history.started is not None
    assert history.started.updates_per_epoch == 10
    # Copies are among the rows of an epoch.
    rows = np.concatenate([trainer.loader.rows(update) for update in range(10)])
    assert (rows >= 307).any()
    assert isinstance(end, Finished)
    direct = reference.scores(weights_of(trainer), small.train, small.train, "pixel")
    assert (end.result.train_loss, end.result.train_accuracy) == pytest.approx(direct)


def test_fresh_images_change_from_epoch_to_epoch_and_not_from_run_to_run(small: Dataset) -> None:
    trainer, history, _ = run(small, augmentation="fresh")
    _, same, _ = run(small, augmentation="fresh")
    assert record(history) == record(same)
    loader = trainer.loader
    assert len(loader.data) == 307
    before = small.train.images.copy()
    seen = []
    for update in (0, 6, 12, 0):
        loader.rows(update)
        seen.append(all_of(loader.data, small.shape))
    first, second, third, again = seen
    assert not np.array_equal(first, second)
    assert not np.array_equal(second, third)
    assert np.array_equal(first, again)
    assert np.array_equal(small.train.images, before)
    plain = run(small)[1]
    assert plain.updates.last("loss") != history.updates.last("loss")


def test_nothing_is_drawn_anew_inside_an_epoch(small: Dataset) -> None:
    loader = Trainer(experiment(augmentation="fresh"), small).loader
    data = loader.data
    assert isinstance(data, AugmentedImages)
    loader.rows(0)
    data.transforms.dy[:] = 9
    loader.rows(5)
    assert (data.transforms.dy == 9).all()
    loader.rows(6)
    assert (data.transforms.dy < 9).any()


def test_what_is_told_and_in_which_order(small: Dataset) -> None:
    told: list[Event] = []
    trainer, history, end = run(small, listen=told.append, evaluate_every=15)
    assert trainer.health is not None
    assert told[0] == Started(
        "synthetic",
        "built in",
        trainer.plan.parameters,
        40,
        6,
        50,
        evaluate_every=15,
        health=trainer.health.columns,
    )
    assert told[-1] is end
    updates = [event.update for event in told if isinstance(event, UpdateDone)]
    assert updates == list(range(1, 41))
    at = [index for index, event in enumerate(told) if isinstance(event, Evaluated)]
    assert [told[index].update for index in at] == [15, 30, 40]  # type: ignore[union-attr]
    for index in at:
        previous = told[index - 1]
        assert isinstance(previous, UpdateDone)
        assert previous.update == told[index].update  # type: ignore[union-attr]
    assert isinstance(end, Finished)
    assert not end.stopped
    assert end.result.updates == 40
    assert end.result.parameters == trainer.plan.parameters == trainer.engine.parameters.size
    assert history.result is end.result


@pytest.mark.parametrize("updates", [1, 7, 40, 1000])
def test_max_updates_ends_a_run_early_and_never_late(small: Dataset, updates: int) -> None:
    trainer, history, end = run(small, max_updates=updates)
    done = min(updates, 40)
    assert isinstance(end, Finished)
    assert not end.stopped
    assert end.result.updates == trainer.updates_done == len(history.updates) == done
    assert history.evaluations.last("update") == done


def test_a_batch_that_no_data_fill_is_refused(small: Dataset) -> None:
    with pytest.raises(SettingError, match="307 training images, too few for a batch of 400"):
        Trainer(experiment(batch_size=400), small)


def test_running_statistics_are_the_mean_over_the_shards(small: Dataset) -> None:
    values: dict[str, Any] = {"architecture": DEEP, "dtype": "float64", "shards": 3}
    trainer = Trainer(experiment(**values), small, 2)
    mean, variance = np.zeros(4), np.ones(4)
    for update in range(3):
        shards = np.split(trainer.loader.rows(update), trainer.engine.bounds[1:-1])
        found = []
        for rows in shards:
            x = reference.normalised(small.train.images[rows], small.train)
            padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
            weight = weights_of(trainer)["conv1.weight"]
            windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2))
            y = np.einsum("nijcuv,uvcf->nijf", windows, weight).reshape(-1, 4)
            found.append((y.mean(0), y.var(0, ddof=1)))
        trainer.step(update)
        mean = 0.9 * mean + 0.1 * np.mean([each[0] for each in found], 0)
        variance = 0.9 * variance + 0.1 * np.mean([each[1] for each in found], 0)
    trainer.engine.close()
    kept = weights_of(trainer)
    np.testing.assert_allclose(kept["batchnorm1.mean"], mean, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(kept["batchnorm1.variance"], variance, rtol=1e-9)


def test_dropout_is_a_function_of_seed_update_and_shard(small: Dataset) -> None:
    values: dict[str, Any] = {"architecture": DEEP, "shards": 2}

    def masks(updates: list[int], **more: Any) -> list[list[bool]]:
        trainer = Trainer(experiment(**values, **more), small, 1)
        for update in updates:
            trainer.step(update)
        trainer.engine.close()
        layers = [shard.network.layers for shard in trainer.engine.shards]
        found = [layer.mask for of in layers for layer in of if layer.kind == "dropout"]
        return [(mask != 0).ravel().tolist() for mask in found]

    first = masks([0, 1])
    assert first[0] != first[1]
    assert masks([1]) == first
    assert masks([2])[0] not in first
    assert masks([1], seed=1)[0] not in first
    assert masks([1], dtype="float64") == first


def test_a_step_without_a_finite_loss_leaves_statistics_and_velocity(small: Dataset) -> None:
    trainer = Trainer(experiment(architecture=DEEP, momentum=0.9), small, 1)
    trainer.step(0)
    velocity = trainer.engine.optimiser.state["velocity"]
    trainer.engine.parameters[-1] = np.inf
    with np.errstate(all="ignore"):
        before = [trainer.engine.statistics.copy(), velocity.copy()]
        trainer.step(1)
    trainer.engine.close()
    np.testing.assert_array_equal(trainer.engine.statistics, before[0])
    np.testing.assert_array_equal(velocity, before[1])


def test_state_of_another_network_or_optimiser_is_refused(small: Dataset) -> None:
    deep = Trainer(experiment(architecture=DEEP, momentum=0.9), small, 1)
    state = deep.state()
    deep.restore(state)
    without = {name: value for name, value in state.tensors.items() if "mean" not in name}
    with pytest.raises(ValueError, match="tensors are those of another network"):
        deep.restore(replace(state, tensors=without))
    with pytest.raises(ValueError, match="state is that of another optimiser"):
        deep.restore(replace(state, optimiser={}))
    plain = Trainer(experiment(architecture=DEEP), small, 1)
    with pytest.raises(ValueError, match="state is that of another optimiser"):
        plain.restore(state)


class Outside:
    """A training on another thread, which a test observes and controls."""

    def __init__(self, dataset: Dataset, **values: Any) -> None:
        self.control = Control()
        self.trainer = Trainer(experiment(**values), dataset, 2)
        self.history = History()
        self.events: list[Event] = []
        self.seen = {kind: threading.Event() for kind in (Paused, Resumed)}
        self.standing = threading.Event()
        self.until = threading.Event()
        self.last: Finished | Failed | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        self.last = self.trainer.run(self.control, self._on_event)

    def _on_event(self, event: Event) -> None:
        self.history.add(event)
        self.events.append(event)
        if type(event) in self.seen:
            self.seen[type(event)].set()
        if isinstance(event, UpdateDone) and event.update == 5:
            # The training blocks in its fifth update until the other thread has acted.
            self.standing.set()
            assert self.until.wait(TIMEOUT_S)

    def start(self) -> None:
        self.thread.start()
        assert self.standing.wait(TIMEOUT_S)

    def end(self) -> Finished | Failed:
        self.thread.join(TIMEOUT_S)
        assert self.last is not None
        return self.last


def test_pause_and_resume_from_another_thread_change_nothing(small: Dataset) -> None:
    undisturbed, history, _ = run(small)
    outside = Outside(small)
    outside.start()
    outside.control.pause()
    outside.until.set()
    assert outside.seen[Paused].wait(TIMEOUT_S)
    assert outside.events[-1] == Paused(5)
    assert outside.trainer.updates_done == 5
    assert outside.last is None
    outside.control.resume()
    end = outside.end()
    assert isinstance(end, Finished)
    assert not end.stopped
    assert Resumed(5) in outside.events
    assert outside.trainer.engine.parameters.tobytes() == undisturbed.engine.parameters.tobytes()
    assert record(outside.history) == record(history)


@pytest.mark.parametrize("paused", [False, True])
def test_stop_from_another_thread(small: Dataset, paused: bool) -> None:
    outside = Outside(small)
    outside.start()
    if paused:
        outside.control.pause()
        outside.until.set()
        assert outside.seen[Paused].wait(TIMEOUT_S)
    outside.control.stop()
    outside.until.set()
    end = outside.end()
    assert isinstance(end, Finished)
    assert end.stopped
    assert end.result.updates == outside.trainer.updates_done == 5
    assert len(outside.history.updates) == 5
    assert np.array_equal(
        outside.trainer.engine.parameters, run(small, max_updates=5)[0].engine.parameters
    )
    fresh = Trainer(experiment(), small, 1).engine
    fresh.parameters[:] = outside.trainer.engine.parameters
    assert end.result.test_accuracy == fresh.evaluate(small.test).accuracy
    last = outside.events[-2]
    assert isinstance(last, Evaluated), "the curves end where the result was measured"
    assert last.update == 5
    assert last.validation_accuracy == end.result.validation_accuracy


@pytest.mark.parametrize("call", [1, 2, 3, 4, 5])
def test_an_interruption_ends_a_measurement(
    small: Dataset, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    trainer, control = Trainer(experiment(max_updates=4, evaluate_every=4), small, 2), Control()
    told: list[Event] = []
    score, calls = trainer.engine.evaluate, 0

    def evaluate(split: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            control.interrupt()
        found = score(split)
        assert np.isnan(found.loss) == (calls >= call)
        return found

    monkeypatch.setattr(trainer.engine, "evaluate", evaluate)
    end = trainer.run(control, told.append)
    assert end == told[-1] == Finished(None, stopped=True)
    assert control.noticed
    assert any(isinstance(event, Evaluated) for event in told) == (call > 2)


def test_a_run_stopped_before_it_begins_ends_at_once(small: Dataset) -> None:
    trainer, control, told = Trainer(experiment(), small, 2), Control(), []
    control.stop()
    end = trainer.run(control, told.append)
    assert isinstance(end, Finished)
    assert end.stopped
    assert end.result.updates == 0
    assert [type(event) for event in told] == [Started, Finished]
    assert end.result.validation_loss == pytest.approx(np.log(10), abs=1.5)


def test_seconds_leave_pauses_and_the_last_evaluation_out(
    small: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(trainer_module, "perf_counter", lambda: now)
    trainer, control = Trainer(experiment(max_updates=20, evaluate_every=5), small, 2), Control()
    score = trainer.engine.evaluate

    def slow(split: Any) -> Any:
        nonlocal now
        now += 100.0
        return score(split)

    monkeypatch.setattr(trainer.engine, "evaluate", slow)

    def listen(event: Event) -> None:
        nonlocal now
        if isinstance(event, UpdateDone):
            now += 1.0
            if event.update == 7:
                control.pause()
        elif isinstance(event, Paused):
            now += 10_000.0
            control.resume()

    end = trainer.run(control, listen)
    assert isinstance(end, Finished)
    # Twenty updates and four evaluations on two sets between them.
    assert end.result.seconds == 20 * 1.0 + 4 * 2 * 100.0


@pytest.mark.parametrize(
    "values",
    [
        {"weight_decay": 0.2},
        {"weight_decay": 0.2, "dtype": "float64"},
        {"weight_decay": 0.2, "architecture": GENERAL},
        {"label_smoothing": 0.1},
    ],
)
def test_a_run_that_diverges_fails_with_what_one_needs_to_know(
    small: Dataset, values: dict[str, Any]
) -> None:
    values = {"architecture": "4x4/10/50", **values}
    trainer, history, end = run(small, schedule="constant", eta_max=10, half_cycle=1000, **values)
    assert isinstance(end, Failed)
    assert trainer.updates_done == end.update - 1 == len(history.updates)
    losses = history.updates.read()["loss"]
    assert np.isfinite(losses).all()
    assert f"at update {end.update:,} with rate 10" in end.reason
    assert f"last loss {losses[-1]:.4g}" in end.reason
    assert end.reason.count("\n") == 0
    assert history.result is None
    assert np.isfinite(trainer.engine.parameters).all()


def test_a_last_update_that_ruins_the_network_is_a_failure(
    small: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer, history = Trainer(experiment(max_updates=3), small, 1), History()
    descend = trainer.engine.optimiser_step

    def ruin(*how: float) -> float:
        penalty = descend(*how)
        if trainer.updates_done == 2:
            trainer.engine.parameters *= 1e30
        return penalty

    monkeypatch.setattr(trainer.engine, "optimiser_step", ruin)
    end = trainer.run(Control(), history.add)
    assert isinstance(end, Failed)
    assert end.update == 3
    assert f"last loss {history.updates.last('loss'):.4g}" in end.reason


def test_a_first_update_without_a_loss_says_so(small: Dataset) -> None:
    trainer = Trainer(experiment(), small, 1)
    trainer.engine.parameters[:] = 1e30
    end = trainer.run(Control(), lambda event: None)
    assert isinstance(end, Failed)
    assert end.update == 1
    assert "before the first update" in end.reason


@pytest.mark.parametrize("threads", [1, 2])
def test_a_listener_that_raises_ends_the_run_and_its_threads(
    small: Dataset, made: list[type], threads: int
) -> None:
    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone) and event.update == 3:
            raise KeyError("listener")

    before, processes = threading.active_count(), len(psutil.Process().children())
    with pytest.raises(KeyError, match="listener"):
        run(small, threads, listen)
    assert len(made) >= threads - 1
    assert threading.active_count() == before
    assert len(psutil.Process().children()) == processes


def test_no_thread_outlives_a_run(small: Dataset, made: list[type], two_cores: type) -> None:
    before = threading.active_count()
    run(small, 3)
    assert set(made) == {ThreadWorker}
    assert threading.active_count() == before


def test_there_is_a_thread_for_a_core_at_least() -> None:
    assert available_cores() >= 1


def test_a_suspended_training_goes_on_as_if_it_had_not_been_cut(
    small: Dataset, two_cores: type
) -> None:
    values = {"augmentation": "fresh", "momentum": 0.9}
    whole, wanted, _ = run(small, **values)
    trainer, history, own = Trainer(experiment(**values), small, 2), History(), psutil.Process()
    before, control = set(own.children()), Control()

    def suspend() -> None:
        if trainer.updates_done == 7:
            control.suspend()

    last = trainer.run(control, history.add, suspend)
    assert last == Finished(None, stopped=True)
    # No evaluation is due, so there is none, and the workers wait for more.
    assert (len(history.updates), len(history.evaluations)) == (7, 0)
    kept = set(own.children()) - before
    assert bool(kept) == (two_cores is not ThreadWorker)
    trainer.run(Control(), history.add)
    assert set(own.children()) == before
    assert record(history) == record(wanted)
    for name, value in weights_of(whole).items():
        assert value.tobytes() == weights_of(trainer)[name].tobytes()
