"""Every key that works where the focus is."""

from collections.abc import Iterable
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static


class HelpScreen(ModalScreen[None]):
    """Lists active bindings, those nearest to the focus first, as their own words tell them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,enter", "dismiss", "Close", id="help.close"),
    ]

    def __init__(self, bindings: Iterable[ActiveBinding]) -> None:
        super().__init__()
        self._active = list(bindings)

    def compose(self) -> ComposeResult:
        """Lay out one scrolling table."""
        box = VerticalScroll(Static(self._table()), id="help")
        box.border_title = "Keys"
        box.border_subtitle = "Esc closes"
        yield box

    def _table(self) -> Table:
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), expand=True)
        table.add_column(justify="right", no_wrap=True)
        table.add_column()
        rows: dict[tuple[str, str], list[str]] = {}
        for active in self._active:
            binding = active.binding
            if binding.system or not binding.description:
                continue
            place = type(active.node).__name__
            words = active.tooltip or binding.tooltip or binding.description
            key = self.app.get_key_display(binding)
            rows.setdefault((place, words), []).append(key)
        for (_, words), keys in rows.items():
            table.add_row(Text(" ".join(dict.fromkeys(keys)), style="bold"), words)
        table.add_row(Text("^p", style="bold"), "Everything that can be done, by name")
        return table
