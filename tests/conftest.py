"""What all tests share: a home of their own, and how Hypothesis draws."""

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


MUCH = 30 << 20
"""Bytes by which a process may grow before what nobody needs any more is looked for."""


def pytest_collection_finish() -> None:
    """Look for garbage in what the tests make, not again and again in all that was imported."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def what_is_over_is_given_back() -> Iterator[None]:
    """An app or a network that is done with lies in cycles, and is large for its few objects."""
    process = psutil.Process()
    before = process.memory_info().rss
    yield
    if process.memory_info().rss > before + MUCH:
        gc.collect()
        memory.trim()


@pytest.fixture(autouse=True)
def writers_end(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A program has one store for as long as it runs, the tests have hundreds, a thread each."""
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
    """Whoever runs the tests in the background may ignore what programs in them must heed."""
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
    """Small products are many times slower on two threads where other work runs beside them."""
    with threadpool_limits(1, user_api="blas"):
        yield


@pytest.fixture(autouse=True, scope="session")
def drawn_anew() -> Iterator[Callable[[int, int], Split]]:
    """What draws the built-in images; the tests share what it has drawn, for it takes a while."""
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
