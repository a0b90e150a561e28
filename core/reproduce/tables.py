"""The rows of the tables of a study, for the terminal, the report and JSON."""

from typing import Any

from core import format as fmt
from core.benchmark.cases import PUBLISHED, PUBLISHED_ARCHITECTURES
from core.benchmark.results import CaseResult
from core.benchmark.tables import named
from core.config import presets
from core.plan import plan
from core.reproduce.claims import Judged
from core.reproduce.plan import RECIPES, Recipe
from core.reproduce.published import ACCURACIES, PARTS
from core.reproduce.results import Findings, Measured, Row

NONE = "-"

ACCURACY_HEADINGS = ("network", "accuracy", "published %", "measured %", "difference", "agrees")
COMPARED_HEADINGS = ("network", "training %", "validation %", "test %", "training less test")
TIME_HEADINGS = (
    "network", "published: NumPy s", "PyTorch s", "share", "measured: NumPy s", "PyTorch s",
    "share", "whole runs s",
)  # fmt: skip

COMPARED = ("final", "final-constant", "final-unsmoothed", "final-smoothed")
"""Recipes that the claims compare with each other."""


def measured(value: Measured | None, digits: int = 1) -> str:
    """Return a mean and, for several seeds, the standard deviation as text."""
    if value is None:
        return NONE
    spread = "" if value.spread is None else f" ± {value.spread:.{digits}f}"
    return f"{value.mean:.{digits}f}{spread}"


def difference(row: Row) -> str:
    """Return measured minus published accuracy as text, with its sign."""
    return NONE if row.difference is None else f"{row.difference:+.1f}"


def accuracies(findings: Findings) -> list[tuple[str, ...]]:
    """Return a row for every published accuracy, in the order of `ACCURACY_HEADINGS`."""
    words = {None: NONE, True: "yes", False: "no"}
    return [
        (
            row.recipe,
            PARTS[row.part],
            f"{row.published:.2f}",
            measured(row.measured, 2),
            NONE if row.difference is None else f"{row.difference:+.2f}",
            words[None if findings.settings.quick else row.agrees],
        )
        for row in findings.rows()
    ]


def compared(findings: Findings) -> list[tuple[str, ...]]:
    """Return a row for every recipe of `COMPARED`, in the order of `COMPARED_HEADINGS`."""
    return [
        (
            name,
            *(measured(findings.accuracy(name, part), 2) for part in PARTS),
            measured(findings.gap(name), 2),
        )
        for name in COMPARED
    ]


def times(findings: Findings) -> list[tuple[str, ...]]:
    """Return a row for every architecture, in the order of `TIME_HEADINGS`."""
    rows: list[tuple[str, ...]] = []
    for name in PUBLISHED_ARCHITECTURES:
        published = PUBLISHED[name]
        case = findings.timing.case(name) if findings.timing else None
        rows.append(
            (
                named(case) if case else name,
                f"{published.numpy:.2f}",
                f"{published.torch:.2f}",
                f"{published.share:.2f}",
                f"{seconds(case, 'ours'):.2f}" if case else NONE,
                f"{seconds(case, 'torch'):.2f}" if case and case.torch else NONE,
                share(case),
                measured(findings.seconds(name)) if name in ACCURACIES else NONE,
            )
        )
    return rows


def seconds(case: CaseResult, side: str) -> float:
    """Return the seconds of all updates of the short recipe for one side, `ours` or `torch`."""
    updates = presets.load(case.arch).total_updates
    return float(getattr(case, side).median) * updates / 1000


def share(case: CaseResult | None) -> str:
    """Return the time of this network as a fraction of PyTorch's, with its middle half, as text."""
    if case is None or case.ratio is None:
        return NONE
    ratio = case.ratio
    return f"{1 / ratio.value:.2f} ({1 / ratio.high:.2f} to {1 / ratio.low:.2f})"


def settings(recipe: Recipe, findings: Findings) -> str:
    """Return a description of how a network is trained."""
    job = next(job for job in findings.jobs if job.recipe.name == recipe.name)
    of = job.experiment
    parts = [
        f"{plan(of).parameters:,} parameters",
        f"{of.total_updates:,} updates, {of.cycles} cycles, n_s {of.half_cycle:,}"
        + (f" and {of.growth:g} times as long in every next" if of.growth != 1 else ""),
        f"rate {fmt.number(of.eta_min)} to {fmt.number(of.eta_max)}",
        f"lambda {of.weight_decay:g}",
    ]
    if of.label_smoothing:
        parts.append(f"label smoothing {of.label_smoothing:g}")
    if of.augmentation == "offline":
        parts.append(f"{of.copies:,} images added by flips and shifts")
    return "; ".join(parts)


def as_dict(findings: Findings, judged: tuple[Judged, ...]) -> dict[str, Any]:
    """Return the study as JSON values, as `convsole reproduce --json` prints them."""
    return {
        "study": findings.settings.length,
        "seeds": list(findings.settings.numbers),
        "dataset": findings.dataset,
        "finished": findings.finished,
        "accuracies": [
            {
                "network": row.recipe,
                "part": row.part,
                "published": row.published,
                **_plain(row.measured),
                "difference": row.difference,
                "agrees": None if findings.settings.quick else row.agrees,
            }
            for row in findings.rows()
        ],
        "compared": [
            {"network": name, "gap": _plain(findings.gap(name))}
            | {part: _plain(findings.accuracy(name, part)) for part in PARTS}
            for name in COMPARED
        ],
        "times": findings.timing.as_dict() if findings.timing else None,
        "claims": [
            {"claim": one.claim.name, "verdict": one.verdict.value, "evidence": one.evidence}
            for one in judged
        ],
        "runs": {key: run.id for key, run in findings.runs.items()},
        "failed": dict(findings.reasons),
    }


def runs(findings: Findings) -> list[tuple[str, ...]]:
    """Return a row for every recipe: its name, how it is trained, and the ids of its runs."""
    rows: list[tuple[str, ...]] = []
    for recipe in RECIPES:
        ids = [
            findings.runs[job.key].id
            for job in findings.jobs
            if job.recipe.name == recipe.name and job.key in findings.runs
        ]
        rows.append((recipe.name, settings(recipe, findings), ", ".join(ids) or NONE))
    return rows


def _plain(value: Measured | None) -> dict[str, Any]:
    if value is None:
        return {"mean": None, "spread": None, "values": []}
    return {"mean": value.mean, "spread": value.spread, "values": list(value.values)}
