"""Texts about a gradient check: verdicts, titles, progress, and the facts about a tensor."""

from math import prod

from textual.content import Content

from core import format as fmt
from core.checks.gradients import BREAK
from core.checks.report import Progress, Report, Row, Verdict
from core.checks.settings import CheckSettings
from core.config.experiment import Experiment
from core.data import known
from tui.gradients.check import CheckRun
from tui.keymap.keys import fill
from tui.widgets.chip import chip
from tui.worker.messages import JobState

BROKEN = f"x {BREAK:g} on purpose"
"""Description of a gradient that is scaled on purpose."""

LONGEST_PROGRESS = 36
"""Approximate width of the progress text in columns."""

SIGNS = {Verdict.PASS: "✓", Verdict.FAIL: "✗", Verdict.FLIP: "~"}
"""Sign of each verdict, so that it is readable without colour."""

STYLES = {
    Verdict.PASS: "$text-success",
    Verdict.FAIL: "bold $text-error",
    Verdict.FLIP: "bold $text-warning",
}

SHORT = {"torch": "PyTorch", "central": "central", "complex": "complex"}
"""Names of the references in column headings."""


def number(value: float, digits: int = 1) -> str:
    """Return a number in scientific notation, with `digits` digits after the point."""
    if value != value:
        return "NaN"
    return f"{value:.{digits}e}" if value else "0"


def verdict(value: Verdict) -> str:
    """Return a verdict with its sign."""
    return f"{SIGNS[value]} {value.value}"


def index(places: tuple[int, ...]) -> str:
    """Return the index of an entry as text."""
    return f"[{','.join(map(str, places))}]"


def eps_words(eps: float) -> str:
    """Return the definition of the relative error."""
    return f"relative error |a - b| / max({eps:.0e}, |a| + |b|)"


def titles(run: CheckRun) -> list[str]:
    """Return titles with the comparison and its outcome, from the longest to the shortest."""
    check, report = run.check, run.report
    what = f"{check.reference_words}, {check.working_dtype}"
    broken = f", {run.scale} {BROKEN}" if run.scale else ""
    hint = f", {BROKEN}" if run.scale else ""
    if report is None:
        count = "1 tensor" if len(run.rows) == 1 else f"{len(run.rows)} tensors"
        comparison, images = f"{run.title} against {what}", ""
        outcome = f"{count} so far" if run.running else "✗ failed"
    else:
        comparison, images = f"{report.title} against {what}, {report.images}", f", {report.images}"
        outcome = _outcome(report)
    seed = f", seed {check.seed}"
    return [
        f"{comparison}{seed}{broken}: {outcome}",
        f"{comparison}{broken}: {outcome}",
        f"{what}{images}{broken}: {outcome}",
        f"{what}{broken}: {outcome}",
        f"{what}{hint}: {outcome}",
        f"{outcome}{hint}",
        outcome,
    ]


def _outcome(report: Report) -> str:
    if not report.complete:
        return f"■ cancelled, {report.outcome()}"
    worst = Verdict.PASS
    for one in (Verdict.FLIP, Verdict.FAIL):
        worst = one if report.count(one) else worst
    return f"{SIGNS[worst]} {report.outcome()}"


def progress(run: CheckRun, state: JobState, at: Progress | None) -> tuple[float, tuple[str, ...]]:
    """Return the progress from 0 to 1, and its texts from the longest to the shortest."""
    report = run.report
    if run.reason is not None:
        return 0.0, ("failed",)
    if report is not None:
        seconds = report.seconds
        took = f"{seconds:.1f} s" if seconds < 9.95 else fmt.duration(seconds)
        of = f"{len(report.rows)} of {report.tensors} tensors"
        word = "finished" if report.complete else "cancelled"
        words = f"{of} · {word} after {took}", f"{of} · {word}", of
        return len(report.rows) / report.tensors, words
    if state is JobState.STOPPING:
        return 0.0 if at is None else at.done / at.total, (state.value,)
    if at is None:
        return 0.0, ("starts",)
    return at.done / at.total, (
        f"{at.doing} · {at.done:,} of {at.total:,}",
        f"{at.done:,} of {at.total:,}",
    )


def greeting(
    run: CheckRun | None,
    experiment: Experiment | None,
    dataset: str,
    check: CheckSettings,
    scale: str | None,
) -> tuple[Content, ...]:
    """Return the text shown before the first row: what a check does, and which key starts it.

    Args:
        run: the latest check, None before the first.
        experiment: the experiment that would be checked; None if not set.
        dataset: the data set that would be used; empty if not set.
        check: the settings that would be used.
        scale: name of the tensor whose gradient would be scaled on purpose; None for none.
    """
    lines = []
    if run is not None and run.running:
        check = run.check
        lines.append(Content(fill("The first tensor is on its way; {stop} cancels.")))
    else:
        if run is not None and run.reason is not None:
            lines += [Content.styled(f"✗ {run.reason}", "bold $text-error"), Content("")]
        what = experiment.name if experiment is not None else "what Configure shows"
        on = f" on {known.title(dataset)}" if dataset else ""
        broken = f", with {scale} {BROKEN}" if scale else ""
        start = f"  checks {what}{on} against {check.reference_words}{broken}"
        lines += [
            Content.assemble(chip("start"), (start, "bold $text-primary")),
            Content("Every gradient by hand is held against one found by other means."),
        ]
    if check.reference == "torch":
        lines.append(Content("PyTorch takes a few seconds to load."))
    return tuple(lines)


def notes(row: Row) -> list[tuple[str, ...]]:
    """Return the notes below the row of a tensor in the table; most tensors have none.

    Each note comes in several forms, the longest first.
    """
    found: list[tuple[str, ...]] = []
    if row.scaled:
        found.append((BROKEN,))
    if row.normwise_without_flips is not None:
        word = "passes" if row.normwise_without_flips <= row.tolerance else "fails"
        error = number(row.normwise_without_flips)
        found.append(
            (
                f"{word} without the images where winners differ: norm-wise {error}",
                f"{word} without those images: {error}",
            )
        )
    return found


def facts(row: Row) -> list[tuple[str, str]]:
    """Return names and values of the facts about a tensor other than its single errors."""
    comparison, size = row.comparison, prod(row.shape)
    if comparison.compared < size:
        found = [("entries probed", f"{comparison.compared:,} of {size:,}")]
    else:
        found = [("entries compared", f"{size:,}")]
    found.append(("norm-wise error", number(comparison.normwise)))
    if row.directional is not None:
        found.append(("v^T J u error", number(row.directional)))
    found.append(("tolerance", f"{row.tolerance:.0e}"))
    if row.flips is not None:
        found.append(("flips", f"{row.flips:,}"))
    elif row.redrawn:
        found.append(("probes redrawn", f"{row.redrawn:,}"))
    if row.normwise_without_flips is not None:
        found.append(("without flips", number(row.normwise_without_flips)))
    if row.scaled:
        found.append(("on purpose", f"x {BREAK:g}"))
    return found


def agreement(row: Row) -> list[str]:
    """Return forms of the count of entries without a bar in the histogram, the longest first."""
    comparison = row.comparison
    zeros = comparison.histogram.zeros
    lost = comparison.compared - zeros - sum(comparison.histogram.counts)
    if lost:
        return [f"{lost:,} not finite · {zeros:,} agree to the bit", f"{lost:,} not finite"]
    word = "agrees" if zeros == 1 else "agree"
    return [
        f"{comparison.compared:,} compared · {zeros:,} {word} to the bit",
        f"{zeros:,} {word} to the bit",
    ]


def explanation(row: Row) -> str:
    """Return one line about a tensor."""
    broken = f", {BROKEN}" if row.scaled else ""
    far = f"norm-wise {number(row.comparison.normwise)}, tolerance {row.tolerance:.0e}"
    return f"{row.name} {row.verdict.value}{broken}; {far}"
