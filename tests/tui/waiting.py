"""Helpers that wait for states of the app under test."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any

from textual.app import App, ScreenStackError
from textual.css.query import NoMatches
from textual.pilot import Pilot

from tui.frame.header import PaneHeader

TIMEOUT_S = 60.0
"""Timeout in seconds, long enough for a busy machine."""
LOOK = 0.01
"""Seconds between two checks."""


async def until(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    """Run the app until `condition` holds.

    A condition that queries a widget that does not exist yet counts as false.

    Raises:
        AssertionError: with the contents of the screen, if it does not hold in time.
    """
    end = monotonic() + TIMEOUT_S
    while not _holds(condition):
        if pilot.app._exception is not None:
            raise AssertionError("the app failed") from pilot.app._exception
        if monotonic() > end:
            raise AssertionError(f"it never came to that; there was\n{seen(pilot.app)}")
        await asyncio.sleep(LOOK)


def _holds(condition: Callable[[], object]) -> bool:
    try:
        return bool(condition())
    except NoMatches:
        return False


def shown(app: App[Any], name: str) -> bool:
    """Return whether a pane is visible; `app.pane` is set before the pane is created."""
    return bool(app.screen_stack[0].query_one(PaneHeader).current == name)


def screen_text(app: App[Any]) -> str:
    """Return the contents of the top screen, one line per row of the terminal."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def seen(app: App[Any]) -> str:
    """Return the contents of the screen and the focused widget, for messages of failed tests."""
    try:
        screen = app.screen
    except ScreenStackError:
        return "no screen: the app had ended"
    said = [f"notification: {notification.message}" for notification in app._notifications]
    stack = " > ".join(type(one).__name__ for one in app.screen_stack)
    return "\n".join([screen_text(app), f"screens: {stack}; focus: {screen.focused}", *said])
