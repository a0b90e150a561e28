"""The footer: the keys that work, and what each does."""

from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content
from textual.events import Leave, MouseDown, MouseMove
from textual.reactive import reactive
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from tui.keymap.keys import fill
from tui.keymap.press import press

SAID = 5.0
"""Seconds for which the footer says why a key did nothing."""

ARROWS = {"←": "left", "→": "right", "↑": "up", "↓": "down"}
"""Keys by their displays, for one that is displayed with its opposite, as `← →`."""


@dataclass(frozen=True)
class ShownKey:
    """A key in the footer."""

    key: str
    """As in bindings, such as `question_mark`."""
    display: str
    """For display, such as `?`."""
    words: str
    """What it does, in a word or two."""
    tooltip: str
    """What it does, in a sentence."""

    def width(self, compact: bool) -> int:
        """Return the width in columns."""
        return cell_len(self.display) + cell_len(self.words) + (2 if compact else 3)


@dataclass(frozen=True)
class Place:
    """Where a key is drawn."""

    key: ShownKey
    start: int
    """First column."""
    end: int
    """Column after the last."""

    def pressed(self, column: int) -> str:
        """Return the key that a click in a column presses."""
        lead = self.end - self.start - self.key.width(compact=True)
        under = self.key.display[column - self.start - lead :][:1]
        return ARROWS.get(under, self.key.key)


def arrange(keys: tuple[ShownKey, ...], width: int) -> tuple[Place, ...]:
    """Return the place of each key: close together where they do not all fit in `width` columns.

    Keys at the end that do not fit even so have none.
    """
    compact = sum(key.width(compact=False) for key in keys) > width
    places, start = [], 0
    for key in keys:
        end = start + key.width(compact)
        # The blank behind the last key may be cut off.
        if end - 1 > width:
            break
        places.append(Place(key, start, end))
        start = end
    return tuple(places)


class KeyFooter(Widget):
    """Draws the keys of what has the focus and those of the app in one line; a click presses one.

    While a dialog is open these are the keys of the dialog.

    The footer of Textual mounts a widget for each key whenever a binding changes. That took a third
    of the time of every change of the focus, and some frames after it.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"key-footer--key", "key-footer--words", "key-footer--hover"}

    keys: reactive[tuple[ShownKey, ...]] = reactive(())
    """The keys, in order."""
    hovered: reactive[ShownKey | None] = reactive(None)
    """The key under the pointer."""
    refused: reactive[str] = reactive("")
    """Why the last key did nothing, shown instead of the keys; empty if it did something."""

    @property
    def places(self) -> tuple[Place, ...]:
        """The keys that are drawn, and where."""
        return arrange(self.keys, self.size.width)

    def on_mount(self) -> None:
        """Follow the bindings of the screen, and of every dialog above it."""
        self.screen.bindings_updated_signal.subscribe(self, self._follow)
        self.app.screen_change_signal.subscribe(self, self._change)
        self._back: Timer | None = None

    def _change(self, screen: Screen[object]) -> None:
        screen.bindings_updated_signal.subscribe(self, self._follow)
        self._follow(screen)

    def _follow(self, screen: Screen[object]) -> None:
        # While the terminal has no focus nothing has, and the keys would change for that alone.
        if self.app.app_focus and self.is_attached and screen is self.app.screen:
            self.look()

    def watch_refused(self) -> None:
        """Show the keys again after a while."""
        if self._back is not None:
            self._back.stop()
        self._back = self.set_timer(SAID, self._forget) if self.refused else None
        self.watch_keys()

    def _forget(self) -> None:
        self.refused = ""

    def watch_keys(self) -> None:
        """Have the dialogs above painted again: each keeps a picture of what lies below it."""
        stack = self.app.screen_stack
        if self.screen in stack:
            for dialog in stack[stack.index(self.screen) + 1 :]:
                dialog.refresh()

    def look(self) -> None:
        """Show the keys that work now."""
        shown: dict[str, ShownKey] = {}
        for active in self.app.screen.active_bindings.values():
            binding = active.binding
            if binding.show and active.enabled and binding.action not in shown:
                display = self.app.get_key_display(binding)
                shown[binding.action] = ShownKey(
                    binding.key, display, binding.description, fill(binding.tooltip)
                )
        self.keys = tuple(shown.values())

    def render(self) -> Content:
        """Draw the keys."""
        key, words, hover = (
            self.get_visual_style(f"key-footer--{part}") for part in ("key", "words", "hover")
        )
        if self.refused:
            text = Content.assemble((" ✗ ", key), (self.refused, words))
            return text.truncate(self.size.width, ellipsis=True)
        line = Content()
        for place in self.places:
            shown = place.key
            before = " " * (place.end - place.start - shown.width(compact=True))
            piece = Content.assemble((f"{before}{shown.display}", key), (f" {shown.words} ", words))
            line += piece.stylize(hover) if shown == self.hovered else piece
        return line

    def on_mouse_move(self, event: MouseMove) -> None:
        """Mark the key under the pointer, and show its tooltip."""
        place = self._place_at(event.x)
        self.hovered = place.key if place else None
        self.tooltip = self.hovered.tooltip if self.hovered else None

    def on_leave(self, event: Leave) -> None:
        """Mark no key."""
        self.hovered = None

    def on_mouse_down(self, event: MouseDown) -> None:
        """Press the key under the pointer."""
        place = self._place_at(event.x)
        if place is not None:
            press(self.app, place.pressed(event.x))

    def _place_at(self, column: int) -> Place | None:
        return next((each for each in self.places if each.start <= column < each.end), None)
