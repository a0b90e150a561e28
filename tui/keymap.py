"""The key map: app-wide keys, the keys active at a time, and the command palette of them."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from textual import work
from textual.app import App, SystemCommand
from textual.binding import ActiveBinding, Binding, BindingType
from textual.command import CommandList, CommandPalette
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen

from tui.widgets.modal import ClosesOnce

PANE_KEYS: list[BindingType] = [
    Binding(
        "1",
        "show('configure')",
        "Configure",
        show=False,
        id="app.configure",
        tooltip="Set what will run: preset, settings, layers",
    ),
    Binding(
        "2", "show('train')", "Train", show=False, id="app.train", tooltip="Watch the training"
    ),
    Binding(
        "3",
        "show('gradients')",
        "Gradients",
        show=False,
        id="app.gradients",
        tooltip="Hold every gradient against an independent reference",
    ),
    Binding(
        "4",
        "show('benchmark')",
        "Benchmark",
        show=False,
        id="app.benchmark",
        tooltip="Measure the speed beside PyTorch, and see where the time goes",
    ),
    Binding(
        "5",
        "show('runs')",
        "Runs",
        show=False,
        id="app.runs",
        tooltip="Compare, resume and look up what was trained",
    ),
    Binding(
        "6",
        "show('reproduce')",
        "Reproduce",
        show=False,
        id="app.reproduce",
        tooltip="Run the published results again, and see which claims hold",
    ),
]

APP_KEYS: list[BindingType] = [
    Binding(
        "ctrl+t",
        "switch_theme",
        "Light or dark",
        show=False,
        id="app.theme",
        tooltip="Change between the dark and the light theme",
    ),
    Binding(
        "question_mark",
        "help",
        "Keys",
        key_display="?",
        id="app.help",
        tooltip="Show every key that works here",
    ),
    Binding("q", "quit", "Quit", id="app.quit", tooltip="Leave; asks first while something runs"),
    Binding(
        "ctrl+q",
        "quit",
        "Quit",
        show=False,
        priority=True,
        id="app.quit_anywhere",
        tooltip="Leave, even while typing",
    ),
]

TEXTUALS = {
    "app.focus_next": ("Next box", "Go to the next box"),
    "app.focus_previous": ("Previous box", "Go to the box before"),
    "scroll_up": ("Up", "Show what is further up"),
    "scroll_down": ("Down", "Show what is further down"),
    "command_palette": ("Everything", "Everything that can be done, by name"),
}
"""Titles and descriptions of those of Textual's own key bindings that help lists."""

MOVEMENTS = ("move", "cursor(", "page", "scroll", "app.focus", "command_palette")
"""Prefixes of actions that are useful as keys, but not as commands in the palette."""


@dataclass
class Entry:
    """An action with its keys, as help and the command palette list it."""

    node: DOMNode
    """The widget, screen or app that defines the binding."""
    action: str
    title: str
    words: str
    keys: list[str] = field(default_factory=list)

    @property
    def everywhere(self) -> bool:
        """Whether the action works independently of the focus."""
        return isinstance(self.node, App | Screen) and not isinstance(self.node, ModalScreen)

    @property
    def movement(self) -> bool:
        """Whether the action only moves the focus, a cursor or a view."""
        return self.action.startswith(MOVEMENTS)


def entries(app: App[Any], active: Iterable[ActiveBinding]) -> list[Entry]:
    """Return the available actions, those nearest to the focus first.

    Args:
        app: the app, which formats key names.
        active: the values of `Screen.active_bindings`.
    """
    found: dict[tuple[int, str], Entry] = {}
    for node, binding, _, tooltip in active:
        texts = _description(node, binding, tooltip)
        if texts is None:
            continue
        new = Entry(node, binding.action, *texts)
        entry = found.setdefault((id(node), binding.action), new)
        # In the footer, a binding may also display the key of another action.
        key = app.get_key_display(replace(binding, key_display=None))
        if key in entry.keys:
            continue
        if binding.priority:
            entry.keys.append(key)
        else:
            # A key shown in the footer is listed before one that also works while typing.
            entry.title, entry.words = texts
            entry.keys.insert(sum(len(other) == 1 for other in entry.keys), key)
    return list(found.values())


def _description(node: DOMNode, binding: Binding, tooltip: str) -> tuple[str, str] | None:
    if binding.action in TEXTUALS:
        return TEXTUALS[binding.action]
    # Only bindings of this app have an id; screens also inherit some of Textual's.
    if binding.system or not binding.id or not type(node).__module__.startswith("tui."):
        return None
    words = tooltip or binding.tooltip or binding.description
    return (binding.description, words) if words else None


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
        if not entry.movement:
            action = partial(app.run_action, entry.action, entry.node)
            yield SystemCommand(f"{entry.title} ({entry.keys[0]})", entry.words, action)
