"""Texts about a reproduction: titles, progress, and the state and results of its parts."""

from pathlib import Path

from core import format as fmt
from core.benchmark.cases import PUBLISHED
from core.benchmark.results import CaseResult, Ratio
from core.data import known
from core.reproduce import tables
from core.reproduce.plan import Recipe, StudySettings
from core.reproduce.published import ACCURACIES, PARTS
from core.reproduce.results import Findings
from core.reproduce.run import Progress
from core.runs.records import RunState
from tui.keymap.keys import fill
from tui.worker.messages import JobState

LONGEST_PROGRESS = 52
"""Approximate width of the progress text in columns."""

KEYS = (
    "accuracies in %, mean ± spread over the seeds, diff. in points · {view} quick or full · "
    "{more} {fewer} seeds",
    "accuracy in %, mean ± spread · {view} quick or full · {more} {fewer} seeds",
    "accuracy in %, mean ± spread · {more} {fewer} seeds",
    "{view} quick or full · {more} {fewer} seeds",
)
"""Forms of the text below the table, from the longest to the shortest."""


def titles(findings: Findings | None, settings: StudySettings, running: bool) -> list[str]:
    """Return titles with the study and its progress, from the longest to the shortest."""
    number = len(settings.numbers)
    seeds = f"{number} seed" + "s" * (number != 1)
    what = f"Quick look, {seeds}" if settings.quick else f"Published results again, {seeds}"
    if findings is None:
        return [what]
    done = sum(findings.result(job) is not None for job in findings.jobs)
    count = f"{done} of {len(findings.jobs)} runs done"
    shapes = " on the built-in shapes" if findings.dataset == known.SHAPES else ""
    if findings.finished:
        return [f"{what}{shapes} ─ complete", what]
    begun = findings.runs or findings.timing
    verb = "" if running else fill(", {start} goes on" if begun else ", {start} starts")
    return [f"{what}{shapes} ─ {count}{verb}", f"{what} ─ {count}", count]


def state(recipe: Recipe, findings: Findings | None, at: Progress | None) -> str:
    """Return the state of a network's runs.

    Args:
        recipe: the network.
        findings: the results so far.
        at: progress of the study; None while it does not run.
    """
    if findings is None:
        return ""
    jobs = [job for job in findings.jobs if job.recipe.name == recipe.name]
    working = next((job for job in jobs if at is not None and job.key == at.key), None)
    if working is not None and at is not None:
        return f"● seed {working.seed} {fmt.percent(at.part, 0)}"
    states = {job.seed: findings.state(job) for job in jobs}
    for each, word in ((RunState.FAILED, "✗ failed"), (RunState.RUNNING, "● elsewhere")):
        if each in states.values():
            return word
    if all(one is RunState.FINISHED for one in states.values()):
        return "✓ done"
    if at is None and any(one not in (None, RunState.FINISHED) for one in states.values()):
        return "■ stopped"
    return "○ waits"


def timing_state(findings: Findings | None, at: Progress | None, measuring: bool) -> str:
    """Return the state of the benchmark."""
    if findings is None:
        return ""
    if measuring and at is not None:
        return f"◔ {fmt.percent(at.part, 0)}"
    if findings.timing is None:
        return "○ waits"
    return "✓ done" + ", noisy" * any(case.noisy for case in findings.timing.cases)


def recipe(of: Recipe, findings: Findings | None) -> tuple[str, ...]:
    """Return lines about a network, its measured accuracies last."""
    head = of.words
    if findings is None:
        return (head,)
    failed = [job for job in findings.failed if job.recipe.name == of.name]
    if failed:
        return head, f"✗ {findings.reasons[failed[0].key]}"
    known = {part: findings.accuracy(of.name, part) for part in PARTS}
    if known["test"] is None:
        return head, tables.settings(of, findings)
    published = ACCURACIES.get(of.name)
    training, validation, test = (
        f"{words} {tables.measured(known[part])}"
        + (f" ({published.of(part):.1f})" if published else "")
        for part, words in PARTS.items()
    )
    unit = " · (published)" if published else ""
    gap = tables.measured(findings.gap(of.name))
    return head, f"{training} · {validation}", f"{test} · training less test {gap}{unit}"


def timing(findings: Findings | None) -> tuple[str, ...]:
    """Return lines about the benchmark."""
    head = "arch-1 to arch-7: an update, NumPy and PyTorch in turns"
    benchmark = findings.timing if findings is not None else None
    if benchmark is None:
        return (head,)
    shares = [_share(case, case.ratio) for case in benchmark.cases if case.ratio is not None]
    if not shares:
        return head, f"✗ {benchmark.note}"
    quick = "quick look, " * benchmark.quick
    return f"{quick}{head}", f"parts of PyTorch's time (published): {', '.join(shares)}"


def _share(case: CaseResult, ratio: Ratio) -> str:
    """Return an architecture's time as a fraction of PyTorch's, measured and published."""
    noisy, was = " noisy" * bool(case.noisy), PUBLISHED[case.arch].share
    return f"{case.arch.removeprefix('arch-')} {1 / ratio.value:.2f}{noisy} ({was:.2f})"


def where(page: Path | None, room: int) -> str:
    """Return the path of the report, shortened at its beginning to fit."""
    if page is None:
        return ""
    path = fmt.place(page)
    room -= len("report in ")
    return f"report in {path if len(path) <= room else f'…{path[len(path) - room + 1 :]}'}"


def progress(
    findings: Findings | None, state: JobState, at: Progress | None
) -> tuple[float, tuple[str, ...]]:
    """Return the progress from 0 to 1, and its texts from the longest to the shortest."""
    if state is JobState.STOPPING:
        return (at.share if at else 0.0), (state.value,)
    if state is JobState.REPRODUCING:
        if at is None:
            return 0.0, ("starts",)
        left = f"{fmt.duration(at.to_go)} to go"
        return at.share, (f"{at.doing} · {left}", f"{fmt.percent(at.share, 0)} · {left}")
    if findings is None:
        return 0.0, ("",)
    if findings.finished:
        return 1.0, ("complete",)
    done = sum(findings.result(job) is not None for job in findings.jobs)
    share = done / len(findings.jobs)
    begun = bool(findings.runs) or findings.timing is not None
    return share, (fill("stopped, {start} goes on" if begun else "{start} starts"),)
