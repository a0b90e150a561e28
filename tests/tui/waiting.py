"""Waiting for what the app comes to, in tests that drive it."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any

from textual.app import App, ScreenStackError
from textual.css.query import NoMatches
from textual.pilot import Pilot

from tui.frame.header import PaneHeader

TIMEOUT_S = 60.0
"""Seconds, for a machine on which much else runs."""
LOOK = 0.01
"""Seconds from one look to the next."""


async def until(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    """Let the app work until `condition` holds; the worker's own pace decides when that is.

    What asks for a widget that is not there yet does not hold yet.

    Raises:
        AssertionError: with what is on the screen, if it does not hold in time.
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
    """Tell whether a pane is on the screen: `app.pane` names it before it has been made."""
    return bool(app.screen_stack[0].query_one(PaneHeader).current == name)


def screen_text(app: App[Any]) -> str:
    """Return what is on the screen on top, a line a row of the terminal."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def seen(app: App[Any]) -> str:
    """Return what a person would see, and what has the focus: for a test that fails."""
    try:
        screen = app.screen
    except ScreenStackError:
        return "no screen: the app had ended"
    said = [f"notification: {notification.message}" for notification in app._notifications]
    stack = " > ".join(type(one).__name__ for one in app.screen_stack)
    return "\n".join([screen_text(app), f"screens: {stack}; focus: {screen.focused}", *said])
