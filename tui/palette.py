"""What the command palette offers: every key that works where the focus is, and a little more."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import work
from textual.app import SystemCommand
from textual.command import CommandList, CommandPalette
from textual.css.query import NoMatches
from textual.screen import Screen

from tui.active_keys import entries
from tui.screens.closes_once import ClosesOnce

if TYPE_CHECKING:
    from tui.app import Convsole


_gather: Any = CommandPalette._gather_commands
"""What Textual does in a worker while somebody types."""


class Palette(CommandPalette, ClosesOnce[None]):
    """The command palette, in a terminal of any size, and closed at any moment.

    What was typed last may be looked for when the palette has been closed and its list is gone.
    """

    @work(exclusive=True, group=CommandPalette._GATHER_COMMANDS_GROUP)
    async def _gather_commands(self, search_value: str) -> None:
        with suppress(NoMatches):
            await _gather.__wrapped__(self, search_value)

    def _watch__list_visible(self) -> None:
        with suppress(NoMatches):
            super()._watch__list_visible()

    async def _watch__show_busy(self) -> None:
        with suppress(NoMatches):
            await super()._watch__show_busy()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say which keys work now: a list without room has no pages to move by, and would fail."""
        if action == "command_list":
            return bool(self.query_one(CommandList).scrollable_content_region)
        return super().check_action(action, parameters)


def commands(app: "Convsole", screen: Screen[object]) -> Iterator[SystemCommand]:
    """Yield the commands.

    Args:
        app: does the work.
        screen: on which the palette opens.
    """
    keys = [entry for entry in entries(app, screen.active_bindings.values()) if not entry.movement]
    for entry in keys:
        action = partial(app.run_action, entry.action, entry.node)
        yield SystemCommand(f"{entry.title} ({entry.keys[0]})", entry.words, action)
    if app.pane != "gradients":  # where it is a key
        yield SystemCommand(
            "Check gradients",
            "Hold every gradient of what Configure shows against a reference",
            app.check_gradients,
        )
    yield SystemCommand("Fetch CIFAR-10", "Download it into the data folder", app.fetch)
    yield SystemCommand("Theme", "Choose among all colour themes", app.action_change_theme)
