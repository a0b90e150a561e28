"""Opening the app, for which none of the other commands has to be imported."""

import sys
from pathlib import Path

from core.errors import NO_THREAD, UserError
from tui import exit_codes, limits, streams


class CannotOpenError(UserError):
    """The app cannot be opened here; the text says why, and what would be right."""

    def __init__(self, sentence: object, code: int = exit_codes.BAD_INPUT) -> None:
        super().__init__(sentence)
        self.code = code
        """The exit code of the program."""


def open_app(data: Path | None = None, threads: int | None = None, bell: bool = True) -> int:
    """Run the app in this terminal, and return its exit code.

    Args:
        data: folder or archive of the images; None for the data folder.
        threads: largest number of threads of a training; None for the cores.
        bell: whether the terminal may ring.

    Raises:
        CannotOpenError: if there is no terminal, the system has too few threads left, the file of
            keys cannot be used, or a library cannot be loaded.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CannotOpenError(
            "the app needs a terminal; `convsole --help` lists what works without one"
        )
    if limits.are_few():
        raise CannotOpenError(NO_THREAD, exit_codes.FAILED)
    streams.take_terminal()
    try:
        _use_keys()
        from tui.app import Convsole
        from tui.launch import run
    except (ImportError, MemoryError, OSError) as error:
        # Limits on memory or open files first take effect when libraries are loaded.
        raise CannotOpenError(
            f"cannot start: {limits.first_cause(error)}", exit_codes.FAILED
        ) from error
    return run(Convsole(data, threads, bell))


def _use_keys() -> None:
    """Let the keys of the user's file hold; panes take them when they are imported."""
    from tui.keymap import file, keys

    try:
        keys.use(file.read(file.place()))
    except file.KeysError as error:
        raise CannotOpenError(error) from error
