"""Exports of a pane or screen: on a thread, one at a time."""

from collections.abc import Callable

from textual import work
from textual.message_pump import MessagePump

from tui.messages import ExportDone

BEING_WRITTEN = "the files are being written"
"""Why nothing can be exported at the moment."""


class Exporting(MessagePump):
    """A widget or screen that writes files.

    List it before Textual's base class. It is no DOM node itself, because Textual takes the styles
    of a widget from the first base that is one.
    """

    _exporting = False

    @property
    def export_refusal(self) -> str:
        """Why nothing can be exported now; empty if something can."""
        return BEING_WRITTEN if self._exporting else ""

    def export(self, write: Callable[[], ExportDone]) -> None:
        """Write files on a thread, unless an export is already running; the app tells the result.

        Args:
            write: writes them; must not touch what belongs to the UI thread.
        """
        if not self._exporting:
            self._exporting = True
            self.app.refresh_bindings()
            self._write(write)

    @work(thread=True)
    def _write(self, write: Callable[[], ExportDone]) -> None:
        app, message = self.app, write()
        if not self.post_message(message):  # this one has been closed in the meantime
            app.post_message(message)

    def on_export_done(self, message: ExportDone) -> None:
        """Enable the export again."""
        self._exporting = False
        self.app.refresh_bindings()
