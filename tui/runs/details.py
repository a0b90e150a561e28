"""The details of one run, or the differences between several."""

from collections.abc import Sequence
from datetime import datetime

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from core import format as fmt
from core.config import presets
from core.format import cut
from core.runs import compare, moves
from core.runs.compare import EDITS, Compared
from core.runs.records import Event, Run, RunState, accuracies_text
from core.training import edit_text
from tui.keymap.keys import fill
from tui.widgets import signs
from tui.widgets.digits import DIGITS, colours

NOTHING = "No run yet. {start} starts what Configure shows; every training is saved here."


SAME = "Their settings are the same."

NAME = 14
"""Largest number of characters of a name in the comparison."""

COLUMN = 24
"""Largest number of characters of a value in a column; a longer one has lines of its own."""

GAP = 2
"""Blank columns between two columns of a table."""


class RunDetails(VerticalScroll, can_focus=False):
    """Facts about one run, or a table of the settings in which several differ."""

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        yield Static()

    def show_nothing(self, filtered: bool) -> None:
        """Show that there is no run."""
        self.border_title = "Details"
        self.query_one(Static).update(
            fill("No run fits; {filter} changes the filter" if filtered else NOTHING)
        )

    def show_run(self, run: Run, events: Sequence[Event]) -> None:
        """Show one run."""
        self.border_title = Content(run.name)
        end = run.at_end()
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        at_stop = ""
        if run.state is RunState.STOPPED:
            at_stop = accuracies_text(run.at_stop(), fmt.percent)
        state = f"{signs.RUNS[run.state]} {run.state.value}" + (
            f": {run.reason}" if run.reason else ""
        )
        rows = [
            ("id", run.id if run.id != run.name else ""),
            ("note", run.note),
            ("state", state),
            ("test", _accuracy(end.get("test_accuracy"))),
            ("validation", _accuracy(end.get("validation_accuracy"))),
            ("training", _accuracy(end.get("train_accuracy"))),
            ("best val.", _best(run)),
            ("at the stop", at_stop),
            ("updates", f"{run.updates:,} of {run.total:,} in {fmt.duration(run.seconds)}"),
            ("parameters", f"{run.parameters:,}"),
            ("data", ", ".join(filter(None, [run.settings.get("dataset"), run.source]))),
            *_preset_rows(run),
            ("machine", _machine(run)),
        ]
        for label, text in rows:
            if text:
                table.add_row(label, Text(text))
        changes = edit_text.each_edit(run.settings, [event.edit for event in events])
        for event, words in zip(events, changes, strict=True):
            table.add_row(
                f"{datetime.fromtimestamp(event.at):%H:%M:%S}",
                Text(f"{event.update:,} {words or moves.described(event)}"),
            )
        self.query_one(Static).update(table)

    def show_difference(self, compared: Sequence[Compared]) -> None:
        """Show the settings that differ, and the results."""
        self.border_title = "Only what differs"
        runs = [each.run for each in compared]
        different = dict(compare.differing(compared))
        # Sentences, such as edits and the layers of a network, do not fit into a column.
        long = {label for label, shown in different.items() if max(map(len, shown)) > COLUMN}
        long |= {EDITS} & set(different)
        rows = [
            *((label, shown) for label, shown in different.items() if label not in long),
            ("best val.", [_accuracy(run.best_accuracy) or "·" for run in runs]),
            ("test", [_accuracy(run.at_end().get("test_accuracy")) or "·" for run in runs]),
        ]
        stop = [run.at_stop() for run in runs]
        rows += [
            (f"{label} at stop", [_accuracy(each.get(name)) or "·" for each in stop])
            for name, label in (("validation_accuracy", "val."), ("test_accuracy", "test"))
            if any(name in each for each in stop)
        ]
        rows.append(("time", [fmt.duration(run.seconds) for run in runs]))
        own = colours(self.app)
        heads = [Text(DIGITS[slot], style=f"bold {own[slot]}") for slot in range(len(runs))]
        table = Difference(heads, [cut(run.name, NAME) for run in runs], rows)
        below: list[Table | Text] = [
            _sentences(label, heads, shown) for label, shown in different.items() if label in long
        ]
        if not different and len(runs) > 1:
            below = [Text(f"\n{SAME}", style="dim")]
        self.query_one(Static).update(Group(table, *below))


class Difference:
    """A table with a column for each run and a line for each setting, if all columns fit.

    Otherwise, tables with a line for each run and a column for each setting, as many tables as the
    columns need.

    Args:
        heads: sign of each run.
        names: names of the runs.
        rows: label of each setting, and its value in every run.
    """

    def __init__(
        self,
        heads: Sequence[Text],
        names: Sequence[str],
        rows: Sequence[tuple[str, Sequence[str]]],
    ) -> None:
        self._heads, self._names, self._rows = heads, names, rows

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield one or more tables that fit the width."""
        columns = zip(self._names, *(shown for _, shown in self._rows), strict=True)
        widths = [max(map(cell_len, column)) + GAP for column in columns]
        if max(cell_len(label) for label, _ in self._rows) + sum(widths) <= options.max_width:
            yield self._upright()
            return
        block: list[tuple[str, Sequence[str]]] = []
        room = options.max_width
        for row in [("run", self._names), *self._rows]:
            needed = max(map(cell_len, (row[0], *row[1]))) + GAP
            if block and needed > room - 1:
                yield self._table(block)
                block, room = [], options.max_width
            block.append(row)
            room -= needed
        yield self._table(block)

    def _upright(self) -> Table:
        table = Table.grid(padding=(0, 0, 0, GAP))
        table.add_column(style="dim", no_wrap=True)
        for _ in self._heads:
            table.add_column(justify="right", no_wrap=True)
        table.add_row("", *self._heads)
        table.add_row("", *map(Text, self._names))
        for label, shown in self._rows:
            table.add_row(Text(label), *map(Text, shown))
        return table

    def _table(self, rows: Sequence[tuple[str, Sequence[str]]]) -> Table:
        table = Table.grid(padding=(0, GAP, 0, 0))
        table.add_column(no_wrap=True)
        for _ in rows:
            table.add_column(justify="right", overflow="fold")
        table.add_row("", *(Text(label, style="dim") for label, _ in rows))
        for slot, head in enumerate(self._heads):
            table.add_row(head, *(Text(shown[slot]) for _, shown in rows))
        return table


def _sentences(label: str, heads: Sequence[Text], texts: Sequence[str]) -> Table:
    """Return a table of a longer text about each run."""
    table = Table.grid(padding=(0, GAP, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("", Text(label, style="dim"))
    for head, words in zip(heads, texts, strict=True):
        table.add_row(head, Text(words))
    return table


def _machine(run: Run) -> str:
    """Return the machine of the training; empty if a repair could not recover it."""
    numpy = run.machine.get("numpy")
    parts = [run.machine.get("cpu"), numpy and f"NumPy {numpy}"]
    return ", ".join(str(part) for part in parts if part)


def _accuracy(value: float | None) -> str:
    return "" if value is None else fmt.percent(value)


def _best(run: Run) -> str:
    if run.best_accuracy is None:
        return ""
    return f"{fmt.percent(run.best_accuracy)} at {run.best_update:,}"


def _preset_rows(run: Run) -> list[tuple[str, str]]:
    """Return the run's preset, and the settings that differ from it."""
    if run.preset not in presets.ORDER:
        return [("settings", run.preset)]
    base = presets.load(run.preset).model_dump(mode="json")
    changes = {name: value for name, value in run.settings.items() if base.get(name) != value}
    changes.pop("dataset", None)
    return [("preset", run.preset), ("but", edit_text.changed(changes, {}))]
