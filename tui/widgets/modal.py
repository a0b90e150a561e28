"""A screen above the panes is closed by one key, however many are pressed."""

from textual.await_complete import AwaitComplete
from textual.screen import Screen, ScreenResultType


class ClosesOnce(Screen[ScreenResultType]):
    """A screen that is closed once; to be named behind ModalScreen, whose style comes first.

    Keys, and clicks, that come together are all meant for the screen that was there. To close it
    again would take away the one below, and the last one of all ends the app.
    """

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close the screen with an answer; do nothing where it is not on top, or no more."""
        return super().dismiss(result) if self.is_current else AwaitComplete()
