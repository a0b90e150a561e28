"""The parts of a reproduction: how far each is, and what it gave beside what was published."""

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
from tui.reproduce import text as study_text
from tui.widgets.row_list import CURSOR, DIM, RowList

NAMES = (*(recipe.name for recipe in RECIPES), TIMING)
"""The rows: networks in the order in which they are trained, and the measurement of times."""

TITLES = {TIMING: "times, 7 networks"}


@dataclass(frozen=True)
class Form:
    """What a line holds."""

    seeds: bool
    """Whether it says how many seeds are done."""
    parts: tuple[Part, ...]
    """Of which images it shows the accuracy."""
    published: str
    """Heading of the published accuracy; empty where there is no room for it."""

    @property
    def width(self) -> int:
        """Columns that it takes at least."""
        of_one = (len(self.published) + 1 if self.published else 0) + MEASURED + 1 + OFF
        return MARK + NAME + (SEEDS + 1) * self.seeds + 2 + STATE + len(self.parts) * (of_one + 2)


FORMS = (
    Form(True, ("train", "validation", "test"), "publ."),
    Form(True, ("test",), "published"),
    Form(False, ("test",), ""),
)
"""From the widest to the narrowest."""

MARK, NAME, SEEDS, STATE, MEASURED, OFF = 2, 17, 5, 13, 11, 5
"""Columns of the cursor, the name, the seeds that are done, the state, and of an accuracy."""

NONE = "·"


class StudyTable(RowList):
    """One network a row."""

    findings: reactive[Findings | None] = reactive(None, init=False)
    """What there is; None before anybody has looked."""

    at: reactive[Progress | None] = reactive(None, init=False)
    """How far the study is; None while it does not run."""

    titles: reactive[tuple[str, ...]] = reactive(("Reproduction",), init=False)
    """What stands on the border, from the longest to the shortest."""

    def watch_findings(self) -> None:
        """Draw it."""
        self.draw()

    def watch_at(self) -> None:
        """Draw the state."""
        self.draw()

    def watch_titles(self) -> None:
        """Write the title that fits."""
        self._write_border()

    def on_resize(self) -> None:
        """Write as much on the border as there is room for."""
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
        """Return a line a network."""
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
        self.border_subtitle = Content(first_fitting(room, *study_text.KEYS))


def _fitting(width: int) -> Form:
    """Return the widest form for which there is room, else the narrowest."""
    return next((form for form in FORMS if form.width <= width), FORMS[-1])


def _line(cells: Sequence[str], form: Form, width: int) -> str:
    """Return the cells at their places, those of an accuracy in a group of their own."""
    # What is to spare stands between the groups.
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
