"""What a worker in a thread has found, given to the screen."""

from collections.abc import Callable
from typing import Any, ParamSpec

from textual.app import App
from textual.worker import get_current_worker

P = ParamSpec("P")


def deliver(app: App[Any], take: Callable[P, object], *args: P.args, **named: P.kwargs) -> None:
    """Call `take` on the thread of the screen, unless a newer worker has taken this one's place.

    An exclusive worker in a thread is cancelled in name only: it reads on, and may end after the
    one that replaced it. What it found is then of something that nobody asks for any more. Whether
    that is so is asked on the thread that starts workers, where it cannot change meanwhile.

    Args:
        app: whose thread it is.
        take: what is called.
        *args: what was found.
        **named: the same.
    """
    worker = get_current_worker()

    def newest() -> None:
        if not worker.is_cancelled:
            take(*args, **named)

    app.call_from_thread(newest)
