"""The job of a study: the one place in which the app calls what runs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

    from core.data.dataset import Dataset
    from core.sweeps.analysis.snapshot import Live
    from core.sweeps.execution.progress import Progress
    from core.training.control import Control

IDLE = "idle"
"""What a worker does that waits, as the loop tells it."""

READS, STARTS_WORKERS = "starts: reads the images", "starts: waits for workers"
"""What a study does before it trains."""

EXTRA = ("dask", "distributed", "optuna")
"""Packages that only studies need."""


@dataclass(frozen=True)
class SweepOrder:
    """The study to run: a new one, or one of the store from where it stopped."""

    name: str
    definition: Mapping[str, Any]
    """As plain values, its name among them."""


def run(
    order: SweepOrder,
    data: Path | None,
    threads: int | None,
    control: Control,
    on_live: Callable[[Live], None],
    load: Callable[[str, Path | None, int], Dataset],
) -> None:
    """Run a study until it is finished or stopped.

    Args:
        order: the study.
        data: a folder or archive of CIFAR-10; None searches the data folder.
        threads: number of cores to use; None takes all.
        control: pauses and stops it.
        on_live: called with what it does before it trains, and what its workers do after every
            step.
        load: reads the images: name of the data set, where it is, number of validation images.

    Raises:
        UserError: if it cannot be run, or a package that it needs is missing.
        SettingError: if the study is invalid.
        DataError: if the images cannot be read.
        StoreError: if it cannot be saved.
    """
    try:
        from core.sweeps.analysis.snapshot import Live
        from core.sweeps.definition.study import Study
        from core.sweeps.execution.executors import open_executor
        from core.sweeps.execution.run import Sweep

        sweep = Sweep(
            Study.of(dict(order.definition)),
            data=data,
            control=control,
            listen=lambda progress: on_live(live(progress)),
        )
        with sweep:
            on_live(Live(starting=READS))
            dataset = sweep.load(load)
            on_live(Live(starting=STARTS_WORKERS))
            with open_executor(dataset, cores=threads) as executor:
                sweep.run(dataset, executor)
    except ModuleNotFoundError as error:
        if error.name not in EXTRA:
            raise
        raise UserError(
            f"a study needs {error.name}, which is not installed; "
            "install it by: pip install 'convsole[sweep]'"
        ) from None


def live(progress: Progress) -> Live:
    """Return what the progress of a study says of the workers."""
    from core.sweeps.analysis.snapshot import Live, WorkerRow

    workers = tuple(
        WorkerRow(each.worker, each.host, "" if each.doing == IDLE else each.doing)
        for each in progress.workers
    )
    return Live(workers, progress.images_per_second, progress.to_go)
