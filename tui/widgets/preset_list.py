"""The architectures and recipes to start from."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.markup import escape
from textual.reactive import reactive

from tui.widgets.row_list import CURSOR, RowList
from tui.widgets.wording import first_fitting


class PresetList(RowList):
    """Names with a few words each; moving the cursor chooses.

    Args:
        entries: name and description of each.
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
        entries: Sequence[tuple[str, str]],
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

    def enter(self, name: str, words: str) -> None:
        """Offer one more at the top, unless the name is there."""
        if name not in dict(self._entries):
            self._entries.insert(0, (name, words))
            self.draw()

    def watch_current(self) -> None:
        """Go where it stands."""
        names = [name for name, _ in self._entries]
        if self.current in names:
            self.cursor = names.index(self.current)
        self._tell()

    def watch_changed(self) -> None:
        """Say so."""
        self._tell()

    def _tell(self) -> None:
        state = self.current + (", changed" if self.changed else "")
        title = first_fitting(self.size.width - 4, f"Preset ─ {state}", state)
        self.border_title = escape(title)
        self.border_subtitle = f"{self.cursor + 1} of {len(self._entries)}"
        self.draw()

    def on_resize(self) -> None:
        """Write as much on the border as there is room for."""
        super().on_resize()
        self._tell()

    def count(self) -> int:
        """Return the number of presets."""
        return len(self._entries)

    def lines(self, width: int) -> list[Content]:
        """Return one line a preset, that which holds marked."""
        column = min(12, max(len(name) for name, _ in self._entries))
        lines = []
        for item, (name, words) in enumerate(self._entries):
            name = name if len(name) <= column else f"{name[: column - 1]}…"
            here = item == self.cursor
            mark = "▸" if here else " "
            text = f"{mark} {name:<{column}} "
            room = width - len(text)
            text += words if len(words) <= room else words.split("  ")[0][:room]
            style = "bold" if here else ""
            if here and self.has_focus:
                style = CURSOR
            lines.append(Content.styled(f"{text:<{width}}"[:width], style))
        return lines

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
