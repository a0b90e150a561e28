"""Waiting until the app is idle.

After each key, Textual waits until the whole process is idle, at least 40 ms, and two seconds if a
training runs in it. Tests only need the screen to be up to date: all messages, including those that
they cause, are processed, and all changes are laid out and painted. This can be determined without
any delay.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from textual._context import active_app
from textual.app import App, ScreenStackError
from textual.screen import Screen

ROUNDS = 100
"""Number of paints after which an animation counts as endless."""


async def wait_for_idle(min_sleep: float = 0, max_sleep: float = 0) -> None:
    """Wait until the app is idle; replaces the function of `textual._wait`."""
    app = active_app.get()
    for _ in range(ROUNDS):
        await _wait_for_rest()
        if app._resize_event is not None:  # consecutive resizes are combined
            app._check_resize()
            continue
        screen = _screen(app)
        if screen is None or not _unpainted(screen):
            return
        screen._on_timer_update()


async def _wait_for_rest() -> None:
    """Wait until the event loop has no ready callbacks in two consecutive iterations."""
    loop: Any = asyncio.get_running_loop()
    looks = 0
    while looks < 2:
        await asyncio.sleep(0)
        looks = 0 if loop._ready else looks + 1


def _screen(app: App[Any]) -> Screen[Any] | None:
    try:
        return app.screen if app.is_running and not app._batch_count else None
    except ScreenStackError:  # the app is exiting
        return None


def _unpainted(screen: Screen[Any]) -> bool:
    return bool(
        screen._layout_required
        or screen._scroll_required
        or screen._repaint_required
        or screen._recompose_required
        or screen._dirty_widgets
        or screen._callbacks
    )


def install(replace: Callable[[str, object], None]) -> None:
    """Install `wait_for_idle` in the app and the pilot by `replace(target, value)`."""
    for module in ("app", "pilot"):
        replace(f"textual.{module}.wait_for_idle", wait_for_idle)
