"""The report of a study as a self-contained HTML file, for light and dark mode and for print."""

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from string import Template

from core.reproduce import report, tables
from core.reproduce.claims import Judged, Verdict
from core.reproduce.report import SIGNS, Picture
from core.reproduce.results import Findings

CLASSES = {Verdict.HELD: "held", Verdict.NOT_HELD: "not-held", Verdict.NOT_JUDGED: "open"}


def page(findings: Findings, judged: Sequence[Judged], pictures: Sequence[Picture]) -> str:
    """Return the report with its figures embedded."""
    frame = Template(files(__package__).joinpath("page.html").read_text(encoding="utf-8"))
    lead = f"{report.standing(findings)} {report.agreement(findings)}".rstrip()
    return frame.substitute(
        title=escape(report.TITLE),
        look=" look" if findings.settings.quick or not findings.finished else "",
        standing=_coded(lead),
        claims="\n".join(map(_claim, judged)),
        margin=escape(report.MARGIN_NOTE),
        accuracies=_accuracies(findings),
        accuracy_note=escape(report.accuracy_note()),
        compared=_table(tables.COMPARED_HEADINGS, tables.compared(findings)),
        times=_table(tables.TIME_HEADINGS, tables.times(findings)),
        time_note=escape(report.time_note(findings)),
        figures="\n".join(["<h2>Figures</h2>" if pictures else "", *map(_figure, pictures)]),
        runs=_runs(findings),
        now=report.now(),
    )


def _claim(one: Judged) -> str:
    verdict = f"{SIGNS[one.verdict]} {one.verdict.value}"
    return (
        f'<section class="claim"><p class="verdict {CLASSES[one.verdict]}">{escape(verdict)}</p>'
        f"<h3>{escape(one.claim.title)}</h3><p>{escape(one.claim.statement)}</p>"
        f"<dl><dt>Measured</dt><dd>{escape(one.evidence)}</dd>"
        f"<dt>Judged by</dt><dd>{escape(one.claim.criterion)}</dd></dl></section>"
    )


def _accuracies(findings: Findings) -> str:
    """Return the table of accuracies, grouped by network."""
    groups: dict[str, list[Sequence[str]]] = {}
    for name, *cells in tables.accuracies(findings):
        groups.setdefault(name, []).append(cells)
    bodies = []
    for name, rows in groups.items():
        head = f'<th scope="row" rowspan="{len(rows)}">{escape(name)}</th>'
        lines = "</tr><tr>".join(map(_accuracy, rows))
        bodies.append(f'<tbody class="group"><tr>{head}{lines}</tr></tbody>')
    first, part, *others = map(escape, tables.ACCURACY_HEADINGS)
    heads = "".join(f"<th>{head}</th>" for head in others)
    return (
        f'<table><thead><tr><th>{first}</th><th class="words">{part}</th>{heads}</tr></thead>'
        f"{''.join(bodies)}</table>"
    )


def _accuracy(row: Sequence[str]) -> str:
    part, *numbers, agrees = map(escape, row)
    cells = "".join(f"<td>{number}</td>" for number in numbers)
    sign = {"yes": "✓ yes", "no": "✗ no"}.get(agrees, agrees)
    return f'<td class="words">{part}</td>{cells}<td class="{agrees}">{sign}</td>'


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of numbers."""
    heads = "".join(f"<th>{escape(head)}</th>" for head in headings)
    lines = [
        f'<tr><th scope="row">{escape(first)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for first, *cells in rows
    ]
    return (
        f"<table><thead><tr>{heads}</tr></thead>"
        f'<tbody class="group">{"".join(lines)}</tbody></table>'
    )


def _runs(findings: Findings) -> str:
    """Return the table of networks, how each was trained, and its runs; ids are not broken."""
    lines = []
    for name, how, runs in tables.runs(findings):
        ids = ", ".join(f"<span>{escape(run)}</span>" for run in runs.split(", "))
        lines.append(
            f'<tr><th scope="row">{escape(name)}</th>'
            f'<td class="loose">{escape(how)}</td><td class="loose">{ids}</td></tr>'
        )
    return (
        '<table><thead><tr><th>network</th><th class="words">trained with</th>'
        f'<th class="words">runs</th></tr></thead><tbody class="group">{"".join(lines)}'
        "</tbody></table>"
    )


def _figure(picture: Picture) -> str:
    content = b64encode(picture.svg).decode()
    return (
        f'<figure><img alt="{escape(picture.title)}" src="data:image/svg+xml;base64,{content}">'
        f"<figcaption><b>{escape(picture.title)}.</b> {escape(picture.caption)}</figcaption>"
        "</figure>"
    )


def _coded(text: str) -> str:
    """Return text as HTML, with text between backquotes as code."""
    parts = escape(text).split("`")
    return "".join(
        f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts)
    )
