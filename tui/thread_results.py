"""Delivery of a thread worker's result to the UI thread."""

from collections.abc import Callable
from typing import Any, ParamSpec

from textual.app import App
from textual.worker import get_current_worker

P = ParamSpec("P")


def deliver(app: App[Any], take: Callable[P, object], *args: P.args, **named: P.kwargs) -> None:
    """Call `take` on the UI thread, unless a newer worker has replaced the current one.

    Cancelling an exclusive thread worker does not stop its thread, which may finish after that of
    its replacement with a result that is out of date. The check runs on the UI thread, which also
    starts workers, so the answer cannot change before `take` is called.

    Args:
        app: the app to whose thread the call is delivered.
        take: the function to call.
        *args: its positional arguments.
        **named: its keyword arguments.
    """
    worker = get_current_worker()

    def take_if_current() -> None:
        if not worker.is_cancelled:
            take(*args, **named)

    app.call_from_thread(take_if_current)
