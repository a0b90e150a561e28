"""What all tests share: a home of their own, and how Hypothesis draws."""

import os
from pathlib import Path

import numpy as np
import pytest

from core.data import home
from core.data.dataset import Dataset, Split
from tests import drawing, idle

drawing.install()


@pytest.fixture(autouse=True)
def convsole_home(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Data sets and runs go to an empty folder, never to the user's own."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv(home.HOME_VARIABLE, str(folder))
    return folder


@pytest.fixture(autouse=True)
def waits_for_the_screen_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys need not wait for a training to rest, which it never does."""
    idle.install(monkeypatch.setattr)


@pytest.fixture(scope="session")
def real_cifar10() -> Path:
    """The folder that holds the real CIFAR-10; the test is skipped where there is none."""
    folder = os.environ.get("CONVSOLE_TEST_CIFAR10")
    if not folder:
        pytest.skip("CONVSOLE_TEST_CIFAR10 names no folder with the real CIFAR-10")
    return Path(folder)


@pytest.fixture(scope="session")
def small() -> Dataset:
    """A few hundred images whose classes can be learned; no size divides another."""
    rng = np.random.default_rng(7)
    patterns = rng.integers(40, 216, (10, 32, 32, 3))

    def split(count: int) -> Split:
        labels = rng.integers(0, 10, count)
        noise = rng.normal(0, 50, (count, 32, 32, 3))
        images = np.clip(patterns[labels] + noise, 0, 255).astype(np.uint8)
        return Split(images, labels)

    classes = tuple("abcdefghij")
    return Dataset("synthetic", "built in", classes, split(307), split(103), split(57))
