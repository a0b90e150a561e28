"""The plan of a study: the published settings, and a quick version of them."""

from pathlib import Path

import pytest

from core.config import presets
from core.data.dataset import DataError
from core.reproduce import plan
from core.reproduce.plan import RECIPES, RECIPES_BY_NAME, StudySettings, jobs
from core.settings import SettingError
from core.training.timeline import Timeline
from tests.reproduce.made import FULL, QUICK, cifar10_of


def test_every_network_is_trained_with_every_seed_the_first_seed_first() -> None:
    found = jobs(FULL, "cifar10")
    assert [job.seed for job in found] == [seed for seed in range(3) for _ in RECIPES]
    assert len({job.key for job in found}) == len(found) == 24
    assert {job.experiment.seed for job in found if job.recipe.name == "final"} == {0, 1, 2}
    assert {job.experiment.dataset for job in found} == {"cifar10"}


@pytest.mark.parametrize("name", ["arch-1", "arch-2", "arch-3", "arch-4", "final"])
def test_published_runs_are_the_presets(name: str) -> None:
    made = plan.experiment(RECIPES_BY_NAME[name], 2, False, "cifar10")
    assert made == presets.load(name).changed(seed=2, dataset="cifar10")


def test_expanding_and_constant_steps_differ_in_the_steps_alone() -> None:
    expanding, constant = (
        plan.experiment(RECIPES_BY_NAME[name], 0, False, "cifar10")
        for name in ("final", "final-constant")
    )
    assert expanding.total_updates == constant.total_updates == 24_000
    assert Timeline(expanding).schedule.boundaries == (0, 1600, 4800, 11_200, 24_000)
    assert Timeline(constant).schedule.boundaries == (0, 6000, 12_000, 18_000, 24_000)
    assert constant.changed(name="final", half_cycle=800, growth=2.0) == expanding


def test_the_comparison_of_smoothing_has_no_other_regulariser() -> None:
    without, smoothed = (
        plan.experiment(RECIPES_BY_NAME[name], 0, False, "cifar10")
        for name in ("final-unsmoothed", "final-smoothed")
    )
    for one in (without, smoothed):
        assert (one.weight_decay, one.augmentation, one.total_updates) == (0, "none", 24_000)
        assert one.architecture == presets.load("final").architecture
    assert without.changed(name=smoothed.name, label_smoothing=0.1) == smoothed
    assert without.label_smoothing == 0


def test_a_quick_look_is_the_same_a_hundred_times_shorter_and_never_taken_for_it() -> None:
    whole, look = jobs(FULL.changed(seeds=1), "cifar10"), jobs(QUICK, "cifar10")
    for long, short in zip(whole, look, strict=True):
        assert short.key == long.key
        assert 100 * short.experiment.total_updates == long.experiment.total_updates
        assert short.experiment.name == f"quick-{long.experiment.name}"
        assert short.experiment.architecture == long.experiment.architecture
    assert plan.timing(QUICK).architectures == plan.timing(FULL).architectures


def test_numbers_of_seeds() -> None:
    assert list(FULL.numbers) == [0, 1, 2]
    assert list(QUICK.changed(seeds=9).numbers) == [0]
    with pytest.raises(SettingError, match="seeds"):
        StudySettings.of({"seeds": 0})


def test_only_a_quick_look_can_do_without_cifar10(tmp_path: Path, convsole_home: Path) -> None:
    with pytest.raises(DataError, match=r"CIFAR-10.*convsole data fetch"):
        plan.dataset_of(FULL, None)
    assert plan.dataset_of(QUICK, None) == "synthetic"
    with pytest.raises(DataError, match="does not exist"):
        plan.dataset_of(QUICK, tmp_path / "nowhere")
    cifar10_of(convsole_home / "data")
    assert plan.dataset_of(FULL, None) == plan.dataset_of(QUICK, None) == "cifar10"
