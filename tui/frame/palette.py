"""The command palette: everything that can be done, by name."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from textual import work
from textual.app import App, SystemCommand
from textual.command import CommandList, CommandPalette
from textual.css.query import NoMatches
from textual.screen import Screen

from tui.keymap.entries import entries
from tui.widgets.modal import ClosesOnce

_gather: Any = CommandPalette._gather_commands
"""Textual's search for matching commands, which runs in a worker while the user types."""


class Palette(CommandPalette, ClosesOnce[None]):
    """A command palette that works in a terminal of any size and can be closed at any time.

    The search for the last input may still run after the palette is closed and its list removed.
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
        """Disable paging in a list without visible rows, where Textual would raise an error."""
        if action == "command_list":
            lists = self.query(CommandList)  # none while the palette opens and closes
            return any(each.scrollable_content_region for each in lists)
        return super().check_action(action, parameters)


def commands(app: App[Any], screen: Screen[object]) -> Iterator[SystemCommand]:
    """Yield a command for every key that works where the focus is.

    Args:
        app: the app, which runs the actions.
        screen: the screen on which the palette opens.
    """
    for entry in entries(app, screen.active_bindings.values()):
        if not entry.movement and not entry.refused:
            action = partial(app.run_action, entry.action, entry.node)
            yield SystemCommand(f"{entry.title} ({entry.keys[0]})", entry.words, action)
