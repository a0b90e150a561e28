"""What a study trains next, and whether it is over; functions of what is recorded."""

from collections.abc import Iterator, Mapping

from core.runs.studies.records import Tell, TrialRecord, TrialState
from core.sweeps.definition.study import Study
from core.sweeps.execution.executor import Key
from core.sweeps.pruning import Decision, Verdicts
from core.sweeps.told import results

Trials = Mapping[Key, TrialRecord]


def agenda(study: Study, trials: Trials, tells: list[Tell], verdicts: Verdicts) -> Iterator[Key]:
    """Yield the trials that can be trained now, by number and seed, the most urgent first.

    Those that have begun come before those that have not, so that results come soon, and so do
    seeds that were asked for; finalists come when all trials are over with the first seed.

    Args:
        study: the study.
        trials: the trials that have begun.
        tells: the results so far.
        verdicts: what becomes of the trials with the first seed.
    """
    first = study.seeds[0]
    began = [trials[key] for key in sorted(trials) if key[1] == first]
    yield from (trial.key for trial in began if _interrupted(trial))
    for trial in began:
        verdict = verdicts.get(trial.number)
        if trial.state is TrialState.PAUSED and verdict and verdict.decision is Decision.GOES_ON:
            yield trial.key
    yield from added(study, trials)
    known = {trial.number for trial in began}
    yield from ((number, first) for number in range(study.cohort) if number not in known)
    if len(began) == study.cohort and all(trial.over for trial in began):
        for key in finalist_keys(study, tells):
            if key not in trials:
                yield key


def added(study: Study, trials: Trials) -> Iterator[Key]:
    """Yield the trials with other seeds that are recorded and not over, by number and seed.

    They are seeds that were asked for besides those of the study, and finalists that have begun.
    """
    for key in sorted(trials):
        if key[1] != study.seeds[0] and _interrupted(trials[key]):
            yield key


def is_over(study: Study, trials: Trials, tells: list[Tell]) -> bool:
    """Return whether nothing is left to be trained."""
    first = study.seeds[0]
    stage = [trial for (_, seed), trial in trials.items() if seed == first]
    if len(stage) < study.cohort or not all(trial.over for trial in stage):
        return False
    if not all(trial.over for trial in trials.values()):
        return False
    return all(key in trials for key in finalist_keys(study, tells))


def finalist_keys(study: Study, tells: list[Tell]) -> list[Key]:
    """Return the trainings of the finalists with the other seeds, seed by seed, best first.

    Of equal accuracies the earlier trial is better.
    """
    first, *others = study.seeds
    last = len(study.shares) - 1
    found = {
        trial: accuracy
        for trial, at in results(tells, first).items()
        if (accuracy := at.get(last)) is not None
    }
    best = sorted(found, key=lambda trial: (-found[trial], trial))[: study.finalists]
    return [(trial, seed) for seed in others for trial in best]


def _interrupted(trial: TrialRecord) -> bool:
    return trial.state in (TrialState.WAITING, TrialState.PARKED, TrialState.RUNNING)
