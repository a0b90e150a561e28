"""The screen of the panes."""

from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget


class MainScreen(Screen[object]):
    """A screen that is not painted anew as a whole whenever the focus moves."""

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
