"""The import of what a training needs, once the first screen is there.

Before it, nobody waits for these modules; at the first training, somebody would.
"""

import threading
from contextlib import suppress
from importlib import import_module

ENGINE = "core.runs.session"
"""The module that imports all that a training needs."""


def start() -> None:
    """Import the engine on a thread of its own, and return at once."""
    thread = threading.Thread(target=import_module, args=(ENGINE,), name="warm-up", daemon=True)
    with suppress(RuntimeError):  # no thread to be had: the first training imports it
        thread.start()
