"""Where a study is trained changes nothing of what it comes to."""

import os
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest

from core.cluster.connection import Tls
from core.data.dataset import Dataset
from core.runs.doctor.check import examine
from core.runs.store import Store
from core.sweeps.execution import loop as loops
from core.sweeps.execution.executor import Executor
from core.sweeps.execution.executors import open_executor
from core.sweeps.execution.progress import Progress
from core.sweeps.execution.run import Sweep
from tests.cluster.standing import certificates_in, standing
from tests.runs.made import loader
from tests.sweeps.at_work import HALVING, outcome, study, swept

pytest.importorskip("distributed")

MADE = study(**HALVING)


@pytest.fixture(scope="module")
def expected(small: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the study comes to in this process."""
    store = Store(tmp_path_factory.mktemp("here"))
    swept(small, store.root, MADE)
    return outcome(store, store.studies()[0])


@pytest.fixture(autouse=True)
def short_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the pieces of a training short, for many of them."""
    monkeypatch.setattr(loops, "PIECE_S", 0.01)


def trained(dataset: Dataset, root: Path, executor: AbstractContextManager[Executor]) -> Any:
    sweep = Sweep(MADE, Store(root))
    sweep.load(loader(dataset))
    with executor as opened:
        record = sweep.run(dataset, opened)
    assert examine(sweep.store).findings == []
    return outcome(sweep.store, record)


@pytest.mark.parametrize("options", [{}, {"workers": 2}, {"workers": 1, "threads": 2}], ids=str)
def test_workers_of_this_machine(
    options: dict[str, int],
    small: Dataset,
    expected: Any,
    tmp_path: Path,
) -> None:
    assert trained(small, tmp_path, open_executor(small, **options)) == expected


@pytest.mark.parametrize("protocol", ["tcp", "tls"])
def test_workers_of_a_cluster_that_stands(
    protocol: str,
    small: Dataset,
    expected: Any,
    tmp_path: Path,
) -> None:
    folder, root = tmp_path / "cluster", tmp_path / "saved"
    folder.mkdir()
    root.mkdir()
    tls: Tls | None = certificates_in(folder) if protocol == "tls" else None
    with ExitStack() as stack:
        there = stack.enter_context(standing(folder, tls))
        for name in ("one", "two"):
            there.worker(name)
        found = trained(small, root, open_executor(small, address=there.address, tls=tls))
    assert found == expected


def test_a_training_whose_helper_is_killed_goes_on(
    small: Dataset, expected: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker with two threads has a process that helps it."""
    monkeypatch.setattr(loops, "PIECE_S", 0.05)
    killed: list[int] = []

    def kill(progress: Progress) -> None:
        if killed or not any(trial.updates for trial in progress.trials):
            return
        below = psutil.Process().children(recursive=True)
        helpers = [one for one in below if one.ppid() != os.getpid() and forked(one)]
        for helper in helpers:
            helper.kill()
        killed.extend(helper.pid for helper in helpers)

    sweep = Sweep(MADE, Store(tmp_path), listen=kill)
    sweep.load(loader(small))
    with open_executor(small, workers=1, threads=2) as executor:
        record = sweep.run(small, executor)
    assert killed
    assert outcome(sweep.store, record) == expected


def forked(process: psutil.Process) -> bool:
    """Return whether a process is a copy of its parent."""
    return process.cmdline() == psutil.Process(process.ppid()).cmdline()
