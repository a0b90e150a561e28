"""What is measured: the published architectures, the long run's network, and two deeper ones."""

from dataclasses import dataclass

from core.config import presets
from core.config.experiment import Experiment
from core.data.dataset import Dataset, Split
from core.settings import SettingError

CONV3X3 = "conv3x3"
"""Three blocks of a 3x3 convolution, ReLU and a 2x2 pool, with 32, 64 and 128 filters."""

CASES = (*(f"arch-{number}" for number in range(1, 8)), "final", CONV3X3, "deep")
"""Names, in the order in which they are measured and shown."""

PUBLISHED_ARCHITECTURES = CASES[:7]

IMAGES = 10_000
"""Training images that every contender draws from. PyTorch's float32 copies of them fill 123 MB,
far more than any cache, as the whole set would."""


@dataclass(frozen=True)
class Published:
    """Seconds of a whole run that were reported for the method, on other machines."""

    numpy: float
    torch: float

    @property
    def share(self) -> float:
        """Which part of PyTorch's time NumPy took."""
        return self.numpy / self.torch


PUBLISHED = {
    "arch-1": Published(93.99, 87.41),
    "arch-2": Published(96.16, 81.48),
    "arch-3": Published(99.18, 86.62),
    "arch-4": Published(132.93, 114.21),
    "arch-5": Published(100.29, 129.95),
    "arch-6": Published(117.75, 229.58),
    "arch-7": Published(149.57, 258.18),
}


def case(name: str) -> Experiment:
    """Return what is run for a name of `CASES`.

    Raises:
        SettingError: if there is no such case.
    """
    if name not in CASES:
        raise SettingError("arch", f"there is no {name!r}; there are {', '.join(CASES)}")
    if name != CONV3X3:
        # Copies are made before the first update and cost nothing afterwards.
        return presets.load(name).changed(augmentation="none")
    layers: list[dict[str, object]] = []
    for filters in (32, 64, 128):
        layers += [
            {"kind": "conv", "filter": 3, "filters": filters, "stride": 1, "padding": 1},
            {"kind": "relu"},
            {"kind": "pool", "filter": 2, "stride": 2},
        ]
    layers.append({"kind": "linear", "units": 10})
    return presets.load("arch-2").changed(name=CONV3X3, architecture=layers)


def reduced(dataset: Dataset) -> Dataset:
    """Return the data set with the images that are measured with."""
    train = dataset.train
    few = Split(train.images[:IMAGES], train.labels[:IMAGES])
    return Dataset(
        dataset.name, dataset.source, dataset.classes, few, dataset.validation, dataset.test
    )
