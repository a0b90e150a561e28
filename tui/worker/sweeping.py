"""The job of a study: the one place in which the app calls what runs it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from core.sweeps.snapshot import Live
from core.training.control import Control


@dataclass(frozen=True)
class SweepOrder:
    """What to run: a new study, or one of the store from where it stopped."""

    name: str
    definition: Mapping[str, Any] = field(default_factory=dict)
    """Of a new study, as plain values; empty for one of the store."""
    study: int | None = None
    """Number of the study in the store; None for a new one."""


def run(
    order: SweepOrder,
    data: Path | None,
    threads: int | None,
    control: Control,
    on_live: Callable[[Live], None],
) -> None:
    """Run a study until it is finished or stopped.

    Args:
        order: the study.
        data: a folder or archive of CIFAR-10; None searches the data folder.
        threads: threads for all workers together; None uses all cores.
        control: pauses and stops it.
        on_live: called with what its workers do, several times a second at the most.
    """
    # By name, so that this is the only line that knows the loop.
    loop = import_module("core.sweeps.run")
    loop.run(order, data, threads=threads, control=control, on_live=on_live)
