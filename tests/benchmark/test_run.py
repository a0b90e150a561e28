"""Benchmarks of real networks with few updates: contenders, results and cancellation."""

import math
import sys
import threading
from typing import Any

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from core.benchmark import cases, run, torch_peer
from core.benchmark.contender import Contender, Ours
from core.benchmark.floor import Floor
from core.benchmark.measure import BLOCK
from core.benchmark.results import CaseResult
from core.benchmark.run import Progress
from core.benchmark.settings import BenchSettings
from core.config import presets
from core.data.dataset import Dataset
from core.plan import plan, shard_sizes
from core.settings import SettingError
from core.training.trainer import Trainer

torch_needed = pytest.mark.skipif(
    torch_peer.missing() is not None, reason="PyTorch is not installed"
)


@pytest.fixture(scope="module")
def images(small: Dataset) -> Dataset:
    return cases.reduced(small)


def settings(*names: str, beside: str = "floor", threads: int = 2) -> BenchSettings:
    return BenchSettings(architectures=names, contenders=beside, threads=threads, updates=BLOCK)  # type: ignore[arg-type]


def test_without_pytorch_the_rest_is_measured(
    images: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    found = run.run(settings("arch-2", beside="all"), load=lambda *what: images)
    (case,) = found.cases
    assert case.torch is None
    assert case.ratio is None
    assert case.loss_difference is None
    assert case.floor is not None
    assert case.over_floor is not None
    assert found.machine.torch is None
    assert found.note is not None
    assert "pip install torch" in found.note


def blas_threads() -> list[int]:
    return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]


@torch_needed
def test_all_take_part(images: Dataset) -> None:
    told: list[Progress | CaseResult] = []
    wanted = settings("arch-2", "arch-1", beside="all", threads=1)
    with threadpool_limits(2, user_api="blas"):
        before, threads = blas_threads(), threading.active_count()
        found = run.run(wanted, listen=told.append, load=lambda *what: images)
        after = blas_threads()
    assert [case.arch for case in found.cases] == ["arch-1", "arch-2"]
    for case in found.cases:
        assert case.torch is not None
        assert case.floor_kind in (run.SHARDS, run.BLAS)
        assert case.best is not None
        assert case.best.median <= case.torch.median
        assert case.ratio is not None
        assert case.ratio.value == pytest.approx(case.torch.median / case.ours.median)
        assert case.loss_difference is not None
        assert case.loss_difference < 1e-5
        assert math.isfinite(case.loss)
    shares = [event.share for event in told if isinstance(event, Progress)]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    assert [event.arch for event in told if isinstance(event, CaseResult)] == ["arch-1", "arch-2"]
    assert after == before != []
    assert set(before) == {2}
    assert threading.active_count() == threads


@torch_needed
def test_pytorch_as_written_alone_takes_no_trial(images: Dataset) -> None:
    told: list[Progress] = []
    wanted = settings("arch-1").changed(contenders="written")
    found = run.run(
        wanted,
        listen=lambda event: told.append(event) if isinstance(event, Progress) else None,
        load=lambda *what: images,
    )
    (case,) = found.cases
    assert case.torch is not None
    assert case.ratio is not None
    assert case.loss_difference is not None
    assert case.loss_difference < 1e-5
    assert (case.floor, case.best, case.best_kind, case.ratio_best) == (None, None, None, None)
    assert not any("tries" in event.doing for event in told)
    assert told[-1].share == pytest.approx(1.0)


def test_a_cancelled_benchmark_keeps_what_is_done(images: Dataset) -> None:
    done: list[str] = []

    def listen(event: Progress | CaseResult) -> None:
        if isinstance(event, CaseResult):
            done.append(event.arch)

    found = run.run(
        settings("arch-1", "arch-2"),
        listen=listen,
        cancelled=lambda: bool(done),
        load=lambda *what: images,
    )
    assert [case.arch for case in found.cases] == done == ["arch-1"]


@torch_needed
@pytest.mark.parametrize("name", cases.CASES)
def test_pytorch_learns_the_same_in_every_way_of_writing_it(name: str, images: Dataset) -> None:
    # PyTorch normalises a whole batch at once, so the test uses batches of one shard.
    alone = {"shards": 1} if name in ("resnet", "deep") else {}
    experiment = cases.case(name).changed(batch_size=20, **alone)
    ours = Ours(experiment, images, threads=1)
    ways = [torch_peer.AS_WRITTEN, *torch_peer.variants(experiment)]
    assert len(ways) == (4 if name in ("lenet", cases.CONV3X3, "resnet", "deep") else 6)
    for number in range(3):
        ours.update(number)
    for way in ways:
        peer = torch_peer.TorchPeer(experiment, images, ours.start, 1, way)
        with peer.block():
            for number in range(3):
                peer.update(number)
        assert peer.loss() == pytest.approx(ours.loss(), rel=2e-5), way.words
    ours.close()


@torch_needed
@pytest.mark.parametrize(
    "values",
    [{"optimiser": "adamw", "eta_max": 0.001}, {"momentum": 0.9, "clip_norm": 0.1}],
    ids=["adamw", "clipped"],
)
@pytest.mark.parametrize("preset", ["arch-2", "resnet"])
def test_pytorch_trains_with_the_same_optimiser(
    preset: str, values: dict[str, Any], images: Dataset
) -> None:
    start = {"augmentation": "none", "batch_size": 20, "shards": 1, "eta_min": 0.0}
    experiment = presets.load(preset).changed(**start, **values)
    ours = Ours(experiment, images, threads=1)
    for number in range(5):
        ours.update(number)
    for fused in (False, True):
        way = torch_peer.Variant("plain", fused)
        peer = torch_peer.TorchPeer(experiment, images, ours.start, 1, way)
        with peer.block():
            for number in range(5):
                peer.update(number)
        assert peer.loss() == pytest.approx(ours.loss(), rel=2e-4), way.words
    ours.close()


def test_this_network_is_measured_as_a_training_runs_it(images: Dataset) -> None:
    experiment = cases.case("arch-2")
    ours, trainer = Ours(experiment, images, threads=2), Trainer(experiment, images, threads=1)
    with ours.block():
        for number in range(3):
            ours.update(number)
            assert ours.loss() == trainer.step(number).smoothed
    ours.close()


def test_a_benchmark_may_be_longer_than_the_schedule(images: Dataset) -> None:
    experiment = cases.case("arch-2").changed(max_updates=2)
    makers: list[Contender] = [Ours(experiment, images, threads=1)]
    if torch_peer.missing() is None:
        start = makers[0].start  # type: ignore[attr-defined]
        written = torch_peer.AS_WRITTEN
        makers.append(torch_peer.TorchPeer(experiment, images, start, 1, written))
    for one in makers:
        with one.block():
            for number in range(5):
                one.update(number)
        assert one.loss() == pytest.approx(makers[0].loss(), rel=1e-5)
        one.close()


@pytest.mark.parametrize("name", ["arch-2", cases.CONV3X3])
def test_the_floor_multiplies_all_that_the_network_does(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = cases.case(name)
    made = plan(experiment)
    counted: list[int] = []
    import core.benchmark.floor as module

    real = module.np.matmul

    def count(a: object, b: object, out: object = None) -> object:
        counted.append(2 * a.shape[0] * a.shape[1] * b.shape[1])  # type: ignore[attr-defined]
        return real(a, b, out=out)

    monkeypatch.setattr(module.np, "matmul", count)
    floor = Floor(made.layers, shard_sizes(experiment), 1, "float32")
    floor.update(0)
    assert sum(counted) == made.operations * experiment.batch_size
    assert math.isnan(floor.loss())
    floor.close()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"architectures": ("arch-8",)}, "there is no 'arch-8'"),
        ({"architectures": ()}, "one architecture"),
        ({"updates": 3}, "25 to 10,000"),
        ({"threads": 0}, "1 to 64"),
        ({"contenders": "jax"}, "none of all, torch, floor"),
    ],
)
def test_bad_settings_are_one_sentence(values: dict[str, object], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        BenchSettings.of(values)


def test_architectures_keep_their_order() -> None:
    found = BenchSettings.of({"architectures": ("final", "arch-1", "final")})
    assert found.architectures == ("arch-1", "final")


def test_there_is_no_other_case() -> None:
    with pytest.raises(SettingError, match="arch-1"):
        cases.case("conv1d")
