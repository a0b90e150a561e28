"""The list of what the check before a training has found."""

from textual.content import Content
from textual.reactive import reactive

from core.checks.start_report import Finding, Verdict
from core.format import cut
from tui.widgets.row_list import CURSOR, DIM, RowList

SIGNS = {Verdict.PASSED: "✓", Verdict.DOUBTFUL: "?", Verdict.FAILED: "✗"}
"""Signs that tell the verdicts apart without colour."""

STYLES = {
    Verdict.PASSED: "$text-success",
    Verdict.DOUBTFUL: "bold $text-warning",
    Verdict.FAILED: "bold $text-error",
}

TITLES = ("Input scale", "First loss", "First outputs", "By heart", "Without images")
"""Titles of the findings, in their order, for those that are not there yet."""

TITLE, VERDICT = max(map(len, TITLES)), 8


class FindingList(RowList):
    """One row for each question, with its verdict and what was measured."""

    findings: reactive[tuple[Finding, ...]] = reactive((), init=False)
    """The findings so far."""

    def watch_findings(self) -> None:
        """Draw them."""
        self.draw()

    def count(self) -> int:
        """Return the number of questions."""
        return len(TITLES)

    @property
    def chosen(self) -> Finding | None:
        """The finding under the cursor; None where there is none yet."""
        return self.findings[self.cursor] if self.cursor < len(self.findings) else None

    def lines(self, width: int) -> list[Content]:
        """Return one line per question."""
        return [self._line(item, width) for item in range(self.count())]

    def _line(self, item: int, width: int) -> Content:
        here = item == self.cursor
        mark = "▸" if here else " "
        if item >= len(self.findings):
            text = f"{mark} … {TITLES[item]}"
            return Content.styled(f"{cut(text, width):<{width}}", CURSOR if here else DIM)
        finding = self.findings[item]
        verdict = f"{SIGNS[finding.verdict]} {finding.verdict.value:<{VERDICT}}"
        head = f"{mark} {finding.title:<{TITLE}}  "
        room = width - len(head) - len(verdict) - 2
        line = Content.assemble(
            head,
            (verdict, STYLES[finding.verdict]),
            f"  {cut(finding.measured, room):<{max(0, room)}}",
        )
        return line.stylize(CURSOR) if here else line


def detail(finding: Finding) -> Content:
    """Return all about one finding."""
    sign = f"{SIGNS[finding.verdict]} {finding.verdict.value}"
    return Content.assemble(
        (f"{finding.measured}\n", "bold"),
        (sign, STYLES[finding.verdict]),
        f"; wanted: {finding.threshold}\n\n{finding.why}\n",
        (finding.source, DIM),
    )
