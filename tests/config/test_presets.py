"""The presets are the published architectures and recipes."""

import pytest

from core.config import presets
from core.config.experiment import Experiment
from core.plan import plan
from core.settings import SettingError

SHORT = {
    "arch-1": "2x2/3/50",
    "arch-2": "4x4/10/50",
    "arch-3": "8x8/40/50",
    "arch-4": "16x16/160/50",
    "arch-5": "4x4/10/100",
    "arch-6": "4x4/10/200",
    "arch-7": "16x16/160/200",
}


@pytest.mark.parametrize("name", presets.ORDER)
def test_every_preset_loads_plans_and_survives_a_file(name: str) -> None:
    experiment = presets.load(name)
    assert experiment.name == name
    for dataset in ("cifar10", "synthetic"):
        made = plan(experiment, dataset)
        assert made.layers[-1].output_shape == (10,)
        assert made.updates == experiment.total_updates == made.schedule.total_updates
    assert Experiment.from_toml(experiment.to_toml()) == experiment


@pytest.mark.parametrize(("name", "architecture"), SHORT.items())
def test_the_short_recipe(name: str, architecture: str) -> None:
    assert presets.load(name) == Experiment(
        name=name,
        architecture=architecture,  # type: ignore[arg-type]
        eta_min=1e-5,
        eta_max=0.1,
        half_cycle=800,
        cycles=3,
        weight_decay=0.003,
    )
    assert presets.load(name).total_updates == 4800


def test_the_long_recipe() -> None:
    final = presets.load("final")
    assert final == Experiment(
        name="final",
        architecture="4x4/60/300",  # type: ignore[arg-type]
        eta_min=1e-5,
        eta_max=0.1,
        half_cycle=800,
        cycles=4,
        growth=2,
        weight_decay=0.0025,
        label_smoothing=0.1,
        augmentation="offline",
        copies=24_500,
    )
    assert final.total_updates == 24_000
    assert plan(final).updates_per_epoch == (49_000 + 24_500) // 100


@pytest.mark.parametrize(("name", "updates"), [("best-short", 4900), ("best", 29_400)])
def test_the_better_recipes_are_of_the_same_network_and_images(name: str, updates: int) -> None:
    best, final = presets.load(name), presets.load("final")
    assert best.architecture == final.architecture
    assert plan(best).parameters == plan(final).parameters
    assert best.validation_size == final.validation_size
    assert best.total_updates == updates
    assert best.augmentation == "fresh"


def test_what_deep_is_made_of() -> None:
    deep = presets.load("deep")
    kinds = [layer.kind for layer in deep.architecture]
    assert kinds.count("conv") == kinds.count("batchnorm") == kinds.count("relu") == 6
    assert [layer.title() for layer in deep.architecture if layer.kind == "conv"] == [
        f"conv 3x3, {filters} filters, +1" for filters in (32, 32, 64, 64, 128, 128)
    ]
    ends = [layer.title() for layer in deep.architecture[-2:]]
    assert ends == ["global average pool", "linear 10"]
    assert deep.total_updates == 30 * plan(deep).updates_per_epoch


def test_what_lenet_and_conv1d_are_made_of() -> None:
    assert [layer.title() for layer in presets.load("lenet").architecture] == [
        "conv 5x5, 6 filters", "max pool 2x2, /2", "relu",
        "conv 5x5, 16 filters", "max pool 2x2, /2", "relu",
        "linear 120", "relu", "linear 84", "relu", "linear 10",
    ]  # fmt: skip
    assert [layer.title() for layer in presets.load("conv1d").architecture] == [
        "conv1d 3, 64 filters, +1", "relu", "conv1d 3, 64 filters, /2, +1", "relu",
        "linear 100", "relu", "linear 10",
    ]  # fmt: skip


def test_the_default_is_what_a_bare_experiment_is() -> None:
    assert presets.DEFAULT in presets.ORDER
    assert presets.load(presets.DEFAULT) == Experiment(name=presets.DEFAULT)


@pytest.mark.parametrize("name", ["arch-8", "", "../presets/arch-1", "arch-1.toml"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(SettingError, match=r"there are arch-1, arch-2, .*, deep, resnet$"):
        presets.load(name)


def test_resnet_is_three_residual_layers_of_two_convolutions() -> None:
    resnet = presets.load("resnet")
    kinds = [layer.kind for layer in resnet.architecture]
    assert kinds == [
        "conv", "batchnorm", "relu", *["residual", "relu"] * 3, "globalpool", "linear",
    ]  # fmt: skip
    made = plan(resnet)
    assert made.parameters == 77_850
    assert [row.output_shape for row in made.rows if row.title.startswith("residual")] == [
        (32, 32, 16), (16, 16, 32), (8, 8, 64),
    ]  # fmt: skip
    assert resnet.total_updates == 20 * made.updates_per_epoch
    assert resnet.total_updates * made.operations < plan(presets.load("deep")).operations * 14_700
