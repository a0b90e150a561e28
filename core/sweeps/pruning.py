"""Which trials go on: successive halving in fixed rungs, and the median rule.

Both are functions of the study and of the results so far, and have no state. A trial is judged
with the results of a fixed set of other trials, never with those that happen to be there. So where
the sampler is random, what is trained does not depend on the number of workers, nor on which of
them is faster: results in any order end in the same decisions, and none is ever taken back.

**Halving** (Jamieson and Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter
optimization"): of the n trials that come to a rung, the best max(ceil(n / factor), finalists) go
on. Those of equal accuracy go on in the order of their numbers. Diverged trials are behind all
others, and failed ones behind those.

A trial that is certain to be among the best, whatever the missing results will be, goes on before
they are there, and one that is certain not to be ends. Until then it waits. So workers are busy as
long as a rung has trials that have not begun; at its end they go on with those that are certain,
and wait only for the rest: for at most the length of one trial between two rungs.
(Promotion without waiting, as by Li et al. 2020, "A system for massively parallel hyperparameter
tuning", leaves no worker idle, but what it trains depends on timing.)

**Median** (Golovin et al. 2017, "Google Vizier"): a trial ends at a rung if its best accuracy so
far is below the median of the accuracies there of the trials with lower numbers, as soon as there
are 5 of them. It waits for those of them that may still come to the rung. Trials begin in the order
of their numbers, so this is seldom long.
"""

from bisect import insort
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from math import ceil
from statistics import median

from core.sweeps.definition.study import Study
from core.sweeps.told import Results, Told, results

FEWEST = 5
"""Trials with lower numbers that a median is taken of, at least."""


class Decision(Enum):
    """What becomes of a trial after its latest result; the value is its label."""

    GOES_ON = "goes on"
    WAITS = "waits"
    PRUNED = "pruned"
    DIVERGED = "diverged"
    FAILED = "failed"
    FINISHED = "finished"


@dataclass(frozen=True)
class Verdict:
    """The decision about a trial at a rung."""

    decision: Decision
    rung: int
    """The rung of its latest result, from 0; where it goes on it is trained to the next one."""
    reason: str
    """Why, in a few words."""


Verdicts = dict[int, Verdict]


def decide(study: Study, told: Iterable[Told], failed: Collection[int] = ()) -> Verdicts:
    """Return what becomes of every trial that has a result, or has failed.

    A trial without a verdict is to be trained to its first rung.

    Args:
        study: the study.
        told: the results so far, in any order; those with other seeds than the first are ignored.
        failed: numbers of the trials that will have no further result; those that cannot begin
            because the space is exhausted, too.
    """
    found, last = results(told, study.seeds[0]), len(study.shares) - 1
    verdicts = {
        trial: Verdict(Decision.FAILED, max(found.get(trial, {0: None})), "it failed for good")
        for trial in failed
    }
    for trial, at in found.items():
        rung = max(at)
        if trial in verdicts:
            continue
        if at[rung] is None:
            verdicts[trial] = Verdict(Decision.DIVERGED, rung, f"diverged before rung {rung + 1}")
        elif rung == last:
            verdicts[trial] = Verdict(Decision.FINISHED, rung, "trained to the end")
    match study.pruning.kind:
        case "halving":
            _halve(study, found, verdicts)
        case "median":
            _compare(study, found, verdicts)
        case _:
            for trial in found.keys() - verdicts:
                verdicts[trial] = Verdict(Decision.GOES_ON, max(found[trial]), "no pruning")
    return dict(sorted(verdicts.items()))


def places(study: Study) -> tuple[int, ...]:
    """Return how many trials come to each rung of halving, if none diverges or fails."""
    numbers = [study.cohort]
    for _ in study.shares[1:]:
        kept = max(ceil(numbers[-1] / study.pruning.factor), study.finalists, 1)
        numbers.append(min(numbers[-1], kept))
    return tuple(numbers)


def _halve(study: Study, found: Results, verdicts: Verdicts) -> None:
    numbers = places(study)
    # Trials that come to the rung: as far as they are known, and whether all of them are.
    entrants: set[int] = set(range(numbers[0]))
    complete = True
    for rung in range(len(numbers) - 1):
        there = {
            trial: accuracy
            for trial in entrants
            if (accuracy := found.get(trial, {}).get(rung)) is not None
        }
        ranked = sorted(there, key=lambda trial: (-there[trial], trial))
        dead = sum(_is_dead(verdicts.get(trial)) for trial in entrants - there.keys())
        missing = (len(entrants) if complete else numbers[rung]) - len(ranked) - dead
        kept, following = numbers[rung + 1], set()
        for place, trial in enumerate(ranked, 1):
            if place + missing <= kept:
                decision, end = Decision.GOES_ON, f"{kept} go on"
                following.add(trial)
            elif place > kept:
                decision, end = Decision.PRUNED, f"{kept} go on"
            else:
                decision, end = Decision.WAITS, f"{missing} to come"
            if trial not in verdicts and max(found[trial]) == rung:
                reason = f"place {place} of {len(ranked)} at rung {rung + 1}, {end}"
                verdicts[trial] = Verdict(decision, rung, reason)
        entrants, complete = following, complete and not missing


def _is_dead(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.decision in (Decision.DIVERGED, Decision.FAILED)


def _compare(study: Study, found: Results, verdicts: Verdicts) -> None:
    rungs = len(study.shares)
    # Of the trials with lower numbers: accuracies at each rung, ascending, and how many may still
    # go further, by the number of rungs behind them.
    there: list[list[float]] = [[] for _ in range(rungs)]
    alive = [0] * (rungs + 1)
    for trial in range(max(found, default=-1) + 1):
        at = found.get(trial, {})
        rung = max(at, default=-1)
        if at and trial not in verdicts:
            coming = sum(alive[: rung + 1])
            verdicts[trial] = _compared(at, rung, there[rung], coming)
        verdict = verdicts.get(trial)
        alive[rung + 1] += verdict is None or verdict.decision in (Decision.GOES_ON, Decision.WAITS)
        for number, accuracy in at.items():
            if accuracy is not None:
                insort(there[number], accuracy)


def _compared(
    at: Mapping[int, float | None], rung: int, others: Sequence[float], coming: int
) -> Verdict:
    """Return the decision about a trial by those with lower numbers.

    Args:
        at: its accuracies by rung.
        rung: its latest rung.
        others: accuracies of the others there.
        coming: number of others that may still come there.
    """
    if coming:
        return Verdict(Decision.WAITS, rung, f"{coming} to come at rung {rung + 1}")
    if len(others) < FEWEST:
        return Verdict(Decision.GOES_ON, rung, f"{len(others)} earlier at rung {rung + 1}")
    best = max(accuracy for accuracy in at.values() if accuracy is not None)
    middle = median(others)
    what = f"{best:.2%} against a median of {middle:.2%} at rung {rung + 1}".replace("%", " %")
    return Verdict(Decision.PRUNED if best < middle else Decision.GOES_ON, rung, what)
