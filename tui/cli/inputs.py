"""What several commands are given: the experiment, and signals that end the work."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from core import plan_text
from core.build import layers_of
from core.config import presets
from core.config.experiment import Experiment
from core.data import cifar10, home
from core.errors import StoreError
from core.settings import SettingError
from core.training.control import Control
from tui import shutdown
from tui.cli import say


def experiment(
    config: Path | None, preset: str | None, changes: list[str], seed: int | None = None
) -> Experiment:
    """Return the experiment that the arguments describe.

    Raises:
        SettingError: if they contradict each other or a setting cannot be had.
    """
    if config is not None and preset is not None:
        raise SettingError("", "give a settings file or --preset, not both")
    chosen = (
        Experiment.read(config)
        if config
        else presets.load(presets.DEFAULT if preset is None else preset)
    )
    for change in changes:
        chosen = chosen.assign(change)
    return chosen if seed is None else chosen.changed(seed=seed)


def print_stand_in(experiment: Experiment, data: Path | None) -> None:
    """Say on stderr where the built-in shapes stand in for CIFAR-10, which nobody has named."""
    if experiment.dataset == "auto" and data is None and not cifar10.is_there(None):
        say.note(
            f"there is no CIFAR-10 in {home.data_folder()}: the built-in shapes stand in; "
            "`convsole data fetch` gets it"
        )


def print_unseen(experiment: Experiment) -> None:
    """Say on stderr which pixels a layer never looks at because its windows do not tile its input.

    Raises:
        SettingError: if the architecture is impossible.
    """
    for row in layers_of(experiment.architecture)[1]:
        if hint := plan_text.unseen(row):
            say.note(f"layer {row.number} ({row.title}): {hint}")


def usable(folder: Path) -> None:
    """Make `folder` before work is to be copied there.

    Raises:
        StoreError: if it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot write to {folder}: {error.strerror or error}") from None


def place_for(file: Path) -> None:
    """Refuse a file in a folder that is not there: most likely its name was mistyped.

    Raises:
        StoreError: with what is missing.
    """
    try:
        there = file.parent.exists()
    except OSError as error:
        raise StoreError(f"cannot write {file}: {error.strerror or error}") from None
    if not there:
        raise StoreError(f"cannot write {file}: the folder {file.parent} does not exist")
    if not file.parent.is_dir():
        raise StoreError(f"cannot write {file}: {file.parent} is no folder")


@contextmanager
def signals(control: Control) -> Iterator[list[int]]:
    """Let Ctrl+C, SIGTERM and SIGHUP interrupt the work; yields the signals that came.

    Once one has come, the process ends: by itself, or when nothing is left to be kept.
    """
    came: list[int] = []
    orders: SimpleQueue[bool] = SimpleQueue()
    over = threading.Event()

    def take(number: int, _: object) -> None:
        # Nothing that takes a lock: another signal may come in the midst of this.
        came.append(number)
        control.stopping = control.interrupted = True
        orders.put(True)

    def see() -> None:
        if orders.get():
            control.interrupt()
            if shutdown.enforced:
                shutdown.kept(over.wait, control, shutdown.DISK)
                shutdown.see_to_it(shutdown.INTERRUPTED, shutdown.DISK)

    threading.Thread(target=see, name="signals", daemon=True).start()
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    known = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, take) for number in known}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        over.set()
        orders.put(False)
