"""Inputs that several commands share: settings, output paths and signals."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from core import plan_text
from core.build_layers import layers_of
from core.config import presets
from core.config.experiment import Experiment
from core.data import cifar10, home, known
from core.errors import StoreError, not_written
from core.settings import SettingError
from core.training.control import Control
from tui import shutdown
from tui.cli import say


def experiment(
    config: Path | None, preset: str | None, changes: list[str], seed: int | None = None
) -> Experiment:
    """Return the experiment that the arguments describe.

    Raises:
        SettingError: if they contradict each other or a setting is invalid.
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
    if config is not None:
        try:
            layers_of(chosen)
        except SettingError as error:
            raise SettingError("", f"{config}: {error}") from None
    return chosen if seed is None else chosen.changed(seed=seed)


def print_stand_in(experiment: Experiment, data: Path | None) -> None:
    """Print a note on stderr if the data set `auto` falls back to the built-in shapes."""
    if experiment.dataset == known.AUTO and data is None and not cifar10.is_there(None):
        say.note(
            f"there is no CIFAR-10 in {home.data_folder()}: the built-in shapes stand in; "
            "`convsole data fetch` gets it"
        )


def print_unseen(experiment: Experiment) -> None:
    """Print on stderr which pixels a layer ignores because its windows do not tile its input.

    Raises:
        SettingError: if the architecture is invalid.
    """
    for row in layers_of(experiment)[1]:
        if hint := plan_text.unseen(row):
            say.note(f"layer {row.number} ({row.title}): {hint}")


def usable(folder: Path) -> None:
    """Create the output folder before the work starts.

    Raises:
        StoreError: if it cannot be created.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_written(folder, error) from None


def place_for(file: Path) -> None:
    """Refuse a file in a folder that does not exist, most likely because of a typing error.

    Raises:
        StoreError: if its folder does not exist or is not a folder.
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
    """Let Ctrl+C, SIGTERM and SIGHUP interrupt the work; yield the list of received signals.

    After a signal the process ends: by itself, or by force once everything is saved.
    """
    received: list[int] = []
    requests: SimpleQueue[bool] = SimpleQueue()
    over = threading.Event()

    def take(number: int, _: object) -> None:
        # This handler must not take a lock: another signal may interrupt it.
        received.append(number)
        control.stopping = control.interrupted = True
        requests.put(True)

    def wait() -> None:
        if requests.get():
            control.interrupt()
            if shutdown.enforced:
                shutdown.job_ended(over.wait, control, shutdown.DISK)
                shutdown.exit_after(shutdown.INTERRUPTED, shutdown.DISK)

    threading.Thread(target=wait, name="signals", daemon=True).start()
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, take) for number in numbers}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        over.set()
        requests.put(False)
