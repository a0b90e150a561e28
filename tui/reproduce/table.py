"""The table of a reproduction: state, measured and published accuracies of every part."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.reactive import reactive

from core.format import cut, first_fitting
from core.reproduce import tables
from core.reproduce.plan import RECIPES, TIMING
from core.reproduce.published import ACCURACIES, PARTS, Part
from core.reproduce.results import Findings
from core.reproduce.run import Progress
from tui.keymap.keys import fill
from tui.reproduce import text as study_text
from tui.widgets.row_list import CURSOR, DIM, RowList

NAMES = (*(recipe.name for recipe in RECIPES), TIMING)
"""The rows: networks in the order in which they are trained, and the benchmark."""

TITLES = {TIMING: "times, 7 networks"}


@dataclass(frozen=True)
class Form:
    """A layout of the table."""

    seeds: bool
    """Whether it has a column for the finished seeds."""
    parts: tuple[Part, ...]
    """The sets of images whose accuracies it shows."""
    published: str
    """Heading of the published accuracy; empty if it is not shown."""

    @property
    def width(self) -> int:
        """Smallest width in columns."""
        of_one = (len(self.published) + 1 if self.published else 0) + MEASURED + 1 + OFF
        return MARK + NAME + (SEEDS + 1) * self.seeds + 2 + STATE + len(self.parts) * (of_one + 2)


FORMS = (
    Form(True, ("train", "validation", "test"), "publ."),
    Form(True, ("test",), "published"),
    Form(False, ("test",), ""),
)
"""Layouts from the widest to the narrowest."""

MARK, NAME, SEEDS, STATE, MEASURED, OFF = 2, 17, 5, 13, 11, 5
"""Widths in columns: cursor, name, finished seeds, state, measured accuracy, difference."""

NONE = "·"


class StudyTable(RowList):
    """One network per row."""

    findings: reactive[Findings | None] = reactive(None, init=False)
    """The results so far; None before the study is read."""

    at: reactive[Progress | None] = reactive(None, init=False)
    """Progress of the study; None while it does not run."""

    titles: reactive[tuple[str, ...]] = reactive(("Reproduction",), init=False)
    """Forms of the border title, from the longest to the shortest."""

    def watch_findings(self) -> None:
        """Redraw the table."""
        self.draw()

    def watch_at(self) -> None:
        """Redraw the states."""
        self.draw()

    def watch_titles(self) -> None:
        """Show the longest title that fits."""
        self._write_border()

    def on_resize(self) -> None:
        """Fit the texts on the border to the new width."""
        super().on_resize()
        self._write_border()

    def count(self) -> int:
        """Return the number of rows."""
        return len(NAMES)

    def header(self, width: int) -> Content | None:
        """Return the headings."""
        form = _fitting(width)
        cells = ["network", "seeds", "state"]
        for part in form.parts:
            cells += [form.published, PARTS[part], "diff."]
        return Content.styled(_line(cells, form, width), "bold")

    def lines(self, width: int) -> list[Content]:
        """Return one line per network."""
        form = _fitting(width)
        lines = []
        for item, name in enumerate(NAMES):
            here = item == self.cursor
            line = _line(self._cells(name, form.parts), form, width)
            text = f"{'▸' if here else ' '}{line[1:]}"[:width].ljust(width)
            style = CURSOR if here and self.has_focus else "" if self._begun(name) else DIM
            lines.append(Content.styled(text, style))
        return lines

    def explanation(self) -> str:
        """Return lines about the network under the cursor."""
        if NAMES[self.cursor] == TIMING:
            about = study_text.timing(self.findings)
        else:
            about = study_text.recipe(RECIPES[self.cursor], self.findings)
        return "\n".join(about)

    def _begun(self, name: str) -> bool:
        if self.findings is None:
            return False
        if name == TIMING:
            return self.findings.timing is not None
        return bool(self.findings.results(name)) or (
            self.at is not None and self.at.key.startswith(f"{name}/")
        )

    def _cells(self, name: str, parts: Sequence[Part]) -> list[str]:
        found = self.findings
        if name == TIMING:
            measuring = self.at is not None and self.at.key == TIMING
            state = study_text.timing_state(found, self.at, measuring)
            return [TITLES[TIMING], "", state, *[NONE, NONE, NONE] * len(parts)]
        recipe = RECIPES[NAMES.index(name)]
        cells = [name, "", study_text.state(recipe, found, self.at)]
        if found is not None:
            cells[1] = f"{len(found.results(name))}/{len(found.settings.numbers)}"
        for part in parts:
            measured = found.accuracy(name, part) if found is not None else None
            known = name in ACCURACIES
            off = found.row(name, part).difference if found is not None and known else None
            cells += [
                f"{ACCURACIES[name].of(part):.1f}" if known else NONE,
                tables.measured(measured) if measured is not None else NONE,
                f"{off:+.1f}" if off is not None else NONE,
            ]
        return cells

    def _write_border(self) -> None:
        room = self.size.width - 4
        self.border_title = Content(cut(first_fitting(room, *self.titles), room))
        self.border_subtitle = Content(first_fitting(room, *map(fill, study_text.KEYS)))


def _fitting(width: int) -> Form:
    """Return the widest form that fits, else the narrowest."""
    return next((form for form in FORMS if form.width <= width), FORMS[-1])


def _line(cells: Sequence[str], form: Form, width: int) -> str:
    """Return the cells as a line, with those of each accuracy in a group."""
    # Spare columns widen the gaps between the groups.
    gap = 2 + max(0, min(6, (width - form.width) // len(form.parts)))
    name, seeds, state, *numbers = cells
    line = f"{' ' * MARK}{name:<{NAME}}"
    if form.seeds:
        line += f" {seeds:>{SEEDS}}"
    line += f"  {state:<{STATE}}"
    for start in range(0, len(numbers), 3):
        published, measured, off = numbers[start : start + 3]
        line += " " * gap
        if form.published:
            line += f"{published:>{len(form.published)}} "
        line += f"{measured:>{MEASURED}} {off:>{OFF}}"
    return line
