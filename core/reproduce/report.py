"""The report of a study in Markdown: published and measured results, and the verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from core.benchmark.tables import QUICK, noise, table
from core.data import known
from core.reproduce import tables
from core.reproduce.claims import Judged, Verdict
from core.reproduce.published import TOLERANCES
from core.reproduce.results import Findings
from core.text_out import as_markdown

SIGNS = {Verdict.HELD: "✓", Verdict.NOT_HELD: "✗", Verdict.NOT_JUDGED: "○"}
"""A sign for each verdict, so that it can be read without colour."""

TITLE = "The published results, done again"


@dataclass(frozen=True)
class Picture:
    """One figure of the report."""

    stem: str
    """Its file names without extensions."""
    title: str
    caption: str
    svg: bytes


def standing(findings: Findings) -> str:
    """Return a sentence on the extent and progress of the study."""
    done = sum(findings.result(job) is not None for job in findings.jobs)
    number = len(findings.settings.numbers)
    seeds = f"{number} seed" + "s" * (number != 1)
    if findings.settings.quick:
        shapes = " on the built-in shapes" if findings.dataset == known.SHAPES else ""
        return (
            f"A quick look{shapes}: every part of the study, a hundred times shorter, one seed. "
            "It reproduces nothing, and nothing is judged by it."
        )
    if not findings.finished:
        return (
            f"Unfinished: {done} of {len(findings.jobs)} runs are done, {seeds}; "
            "`convsole reproduce` goes on."
        )
    return f"Complete: {done} runs, {seeds}, on CIFAR-10."


def agreement(findings: Findings) -> str:
    """Return a sentence on how many published accuracies were reproduced."""
    measured = [row for row in findings.rows() if row.agrees is not None]
    if findings.settings.quick or not measured:
        return ""
    reproduced = sum(bool(row.agrees) for row in measured)
    return f"{reproduced} of {len(measured)} published accuracies are reproduced."


def accuracy_note() -> str:
    """Return the note that explains the accuracies and when they agree."""
    return (
        "Accuracies of the final weights, in per cent: on all 49,000 training images without the "
        "added copies, on the 1,000 validation images, on the 10,000 test images. Mean ± standard "
        "deviation over the seeds; the difference is measured less published, in points. Training "
        f"and test accuracy agree where they are at most {TOLERANCES['train']:g} points below the "
        f"published ones, validation accuracy where it is within {TOLERANCES['validation']:g}: one "
        "accuracy on 1,000 images has a standard error of 1.5 points."
    )


def time_note(findings: Findings) -> str:
    """Return the note that explains the times."""
    note = (
        "Seconds of the 4,800 updates of the short recipe. Published: on other machines, so only "
        "the share of PyTorch's time compares. Measured: the median time of one update, taken in "
        "turns with PyTorch as anyone would write it, times 4,800; the share with the range of "
        "its middle half. Whole runs: training of the study, with its evaluations."
    )
    timing = findings.timing
    if timing is None:
        return note
    machine = timing.machine
    torch = f", PyTorch {machine.torch}" if machine.torch else ""
    doubts = "".join(f" {words}" for words in [QUICK] * timing.quick + noise(timing))
    return (
        f"{note}{doubts} Measured on {machine.cpu}, {timing.threads} threads, "
        f"NumPy {machine.numpy}, {machine.blas}{torch}; "
        f"{timing.started[:16].replace('T', ' ')} UTC."
    )


MARGIN_NOTE = (
    "A difference between two networks is taken seed by seed; its margin is twice its standard "
    "error over the seeds (of a single seed, twice that of two accuracies on 10,000 images)."
)


def markdown(findings: Findings, judged: Sequence[Judged], pictures: Sequence[Picture]) -> str:
    """Return the report; it refers to its figures as PNG files in the same folder."""
    lines = [f"# {TITLE}", "", f"{standing(findings)} {agreement(findings)}".rstrip(), ""]
    lines += ["## Claims", ""]
    for one in judged:
        lines += [
            f"**{SIGNS[one.verdict]} {one.verdict.value}: {one.claim.title}.** "
            f"{one.claim.statement}",
            "",
            f"- Judged by: {one.claim.criterion}",
            f"- Measured: {one.evidence}.",
            "",
        ]
    lines += [MARGIN_NOTE, "", "## Accuracies", ""]
    lines += [*table([tables.ACCURACY_HEADINGS, *tables.accuracies(findings)]), ""]
    lines += [accuracy_note(), "", "The long recipe and what it is compared with:", ""]
    lines += [*table([tables.COMPARED_HEADINGS, *tables.compared(findings)]), ""]
    lines += ["## Times", "", *table([tables.TIME_HEADINGS, *tables.times(findings)]), ""]
    lines += [as_markdown(time_note(findings)), ""]
    lines += ["## Figures", ""] if pictures else []
    for picture in pictures:
        lines += [f"![{picture.title}]({picture.stem}.png)", ""]
        lines += [f"*{picture.title}.* {picture.caption}", ""]
    lines += ["## What was run", ""]
    for name, how, ids in tables.runs(findings):
        lines.append(f"- `{name}`: {how}. Runs: {ids}.")
    lines += ["", f"Written {now()}.", ""]
    return "\n".join(lines)


def now() -> str:
    """Return the current time as text for the report."""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
