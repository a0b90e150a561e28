"""The table of the benchmark: one architecture per row, with its times as numbers and bars."""

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

Request = Literal["choose", "all", "profile"]

COLOURS = {
    "ours": "$primary",
    "torch": "$warning",
    "best": "$warning 70%",
    "floor": "$foreground 50%",
}
"""Colours of the bars by column."""


class BenchTable(RowList):
    """One architecture per row, with bars of its times below it where they fit.

    Args:
        on_request: called with an action on the architecture under the cursor.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "space,enter",
            "request('choose')",
            "Choose",
            show=False,
            key_display="space",
            id="benchmark.choose",
            tooltip="Measure this architecture, or leave it out",
        ),
        Binding(
            "a",
            "request('all')",
            "All",
            show=False,
            id="benchmark.all",
            tooltip="Choose all architectures, or only this one",
        ),
        Binding(
            "f",
            "request('profile')",
            "Layers",
            id="benchmark.profile",
            tooltip="Time every layer of this architecture, forward and backward",
        ),
    ]

    found: reactive[dict[str, CaseResult]] = reactive(dict, init=False)
    """The results so far, by architecture."""

    before: reactive[dict[str, CaseResult] | None] = reactive(None, init=False)
    """The earlier results to compare with; None for none."""

    chosen: reactive[tuple[str, ...]] = reactive((), init=False)
    """The architectures selected for the next benchmark."""

    measuring: reactive[str] = reactive("", init=False)
    """The architecture being measured; empty for none."""

    titles: reactive[tuple[str, ...]] = reactive(("Benchmark",), init=False)
    """Forms of the border title, from the longest to the shortest."""

    busy: reactive[bool] = reactive(False, init=False)
    """Whether a job is running, so that nothing can be measured."""

    low: reactive[bool] = reactive(False, init=False)
    """Whether only the row under the cursor shows bars."""

    def __init__(self, on_request: Callable[[Request, str], None], id: str | None = None) -> None:
        super().__init__(id=id)
        self._request = on_request

    # Display

    @property
    def current(self) -> str:
        """The architecture under the cursor."""
        return CASES[self.cursor]

    def watch_found(self) -> None:
        """Redraw the table."""
        self.draw()

    def watch_before(self) -> None:
        """Redraw the table with or without the comparison."""
        self.draw()

    def watch_chosen(self) -> None:
        """Redraw the selection marks."""
        self.draw()

    def watch_measuring(self) -> None:
        """Redraw the mark of the architecture being measured."""
        self.draw()

    def watch_low(self) -> None:
        """Redraw the bars."""
        self.draw()

    def watch_titles(self) -> None:
        """Show the longest title that fits."""
        self._write_border()

    def watch_busy(self) -> None:
        """Update the keys in the footer."""
        self.refresh_bindings()

    def on_resize(self) -> None:
        """Fit the texts on the border to the new width."""
        super().on_resize()
        self._write_border()

    def count(self) -> int:
        """Return the number of architectures."""
        return len(CASES)

    def line_of(self, item: int) -> int:
        """Return the line of an architecture, counting the bars before it."""
        return item + sum(self._has_bars(before) for before in range(item))

    def header(self, width: int) -> Content | None:
        """Return the headings."""
        return Content.styled(self._table(width).heading, "bold")

    def lines(self, width: int) -> list[Content]:
        """Return one line per architecture, followed by its bars where they fit."""
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

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action is available now."""
        return not (parameters == ("profile",) and self.busy)

    def action_request(self, request: Request) -> None:
        """Request an action on the architecture under the cursor."""
        self._request(request, self.current)
