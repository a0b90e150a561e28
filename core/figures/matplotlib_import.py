"""Import of Matplotlib that does not depend on the user's configuration.

Its import reads a configuration file and some environment variables, and fails if they are invalid:
a backend that this environment does not have, such as the one that Jupyter sets, or a file that is
not text. So it is imported without them.
"""

import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

SETTINGS_FILE = "matplotlibrc"
"""Matplotlib reads this file from the current folder before any other."""


def load() -> None:
    """Import Matplotlib, then apply the user's configuration as far as it is valid.

    A notebook that imports this package can draw its own figures with its own settings; those of
    this package are in `drawing`.
    """
    if "matplotlib" in sys.modules:
        return
    with quiet():
        with _isolated():
            import matplotlib as mpl
            import matplotlib.backends.backend_agg
            import matplotlib.figure
        with suppress(Exception), _variables({}, "MPLCONFIGDIR"):
            file = Path(mpl.matplotlib_fname())
            if file.is_file():  # reading a pipe would block
                mpl.rcParams.update(mpl.rc_params_from_file(file, use_default_template=False))
        with suppress(ValueError):
            if backend := os.environ.get("MPLBACKEND"):
                mpl.rcParams["backend"] = backend


@contextmanager
def quiet() -> Iterator[None]:
    """Suppress Matplotlib's messages about its caches and fonts."""
    logger = logging.getLogger("matplotlib")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextmanager
def _isolated() -> Iterator[None]:
    """Make an import of Matplotlib read only the configuration that ships with it."""
    spec = find_spec("matplotlib")
    shipped = Path(spec.origin).parent / "mpl-data" / SETTINGS_FILE if spec and spec.origin else ""
    exists, this_thread = os.path.exists, threading.get_ident()

    def exists_elsewhere(path: str) -> bool:
        # No environment variable stops Matplotlib from reading the file in the current folder.
        return not (path == SETTINGS_FILE and threading.get_ident() == this_thread) and exists(path)

    changes = {"MATPLOTLIBRC": str(shipped), "MPLBACKEND": None, "FREETYPE_PROPERTIES": None}
    with _variables(changes, "MPLCONFIGDIR"):
        os.path.exists = exists_elsewhere  # type: ignore[assignment]
        try:
            yield
        finally:
            os.path.exists = exists


@contextmanager
def _variables(changes: dict[str, str | None], *others: str) -> Iterator[None]:
    """Change environment variables, and restore them and `others` at the end."""
    before = {name: os.environ.get(name) for name in (*changes, *others)}
    _set(changes)
    try:
        yield
    finally:
        _set(before)


def _set(values: dict[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
