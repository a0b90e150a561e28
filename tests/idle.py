"""When a test may look at the app.

Textual waits after each key until the whole process rests, 40 ms at least and two seconds where a
training runs in it. What a test waits for is the screen: that every message has been taken, also
those that come of it, and that what they changed is laid out and painted. That can be known, and
needs no time to pass.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from textual._context import active_app
from textual.app import App, ScreenStackError
from textual.screen import Screen

ROUNDS = 100
"""Paints after which it is taken for an animation that never ends."""


async def wait_for_idle(min_sleep: float = 0, max_sleep: float = 0) -> None:
    """Wait until the app has nothing to do but wait; stands in for `textual._wait`'s."""
    app = active_app.get()
    for _ in range(ROUNDS):
        await _wait_for_rest()
        if app._resize_event is not None:  # sizes that follow upon each other are taken together
            app._check_resize()
            continue
        screen = _screen(app)
        if screen is None or not _unpainted(screen):
            return
        screen._on_timer_update()


async def _wait_for_rest() -> None:
    """Wait until the event loop, looked at twice, has nothing to do before a timer or a thread."""
    loop: Any = asyncio.get_running_loop()
    looks = 0
    while looks < 2:
        await asyncio.sleep(0)
        looks = 0 if loop._ready else looks + 1


def _screen(app: App[Any]) -> Screen[Any] | None:
    try:
        return app.screen if app.is_running and not app._batch_count else None
    except ScreenStackError:  # it is leaving
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
    """Let the app and the pilot wait for the screen alone, by means of `replace(place, value)`."""
    for module in ("app", "pilot"):
        replace(f"textual.{module}.wait_for_idle", wait_for_idle)
