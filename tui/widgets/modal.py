"""A base class for modal screens."""

from textual.await_complete import AwaitComplete
from textual.events import Click
from textual.screen import Screen, ScreenResultType

from tui.keymap.keys import keys_of
from tui.keymap.press import press


class ClosesOnce(Screen[ScreenResultType]):
    """A screen that is dismissed only once. List it after ModalScreen, whose style has priority.

    Keys or clicks in quick succession are all meant for the screen on which they began. A second
    dismissal would close the screen below, and without a last screen the app ends.
    """

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close the screen with a result; do nothing if it is not the current one."""
        return super().dismiss(result) if self.is_current else AwaitComplete()

    def on_click(self, event: Click) -> None:
        """Leave the dialog, as its key does, after a click outside of it."""
        # Not `event.widget`, which is every widget that the event passes on its way out.
        if self.get_widget_at(*event.screen_offset)[0] is self:
            press(self.app, keys_of("close")[0])
