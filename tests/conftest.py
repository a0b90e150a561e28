"""Fixtures of all tests: a temporary home folder, and the settings of Hypothesis."""

import gc
import os
import signal
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import psutil
import pytest
from threadpoolctl import threadpool_limits

from core import memory
from core.data import home, synthetic
from core.data.dataset import Dataset, Split
from core.runs.session import _store
from core.runs.writer import Writer
from tests import drawing, idle

drawing.install()


MUCH, LITTLE_BY_LITTLE = 30 << 20, 60 << 20
"""Bytes by which a process may grow before a garbage collection, in one test and since the last."""

collected = [0]
"""Resident memory after the last garbage collection."""


def pytest_collection_finish() -> None:
    """Collect garbage less often, and never scan what has been imported so far.

    By default a fifth of the time of the app's tests would go into scans of live objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


@pytest.fixture(autouse=True)
def what_is_over_is_given_back() -> Iterator[None]:
    """Collect finished apps and networks: large reference cycles of few objects."""
    process = psutil.Process()
    before = process.memory_info().rss
    yield
    if process.memory_info().rss > min(before + MUCH, collected[0] + LITTLE_BY_LITTLE):
        gc.collect()
        memory.trim()
        collected[0] = process.memory_info().rss


@pytest.fixture(autouse=True)
def writers_end(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close the writers of stores: tests create hundreds, each with a thread."""
    made: list[Writer] = []
    begin = Writer.__init__

    def begun(self: Writer, root: Path) -> None:
        begin(self, root)
        made.append(self)

    monkeypatch.setattr(Writer, "__init__", begun)
    yield
    for writer in made:
        writer.close()
    _store.cache_clear()


@pytest.fixture(autouse=True, scope="session")
def signals_arrive() -> Iterator[None]:
    """Reset ignored signals to their defaults; background processes inherit ignored ones."""
    names = [name for name in ("SIGINT", "SIGHUP") if hasattr(signal, name)]
    kept = {number: signal.getsignal(number) for number in (getattr(signal, n) for n in names)}
    for number, handler in kept.items():
        if handler is signal.SIG_IGN:
            wanted = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, wanted)
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture(autouse=True, scope="session")
def one_blas_thread() -> Iterator[None]:
    """Use one BLAS thread: small products are many times slower on two if the machine is busy."""
    with threadpool_limits(1, user_api="blas"):
        yield


@pytest.fixture(autouse=True, scope="session")
def drawn_anew() -> Iterator[Callable[[int, int], Split]]:
    """Cache the built-in images for all tests; return the original function."""
    draw, kept = synthetic._draw, cache(synthetic._draw)

    def drawn(count: int, part: int) -> Split:
        made = kept(count, part)
        for array in (made.images, made.labels):
            array.flags.writeable = False
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(synthetic, "_draw", drawn)
        yield draw


@pytest.fixture(autouse=True)
def convsole_home(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Use an empty folder for data sets and runs, never the user's own."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv(home.HOME_VARIABLE, str(folder))
    return folder


@pytest.fixture(autouse=True)
def waits_for_the_screen_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let key presses not wait for an idle process, which a training never is."""
    idle.install(monkeypatch.setattr)


@pytest.fixture(scope="session")
def real_cifar10() -> Path:
    """The folder of the real CIFAR-10; tests are skipped if there is none."""
    folder = os.environ.get("CONVSOLE_TEST_CIFAR10")
    if not folder:
        pytest.skip("CONVSOLE_TEST_CIFAR10 names no folder with the real CIFAR-10")
    return Path(folder)


@pytest.fixture(scope="session")
def small() -> Dataset:
    """A few hundred images with learnable classes; no size of a split divides another."""
    rng = np.random.default_rng(7)
    patterns = rng.integers(40, 216, (10, 32, 32, 3))

    def split(count: int) -> Split:
        labels = rng.integers(0, 10, count)
        noise = rng.normal(0, 50, (count, 32, 32, 3))
        images = np.clip(patterns[labels] + noise, 0, 255).astype(np.uint8)
        return Split(images, labels)

    classes = tuple("abcdefghij")
    return Dataset("synthetic", "built in", classes, split(307), split(103), split(57))
