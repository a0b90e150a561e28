"""Matplotlib, imported whatever somebody has set up for it.

Its import reads a file of settings and some variables, and fails where they are not as they should
be: a backend that this environment does not have, such as the one that Jupyter names, a file that
is not text. So it is imported without them.
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
"""Read from the folder one stands in before any other."""


def load() -> None:
    """Import Matplotlib; leave it as an import by the caller would have, where that succeeds.

    A notebook may draw figures of its own, by its own settings; see `drawing` for ours.
    """
    if "matplotlib" in sys.modules:
        return
    with quiet():
        with _by_itself():
            import matplotlib as mpl
            import matplotlib.backends.backend_agg
            import matplotlib.figure
        with suppress(Exception), _variables({}, "MPLCONFIGDIR"):
            file = Path(mpl.matplotlib_fname())
            if file.is_file():  # a pipe would be waited for
                mpl.rcParams.update(mpl.rc_params_from_file(file, use_default_template=False))
        with suppress(ValueError):
            if backend := os.environ.get("MPLBACKEND"):
                mpl.rcParams["backend"] = backend


@contextmanager
def quiet() -> Iterator[None]:
    """Let Matplotlib say nothing about its caches and its fonts."""
    logger = logging.getLogger("matplotlib")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextmanager
def _by_itself() -> Iterator[None]:
    """Let an import of Matplotlib find its own settings alone."""
    found = find_spec("matplotlib")
    shipped = (
        Path(found.origin).parent / "mpl-data" / SETTINGS_FILE if found and found.origin else ""
    )
    exists, here = os.path.exists, threading.get_ident()

    def of_its_own(path: str) -> bool:
        # No variable keeps it from the folder one stands in.
        return not (path == SETTINGS_FILE and threading.get_ident() == here) and exists(path)

    changes = {"MATPLOTLIBRC": str(shipped), "MPLBACKEND": None, "FREETYPE_PROPERTIES": None}
    with _variables(changes, "MPLCONFIGDIR"):
        os.path.exists = of_its_own  # type: ignore[assignment]
        try:
            yield
        finally:
            os.path.exists = exists


@contextmanager
def _variables(changes: dict[str, str | None], *others: str) -> Iterator[None]:
    """Change variables of the environment, and put them, and `others`, back at the end."""
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
