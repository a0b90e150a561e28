"""A short training on the real CIFAR-10."""

from pathlib import Path

from core.config import presets
from core.data import source
from core.training.control import Control
from core.training.events import Finished
from core.training.history import History
from core.training.trainer import Trainer


def test_six_hundred_updates_of_arch_2_are_far_better_than_chance(real_cifar10: Path) -> None:
    dataset = source.load("cifar10", real_cifar10, 1000)
    experiment = presets.load("arch-2").changed(half_cycle=300, cycles=1, evaluate_every=300)
    history = History()
    end = Trainer(experiment, dataset).run(Control(), history.add)
    assert isinstance(end, Finished)
    assert end.result.updates == 600
    assert end.result.validation_accuracy > 0.40
    assert end.result.test_accuracy > 0.40
    best = history.best()
    assert best is not None
    assert best[0] > 0.40
