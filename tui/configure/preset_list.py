"""The architectures and recipes to start from."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.markup import escape
from textual.reactive import reactive

from core.format import cut, first_fitting
from tui.widgets.row_list import CURSOR, RowList

LONGEST_NAME = 12
"""Characters of a name that are shown."""


class PresetList(RowList):
    """Names with a few words each; moving the cursor chooses.

    Args:
        entries: of each its name, its architecture in short and how long it trains.
        current: the one that holds.
        choose: called with the name that a person wants.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "open",
            "Load",
            id="configure.load_preset",
            tooltip="Load this preset afresh; u brings back what it replaces",
        ),
    ]

    current: reactive[str] = reactive("", init=False)
    """Name of the preset that what will run started from."""

    changed: reactive[bool] = reactive(False, init=False)
    """Whether what will run differs from the preset by now."""

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
        """Start at the current preset."""
        self.watch_current()

    def enter(self, name: str, short: str, length: str) -> None:
        """Offer one more at the top, unless the name is there."""
        if all(name != known for known, _, _ in self._entries):
            self._entries.insert(0, (name, short, length))
            self.draw()

    def watch_current(self) -> None:
        """Go where it stands."""
        names = [name for name, _, _ in self._entries]
        if self.current in names:
            self.cursor = names.index(self.current)
        self._show_state()

    def watch_changed(self) -> None:
        """Say so."""
        self._show_state()

    def _show_state(self) -> None:
        state = self.current + (", changed" if self.changed else "")
        title = first_fitting(self.size.width - 4, f"Preset ─ {state}", state)
        self.border_title = escape(title)
        self.border_subtitle = f"{self.cursor + 1} of {len(self._entries)}"
        self.draw()

    def on_resize(self) -> None:
        """Write as much on the border as there is room for."""
        super().on_resize()
        self._show_state()

    def count(self) -> int:
        """Return the number of presets."""
        return len(self._entries)

    def lines(self, width: int) -> list[Content]:
        """Return one line a preset, that which holds marked."""
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
        """Return what each line says behind its mark: as many columns as there is room for."""
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
        """Return what choosing does."""
        name = self._entries[self.cursor][0]
        if self.changed:
            return f"{name}, changed by you: Enter loads it afresh, and u takes anything back"
        return f"{name}: up and down choose what to start from; u takes it back"

    def item_moved(self) -> None:
        """Choose what the cursor stands on."""
        self.action_open()

    def action_open(self) -> None:
        """Choose it."""
        self._choose(self._entries[self.cursor][0])
