"""The list of the published claims with their verdicts."""

from textwrap import wrap

from textual.content import Content
from textual.reactive import reactive

from core.format import cut
from core.reproduce.claims import Judged, Verdict
from core.reproduce.report import SIGNS
from tui.keymap.keys import fill
from tui.widgets.row_list import CURSOR, DIM, RowList

COLOURS = {
    Verdict.HELD: "$text-success",
    Verdict.NOT_HELD: "$text-error",
    Verdict.NOT_JUDGED: "$foreground 70%",
}
"""Colour of each verdict, which a sign and a word show too."""

VERDICT = 13
"""Width of sign and verdict in columns."""

INDENT = 2 + VERDICT


class ClaimList(RowList):
    """One claim per row, with its evidence below it where that fits."""

    judged: reactive[tuple[Judged, ...]] = reactive((), init=False)
    """The claims with their verdicts; empty before the study is read."""

    trouble: reactive[str] = reactive("", init=False)
    """Why there are no claims to show; empty for no reason."""

    roomy: reactive[bool] = reactive(False, init=False)
    """Whether the evidence is shown."""

    def watch_judged(self) -> None:
        """Redraw the list and its title."""
        held = sum(one.verdict is Verdict.HELD for one in self.judged)
        known = sum(one.verdict is not Verdict.NOT_JUDGED for one in self.judged)
        count = f" ─ {held} of {known} held" if known else ""
        self.border_title = Content(f"Published claims{count}")
        self.draw()

    def watch_trouble(self) -> None:
        """Redraw the list."""
        self.draw()

    def watch_roomy(self) -> None:
        """Redraw the list with or without the evidence."""
        self.draw()

    def count(self) -> int:
        """Return the number of claims."""
        return len(self.judged)

    def line_of(self, item: int) -> int:
        """Return the line of a claim, counting the evidence of those before it."""
        width = self.scrollable_content_region.width
        return item + sum(len(self._evidence_lines(one, width)) for one in self.judged[:item])

    def lines(self, width: int) -> list[Content]:
        """Return the lines of all claims, or why there are none."""
        if self.trouble and not self.judged:
            told = [
                Content.styled(f"✗ {self.trouble}", "$text-error"),
                Content(""),
                Content(fill("{view} changes between a quick look and the whole study.")),
            ]
            return [line for text in told for line in text.wrap(max(8, width))]
        lines = []
        for item, one in enumerate(self.judged):
            here = item == self.cursor
            verdict = f"{SIGNS[one.verdict]} {one.verdict.value}"
            title = cut(one.claim.title, width - INDENT)
            line = Content.assemble(
                "▸ " if here else "  ",
                (f"{verdict:<{VERDICT}}", COLOURS[one.verdict]),
                title.ljust(max(0, width - INDENT)),
            )
            lines.append(line.stylize(CURSOR) if here and self.has_focus else line)
            lines += [Content.styled(text, DIM) for text in self._evidence_lines(one, width)]
        return lines

    def explanation(self) -> str:
        """Return the statement of the claim, or its evidence if the list does not show it."""
        if not self.judged:
            return ""
        one = self.judged[self.cursor]
        return one.claim.statement if self.roomy else f"{one.evidence}."

    def _evidence_lines(self, one: Judged, width: int) -> list[str]:
        """Return the evidence as lines below the claim."""
        if not self.roomy or width <= INDENT:
            return []
        return [f"{' ' * INDENT}{line}" for line in wrap(one.evidence, width - INDENT)]
