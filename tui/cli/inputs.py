"""Inputs that several commands share: settings, output paths and signals."""

import errno
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

from core import plan_text
from core.build_layers import layers_of
from core.config import presets
from core.config.experiment import Experiment
from core.data import cifar10, home, known
from core.errors import StoreError, not_written
from core.settings import SettingError
from core.training.control import Control
from core.validation import CheckedSettings
from tui import exit_codes, shutdown
from tui.cli import say

Given = TypeVar("Given", bound=CheckedSettings)


def check_choice(best: bool, updates: int | None) -> None:
    """Refuse to take two checkpoints at once.

    Args:
        best: whether `--best` is given.
        updates: the number of updates that is given by `--checkpoint`.

    Raises:
        SettingError: if both are given.
    """
    if best and updates is not None:
        raise SettingError("", "take --best or --checkpoint, not both")


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
    try:
        chosen = chosen.assign(*changes)
    except SettingError as error:
        if not error.reason.endswith("no such setting"):
            raise
        raise SettingError(error.field, f"{error.reason}; see `convsole settings`") from None
    if config is not None:
        try:
            layers_of(chosen)
        except SettingError as error:
            raise SettingError("", f"{config}: {error}") from None
    with by_option():
        return chosen if seed is None else chosen.changed(seed=seed)


def settings(kind: type[Given], spelled: Mapping[str, str] | None = None, **given: object) -> Given:
    """Return settings from the values of options, of which those not given are None.

    `spelled` has the options whose names differ from those of their settings.

    Raises:
        SettingError: if a value is invalid; it names the option.
    """
    with by_option(spelled):
        return kind.of({name: value for name, value in given.items() if value is not None})


@contextmanager
def by_option(spelled: Mapping[str, str] | None = None) -> Iterator[None]:
    """Name the option instead of the setting in errors about its value."""
    try:
        yield
    except SettingError as error:
        option = f"--{error.field.replace('_', '-')}" if error.field else ""
        raise SettingError((spelled or {}).get(error.field, option), error.reason) from None


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
        StoreError: if it cannot be created or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_written(folder, error) from None
    _writable(folder)


def place_for(file: Path) -> None:
    """Refuse a file that cannot be written, before the work starts.

    A folder that does not exist is not created: most likely it is a typing error.

    Raises:
        StoreError: if its folder does not exist, is not a folder, or may not be written to.
    """
    try:
        there, written = file.parent.exists(), file.exists()
    except OSError as error:
        raise StoreError(f"cannot write {file}: {error.strerror or error}") from None
    if not there:
        raise StoreError(f"cannot write {file}: the folder {file.parent} does not exist")
    if not file.parent.is_dir():
        raise StoreError(f"cannot write {file}: {file.parent} is no folder")
    _writable(file if written else file.parent)


def _writable(place: Path) -> None:
    if not os.access(place, os.W_OK):
        raise not_written(place, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))


class Received(list[int]):
    """The signals that were received."""

    _raise = False

    @contextmanager
    def raising(self) -> Iterator[None]:
        """Have a signal raise a `KeyboardInterrupt` within the context.

        It is for what waits for others and knows nothing of the control, and may be given up
        anywhere.
        """
        self._raise = True
        try:
            self.raise_once()
            yield
        finally:
            self._raise = False

    def raise_once(self) -> None:
        """Raise a `KeyboardInterrupt` if a signal was received that is to raise one."""
        if self and self._raise:
            self._raise = False  # what cleans up is not interrupted
            raise KeyboardInterrupt


@contextmanager
def signals(control: Control) -> Iterator[Received]:
    """Let Ctrl+C, SIGTERM and SIGHUP interrupt the work; yield the list of received signals.

    After a signal the process ends: by itself, or by force once everything is saved.
    """
    received = Received()
    requests: SimpleQueue[bool] = SimpleQueue()
    over = threading.Event()

    def take(number: int, _: object) -> None:
        # This handler must not take a lock: another signal may interrupt it.
        received.append(number)
        control.stopping = control.interrupted = True
        requests.put(True)
        received.raise_once()

    def wait() -> None:
        if requests.get():
            control.interrupt()
            if shutdown.enforced:
                shutdown.job_ended(over.wait, control, shutdown.DISK)
                shutdown.exit_after(exit_codes.INTERRUPTED, shutdown.DISK)

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
