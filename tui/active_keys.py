"""The keys that work at the moment, each once, as help and the command palette tell them."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from textual.app import App
from textual.binding import ActiveBinding, Binding
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen

TEXTUALS = {
    "app.focus_next": ("Next box", "Go to the next box"),
    "app.focus_previous": ("Previous box", "Go to the box before"),
    "scroll_up": ("Up", "Show what is further up"),
    "scroll_down": ("Down", "Show what is further down"),
    "command_palette": ("Everything", "Everything that can be done, by name"),
}
"""Titles and words for keys of Textual that matter here; it has others, which do not."""

MOVEMENTS = ("move", "page", "scroll", "app.focus", "command_palette")
"""Beginnings of actions that make sense as keys alone."""


@dataclass
class Entry:
    """One thing that can be done by key."""

    node: DOMNode
    """Where the key belongs."""
    action: str
    title: str
    words: str
    keys: list[str] = field(default_factory=list)

    @property
    def everywhere(self) -> bool:
        """Whether it works wherever the focus is."""
        return isinstance(self.node, App | Screen) and not isinstance(self.node, ModalScreen)

    @property
    def movement(self) -> bool:
        """Whether it only moves something."""
        return self.action.startswith(MOVEMENTS)


def entries(app: App[Any], active: Iterable[ActiveBinding]) -> list[Entry]:
    """Return what can be done, nearest to the focus first.

    Args:
        app: knows how its keys are written.
        active: bindings as `Screen.active_bindings` holds them.
    """
    found: dict[tuple[int, str], Entry] = {}
    for node, binding, _, tooltip in active:
        told = _told(node, binding, tooltip)
        if told is None:
            continue
        entry = found.setdefault((id(node), binding.action), Entry(node, binding.action, *told))
        # The footer may show the key of another action beside it; here each has its own.
        key = app.get_key_display(replace(binding, key_display=None))
        if key in entry.keys:
            continue
        if binding.priority:
            entry.keys.append(key)
        else:
            # A key that the footer shows tells more than one that works while typing too.
            entry.title, entry.words = told
            entry.keys.insert(sum(len(other) == 1 for other in entry.keys), key)
    return list(found.values())


def _told(node: DOMNode, binding: Binding, tooltip: str) -> tuple[str, str] | None:
    if binding.action in TEXTUALS:
        return TEXTUALS[binding.action]
    # Ours have a name; a screen also has Textual's, to copy text.
    if binding.system or not binding.id or not type(node).__module__.startswith("tui."):
        return None
    words = tooltip or binding.tooltip or binding.description
    return (binding.description, words) if words else None
