"""Delivery of a thread worker's result to the UI thread."""

from collections.abc import Callable
from typing import Any, ParamSpec

from textual.app import App
from textual.dom import DOMNode
from textual.worker import get_current_worker

P = ParamSpec("P")


def deliver(app: App[Any], take: Callable[P, object], *args: P.args, **named: P.kwargs) -> None:
    """Call `take` on the UI thread, unless nobody waits for the result any more.

    Cancelling an exclusive thread worker does not stop its thread, which may finish after that of
    its replacement with a result that is out of date. A screen that is being closed loses its
    widgets from the inside out, and its workers last of all. The checks run on the UI thread, which
    also starts workers and closes screens, so the answer cannot change before `take` is called.

    Args:
        app: the app to whose thread the call is delivered.
        take: the function to call.
        *args: its positional arguments.
        **named: its keyword arguments.
    """
    worker = get_current_worker()

    def take_if_current() -> None:
        if not worker.is_cancelled and _stands(app, worker.node):
            take(*args, **named)

    app.call_from_thread(take_if_current)


def _stands(app: App[Any], node: DOMNode) -> bool:
    """Return whether a node has all its widgets: neither its screen nor the app is being closed."""
    return app.is_running and (node is app or node.screen.display)
