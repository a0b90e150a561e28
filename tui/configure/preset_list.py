"""The list of presets."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.markup import escape
from textual.reactive import reactive

from core.format import cut, first_fitting
from tui.configure.keys import PRESET_KEYS
from tui.keymap.keys import fill
from tui.keymap.refusals import Refusing
from tui.widgets.row_list import CURSOR, RowList

LONGEST_NAME = 12
"""Largest number of characters shown of a name."""


class PresetList(Refusing, RowList):
    """Presets with their descriptions; moving the cursor loads the preset.

    Args:
        entries: name, short form of the architecture and length of the training of each.
        current: name of the current preset.
        choose: called with the name of the preset to load.
    """

    BINDINGS: ClassVar[list[BindingType]] = PRESET_KEYS

    current: reactive[str] = reactive("", init=False)
    """Name of the preset that the experiment is based on."""

    changed: reactive[bool] = reactive(False, init=False)
    """Whether the experiment differs from the preset."""

    def __init__(
        self,
        entries: Sequence[tuple[str, str, str]],
        current: str,
        choose: Callable[[str], None],
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._choose = choose
        self._entries = list(entries)
        self.set_reactive(PresetList.current, current)
        self.border_title = "Preset"

    def on_mount(self) -> None:
        """Move the cursor to the current preset."""
        self.watch_current()

    def enter(self, name: str, short: str, length: str) -> None:
        """Add an entry at the top, unless its name is already in the list."""
        if all(name != known for known, _, _ in self._entries):
            self._entries.insert(0, (name, short, length))
            self.draw()

    def watch_current(self) -> None:
        """Move the cursor to the current preset."""
        names = [name for name, _, _ in self._entries]
        if self.current in names:
            self.cursor = names.index(self.current)
        self._show_state()

    def watch_changed(self) -> None:
        """Show whether the preset is changed."""
        self._show_state()

    def _show_state(self) -> None:
        state = self.current + (", changed" if self.changed else "")
        title = first_fitting(self.size.width - 4, f"Preset ─ {state}", state)
        self.border_title = escape(title)
        self.border_subtitle = f"{self.cursor + 1} of {len(self._entries)}"
        self.draw()

    def on_resize(self) -> None:
        """Fit the title to the new width."""
        super().on_resize()
        self._show_state()

    def count(self) -> int:
        """Return the number of presets."""
        return len(self._entries)

    def lines(self, width: int) -> list[Content]:
        """Return one line per preset, with the current one marked."""
        lines = []
        for item, text in enumerate(self._texts(width)):
            here = item == self.cursor
            text = f"{'▸' if here else ' '}{text}"
            style = "bold" if here else ""
            if here and self.has_focus:
                style = CURSOR
            lines.append(Content.styled(f"{text:<{width}}"[:width], style))
        return lines

    def _texts(self, width: int) -> list[str]:
        """Return the text of each line after its mark, with as many columns as fit."""
        names = [cut(name, LONGEST_NAME) for name, _, _ in self._entries]
        shorts = [short for _, short, _ in self._entries]
        lengths = [length for _, _, length in self._entries]
        name = max(map(len, names))
        short = max(map(len, shorts))
        length = max(map(len, lengths))
        if 4 + name + short + length <= width:
            return [
                f" {n:<{name}} {s:<{short}} {u:>{length}}"
                for n, s, u in zip(names, shorts, lengths, strict=True)
            ]
        if 3 + name + short <= width:
            return [f" {n:<{name}} {s}" for n, s in zip(names, shorts, strict=True)]
        return [
            f"{cut(n, width - 2 - len(s))} {s:>{max(0, width - 2 - len(n))}}"
            for n, s in zip(names, shorts, strict=True)
        ]

    def explanation(self) -> str:
        """Return the effect of moving the cursor and of Enter."""
        name = self._entries[self.cursor][0]
        if self.changed:
            words = "changed by you: {open} loads it afresh, and {undo} takes anything back"
            return f"{name}, {fill(words)}"
        return name + fill(": up and down choose what to start from; {undo} takes it back")

    def refusal(self, action: str, parameters: tuple[object, ...]) -> str | None:
        """Return why there is nothing to load afresh."""
        loaded = self._entries[self.cursor][0] == self.current and not self.changed
        return f"{self.current} is loaded already" if action == "open" and loaded else ""

    def item_moved(self) -> None:
        """Load the preset under the cursor."""
        self.action_open()

    def action_open(self) -> None:
        """Load the preset under the cursor afresh."""
        self._choose(self._entries[self.cursor][0])
