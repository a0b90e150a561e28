"""The benchmark cases: the published architectures, the long run's network and deeper ones."""

from dataclasses import dataclass

from core.config import presets
from core.config.experiment import Experiment
from core.data.dataset import Dataset, Split
from core.settings import SettingError

CONV3X3 = "conv3x3"
"""Three blocks of a 3x3 convolution, ReLU and a 2x2 pool, with 32, 64 and 128 filters."""

CASES = (
    *(f"arch-{number}" for number in range(1, 8)),
    "final",
    "lenet",
    CONV3X3,
    "resnet",
    "deep",
)
"""Names of the cases, in the order of measurement and display."""

PUBLISHED_ARCHITECTURES = CASES[:7]

IMAGES = 10_000
"""Number of training images in a benchmark. PyTorch's float32 copies of them take 123 MB, far more
than any cache, as the whole set would."""


@dataclass(frozen=True)
class Published:
    """Published seconds of a whole run with this method, on other machines."""

    numpy: float
    torch: float

    @property
    def share(self) -> float:
        """NumPy's time as a fraction of PyTorch's."""
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
    """Return the experiment of a case.

    Raises:
        SettingError: if there is no such case.
    """
    if name not in CASES:
        raise SettingError("arch", f"there is no {name!r}; there are {', '.join(CASES)}")
    if name != CONV3X3:
        # Augmented copies are made before the first update and would not affect the times.
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
    """Return the data set with its first `IMAGES` training images."""
    train = Split(dataset.train.images[:IMAGES], dataset.train.labels[:IMAGES])
    return Dataset(
        dataset.name, dataset.source, dataset.classes, train, dataset.validation, dataset.test
    )
