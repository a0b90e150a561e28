"""The architectures of the benchmark, each with its times and their bars."""

from collections.abc import Callable
from typing import ClassVar, Literal

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive

from core.benchmark.cases import CASES
from core.benchmark.results import CaseResult
from core.format import cut, first_fitting
from tui.benchmark import columns
from tui.benchmark import text as bench_text
from tui.benchmark.columns import MARK
from tui.widgets.row_list import CURSOR, DIM, RowList

Wish = Literal["choose", "all", "profile"]

COLOURS = {
    "ours": "$primary",
    "torch": "$warning",
    "best": "$warning 70%",
    "floor": "$foreground 50%",
}
"""Of the bars, which stand below the columns that say what they are."""


class BenchTable(RowList):
    """One architecture a row; where there is room, bars of its times below it.

    Args:
        wanted: called with what a person wants done with the architecture under the cursor.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "space,enter",
            "wish('choose')",
            "Choose",
            show=False,
            key_display="space",
            id="benchmark.choose",
            tooltip="Measure this architecture, or leave it out",
        ),
        Binding(
            "a",
            "wish('all')",
            "All",
            show=False,
            id="benchmark.all",
            tooltip="Choose all architectures, or only this one",
        ),
        Binding(
            "f",
            "wish('profile')",
            "Layers",
            id="benchmark.profile",
            tooltip="Time every layer of this architecture, forward and backward",
        ),
    ]

    found: reactive[dict[str, CaseResult]] = reactive(dict, init=False)
    """What has been measured, by architecture."""

    before: reactive[dict[str, CaseResult] | None] = reactive(None, init=False)
    """An earlier result that lies beside it."""

    chosen: reactive[tuple[str, ...]] = reactive((), init=False)
    """What is to be measured."""

    measuring: reactive[str] = reactive("", init=False)
    """The architecture that is being measured; empty where none is."""

    titles: reactive[tuple[str, ...]] = reactive(("Benchmark",), init=False)
    """What stands on the border, from the longest to the shortest."""

    busy: reactive[bool] = reactive(False, init=False)
    """Whether a job is running, so that nothing can be measured."""

    low: reactive[bool] = reactive(False, init=False)
    """Whether only the row under the cursor has room for bars."""

    def __init__(self, wanted: Callable[[Wish, str], None], id: str | None = None) -> None:
        super().__init__(id=id)
        self._wanted = wanted

    # What is shown

    @property
    def current(self) -> str:
        """The architecture under the cursor."""
        return CASES[self.cursor]

    def watch_found(self) -> None:
        """Draw them."""
        self.draw()

    def watch_before(self) -> None:
        """Draw with it, or without."""
        self.draw()

    def watch_chosen(self) -> None:
        """Draw the signs."""
        self.draw()

    def watch_measuring(self) -> None:
        """Draw the sign."""
        self.draw()

    def watch_low(self) -> None:
        """Draw more bars, or fewer."""
        self.draw()

    def watch_titles(self) -> None:
        """Write the title that fits."""
        self._write_border()

    def watch_busy(self) -> None:
        """Let the footer know."""
        self.refresh_bindings()

    def on_resize(self) -> None:
        """Write as much on the border as there is room for."""
        super().on_resize()
        self._write_border()

    def count(self) -> int:
        """Return the number of architectures."""
        return len(CASES)

    def line_of(self, item: int) -> int:
        """Return the line of an architecture; bars stand between."""
        return item + sum(self._has_bars(before) for before in range(item))

    def header(self, width: int) -> Content | None:
        """Return the headings."""
        return Content.styled(self._table(width).heading, "bold")

    def lines(self, width: int) -> list[Content]:
        """Return a line an architecture, and its bars where there is room."""
        lines = []
        table = self._table(width)
        for item, (name, text) in enumerate(zip(CASES, table.rows, strict=True)):
            here, chosen = item == self.cursor, name in self.chosen
            sign = "◔" if name == self.measuring else "✓" if chosen else " "
            text = f"{'▸' if here else ' '} {sign} {text[MARK:]:<{max(0, width - MARK)}}"
            style = CURSOR if here and self.has_focus else "" if name in self.found else DIM
            lines.append(Content.styled(text, style))
            if self._has_bars(item):
                bars = Content(" " * width)
                for key, start, bar in table.bars[item]:
                    piece = Content.styled(bar, COLOURS[key])
                    bars = Content.assemble(bars[:start], piece, bars[start + len(bar) :])
                lines.append(bars[:width])
        return lines

    def explanation(self) -> str:
        """Return two lines about the architecture."""
        about = bench_text.explanation(
            self.current, self.found.get(self.current), self.current in self.chosen
        )
        return "\n".join(first_fitting(self.size.width - 2, *forms) for forms in about)

    def _has_bars(self, item: int) -> bool:
        return CASES[item] in self.found and (not self.low or item == self.cursor)

    def _table(self, width: int) -> columns.Table:
        return columns.table(CASES, self.found, self.before, width)

    def _write_border(self) -> None:
        room = self.size.width - 4
        self.border_title = Content(cut(first_fitting(room, *self.titles), room))
        self.border_subtitle = Content(first_fitting(room, *bench_text.KEYS))

    # What the person does

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say which keys work now."""
        return not (parameters == ("profile",) and self.busy)

    def action_wish(self, wish: Wish) -> None:
        """Ask for something about the architecture under the cursor."""
        self._wanted(wish, self.current)
