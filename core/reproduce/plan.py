"""The plan of a study: every network with every seed, and the benchmark."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from core.benchmark.cases import PUBLISHED_ARCHITECTURES, case
from core.benchmark.settings import BenchSettings
from core.config import presets
from core.config.experiment import Experiment
from core.data import cifar10, known
from core.data.dataset import DataError
from core.plan import plan
from core.settings import Value, setting
from core.validation import CheckedSettings

QUICK_FACTOR = 100
"""Factor by which every half cycle of a quick study is shorter."""

QUICK_EVALUATE_EVERY = 8
"""Updates between two evaluations of a quick study, so that it has curves too."""

TIMING = "timing"
"""Key of the benchmark among the runs."""


class StudySettings(CheckedSettings):
    """The settings of a study: how much is reproduced.

    Raises:
        pydantic.ValidationError: from the constructor; `StudySettings.of` raises `SettingError`
            instead, with a message for the user.
    """

    length: Literal["full", "quick"] = setting(
        "full",
        "The published runs, or a quick look at every part of them, which reproduces nothing",
        label="length",
    )
    seeds: int = setting(
        3,
        "Seeds that every network is trained with; of a quick look there is one",
        label="seeds",
        low=1,
        high=20,
    )

    @property
    def quick(self) -> bool:
        """Whether this is a quick study."""
        return self.length == "quick"

    @property
    def numbers(self) -> range:
        """The seeds."""
        return range(1 if self.quick else self.seeds)


@dataclass(frozen=True)
class Recipe:
    """One network and how it is trained, apart from the seed."""

    name: str
    preset: str
    words: str
    """A description for the user."""
    changes: Mapping[str, Value] = field(default_factory=dict)
    """Settings that differ from the preset."""


_BARE: dict[str, Value] = {"weight_decay": 0.0, "augmentation": "none"}

RECIPES = (
    Recipe("arch-1", "arch-1", "2x2 filters, 3 of them, 50 hidden units, short recipe"),
    Recipe("arch-2", "arch-2", "4x4 filters, 10 of them, 50 hidden units, short recipe"),
    Recipe("arch-3", "arch-3", "8x8 filters, 40 of them, 50 hidden units, short recipe"),
    Recipe("arch-4", "arch-4", "16x16 filters, 160 of them, 50 hidden units, short recipe"),
    Recipe("final", "final", "4x4 filters, 60 of them, 300 hidden units, long recipe"),
    Recipe(
        "final-constant",
        "final",
        "final with constant steps: half cycles of 3,000 updates, as many updates in all",
        {"half_cycle": 3000, "growth": 1.0},
    ),
    Recipe(
        "final-unsmoothed",
        "final",
        "final without any regulariser: no lambda, no copies, no label smoothing",
        {**_BARE, "label_smoothing": 0.0},
    ),
    Recipe(
        "final-smoothed",
        "final",
        "final with label smoothing 0.1 as its only regulariser: no lambda, no copies",
        {**_BARE, "label_smoothing": 0.1},
    ),
)
RECIPES_BY_NAME = {recipe.name: recipe for recipe in RECIPES}


@dataclass(frozen=True)
class Job:
    """One run of a study: a recipe with a seed."""

    recipe: Recipe
    seed: int
    experiment: Experiment

    @property
    def key(self) -> str:
        """The key of the job, the same in every study."""
        return f"{self.recipe.name}/{self.seed}"

    @property
    def cost(self) -> float:
        """Approximate duration, in the unit of `timing_cost`."""
        return _update_cost(self.experiment) * self.experiment.total_updates + _OVERHEAD


_OVERHEAD = 2000.0
"""Cost of a run apart from its updates: normalisation, copies, the evaluation on all images."""


def jobs(settings: StudySettings, dataset: str) -> tuple[Job, ...]:
    """Return the runs in order: all networks with the first seed, then with the next."""
    return tuple(
        Job(recipe, seed, experiment(recipe, seed, settings.quick, dataset))
        for seed in settings.numbers
        for recipe in RECIPES
    )


def experiment(recipe: Recipe, seed: int, quick: bool, dataset: str) -> Experiment:
    """Return the settings of a run."""
    full = presets.load(recipe.preset).changed(
        name=recipe.name, seed=seed, dataset=dataset, **recipe.changes
    )
    if not quick:
        return full
    return full.changed(
        name=f"quick-{recipe.name}",
        half_cycle=full.half_cycle // QUICK_FACTOR,
        evaluate_every=QUICK_EVALUATE_EVERY,
    )


def timing(settings: StudySettings) -> BenchSettings:
    """Return the settings of the benchmark against PyTorch."""
    return BenchSettings.of(
        {
            "architectures": PUBLISHED_ARCHITECTURES,
            "contenders": "written" if settings.quick else "torch",
            "updates": 25 if settings.quick else 150,
        }
    )


def timing_cost(settings: StudySettings) -> float:
    """Return the approximate duration of the benchmark, in the unit of `Job.cost`."""
    planned = timing(settings)
    # A full benchmark first tries variants of PyTorch; every contender warms up and pauses.
    updates = 7 * planned.updates + (0 if settings.quick else 700)
    return 5000 + sum(_update_cost(case(name)) * updates + 1500 for name in planned.architectures)


def dataset_of(settings: StudySettings, data: Path | None) -> str:
    """Return the data set to train on. The published numbers are for CIFAR-10.

    Args:
        settings: a quick study uses the built-in shapes if CIFAR-10 is missing.
        data: path of CIFAR-10; None looks in the data folder.

    Raises:
        DataError: if CIFAR-10 is required and missing; the message names the command to get it.
    """
    if cifar10.is_there(data):
        return known.CIFAR10
    if settings.quick and data is None:
        return known.SHAPES
    raise DataError(f"the published numbers are of CIFAR-10, and {cifar10.not_found(data)}")


def _update_cost(of: Experiment) -> float:
    """Return the approximate milliseconds that an update takes on two cores."""
    return 0.3 + plan(of).operations * of.batch_size / 1e8
