"""The actions that are possible where the focus is, with their keys, for help and the palette."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from textual.app import App
from textual.binding import ActiveBinding, Binding
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen

from tui.keymap import refusals
from tui.keymap.keys import fill, name
from tui.keymap.verbs import MOVES, VERBS

TEXTUALS = {
    "app.focus_next": ("Next box", "Go to the next box"),
    "app.focus_previous": ("Previous box", "Go to the box before"),
    "scroll_up": ("Up", "Show what is further up"),
    "scroll_down": ("Down", "Show what is further down"),
    "command_palette": ("Everything", "Everything that can be done, by name"),
}
"""Titles and descriptions of those of Textual's own key bindings that help lists."""


@dataclass
class Entry:
    """An action with its keys, as help and the command palette list it."""

    node: DOMNode
    """The widget, screen or app that defines the binding."""
    action: str
    title: str
    words: str
    refused: str
    """Why it is not possible now; empty if it is."""
    movement: bool
    """Whether it only moves the focus, a cursor or a view."""
    keys: list[str] = field(default_factory=list)

    @property
    def everywhere(self) -> bool:
        """Whether the action works independently of the focus."""
        return isinstance(self.node, App | Screen) and not isinstance(self.node, ModalScreen)


def entries(app: App[Any], active: Iterable[ActiveBinding]) -> list[Entry]:
    """Return the actions, those nearest to the focus first.

    Args:
        app: the app, whose keys for the same as a pane's are left out.
        active: the values of `Screen.active_bindings`.
    """
    found: dict[tuple[int, str], Entry] = {}
    for each in active:
        binding = each.binding
        texts = _texts(each.node, binding)
        if texts is None:
            continue
        refused = "" if each.enabled else refusals.reason(each)
        verb = VERBS.get(binding.id or "")
        movement = verb is None or verb.group == MOVES
        new = Entry(each.node, binding.action, *texts, refused, movement)
        entry = found.setdefault((id(each.node), binding.action), new)
        key = name(binding.key)
        if key not in entry.keys:
            entry.keys.append(key)
    return list(found.values())


def _texts(node: DOMNode, binding: Binding) -> tuple[str, str] | None:
    """Return title and description of a binding; None if it is not listed."""
    if binding.action in TEXTUALS:
        return TEXTUALS[binding.action]
    # Only bindings of this app have a verb as id; screens also inherit some of Textual's.
    if binding.system or binding.id not in VERBS or not type(node).__module__.startswith("tui."):
        return None
    return binding.description, fill(binding.tooltip)
