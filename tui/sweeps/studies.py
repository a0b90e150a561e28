"""The list of all studies."""

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content
from textual.message import Message
from textual.reactive import reactive

from core import format as fmt
from core.format import cut
from core.sweeps.analysis.snapshot import Snapshot
from tui.keymap.keys import fill
from tui.sweeps.names import listed
from tui.widgets import signs
from tui.widgets.row_list import CURSOR, DIM, RowList

NAME, STATE, TRIALS, BEST, STARTED = 16, 10, 10, 9, 12
"""Widths of the columns."""

NOTHING = (
    "No study yet. A study trains a network with many settings, each in a run of its own, and says "
    "which are best, and which of them matter. {add} makes one around what Configure shows; "
    "{guide} explains it."
)


READS = "the studies are being read …"


class StudyList(RowList):
    """One study a row: name, state, trials, best accuracy, what varies."""

    shown: reactive[tuple[Snapshot, ...]] = reactive((), init=False)
    """The studies, newest first."""

    starts: reactive[str] = reactive("", init=False)
    """A study that is not recorded yet, and what it does; empty for none."""

    instead: reactive[str] = reactive(READS, init=False)
    """What is said in place of the studies before they have been read; empty afterwards."""

    hints = ("{open} opens · {add} makes one", "{add} makes one")

    class Opened(Message):
        """A study was opened."""

    def watch_shown(self) -> None:
        """Draw the studies."""
        self.set_reactive(StudyList.cursor, self.validate_cursor(self.cursor))
        self._entitle()
        self.draw()

    def watch_instead(self) -> None:
        """Draw it."""
        self.draw()

    def watch_starts(self) -> None:
        """Write it on the border."""
        self._entitle()
        self.draw()

    def _entitle(self) -> None:
        count = f"{len(self.shown):,}" if self.shown else ""
        starts = f"… {self.starts}" if self.starts else ""
        self.border_title = Content(" ─ ".join(filter(None, ("Sweeps", count, starts))))

    @property
    def current(self) -> Snapshot | None:
        """The study under the cursor; None if there is none."""
        return self.shown[self.cursor] if self.cursor < len(self.shown) else None

    def count(self) -> int:
        """Return the number of studies."""
        return len(self.shown)

    def header(self, width: int) -> Content | None:
        """Return the headings."""
        head = f"  {'study':<{NAME}}  {'state':<{STATE}}  {'trainings':>{TRIALS}}"
        head += f"  {'best mean':>{BEST}}  {'begun':<{STARTED}}  varies"
        return Content(head[:width].rstrip()) if self.shown else Content("")

    def lines(self, width: int) -> list[Content]:
        """Return a line for each study, or what makes the first."""
        if not self.shown:
            return Content(self.instead or fill(NOTHING)).wrap(max(8, width))
        return [self._line(item, each, width) for item, each in enumerate(self.shown)]

    def _line(self, item: int, each: Snapshot, width: int) -> Content:
        here, study = item == self.cursor, each.study
        state = f"{signs.STUDIES[study.state]} {study.state.value}"
        if each.live.starting:
            state = "… starts"
        best = fmt.percent(each.best.mean or 0.0) if each.best else "·"
        trials = f"{each.over:,}/{each.planned:,}"
        begun = f"{datetime.fromtimestamp(study.created):%d %b %H:%M}"
        text = f"{cut(study.name, NAME):<{NAME}}  {state:<{STATE}}  {trials:>{TRIALS}}"
        text += f"  {best:>{BEST}}  {begun:<{STARTED}}  {_varies(each)}"
        line = Content.assemble("▸ " if here else "  ", cut(text, width - 2).ljust(width - 2))
        if here and self.has_focus:
            return line.stylize(CURSOR)
        return line.stylize(DIM) if not each.rows else line

    def explanation(self) -> str:
        """Return what the study under the cursor is."""
        return described(self.current) if self.current else ""

    def action_open(self) -> None:
        """Post that a study was opened."""
        if self.current is not None:
            self.post_message(self.Opened())


def _varies(each: Snapshot) -> str:
    return listed(one.name for one in each.dimensions)


def described(snapshot: Snapshot) -> str:
    """Return the best of a study, its sampler, pruning, budget and reason in a line."""
    study, given = snapshot.study, snapshot.study.definition
    budget = (
        f"{fmt.counted(given['updates'], 'update')} each"
        if given.get("updates")
        else f"{given['epochs']:g} epoch{'s' * (given['epochs'] != 1)} each"
        if given.get("epochs")
        else ""
    )
    parts: Sequence[str] = (
        best(snapshot),
        f"sampler {given.get('sampler', 'random')}",
        f"pruning {snapshot.pruning}",
        budget,
        f"varies {_varies(snapshot)}",
        study.reason,
    )
    return "; ".join(filter(None, parts))


def best(snapshot: Snapshot) -> str:
    """Return the best trial that was trained to its end; empty before any was."""
    row = snapshot.best
    if row is None or row.mean is None:
        return ""
    seeds = f", mean of {row.seeds} seeds" if row.seeds > 1 else ""
    return f"best: trial {row.number} with {fmt.percent(row.mean)} validation{seeds}"
