"""How much each setting of a study decided about the accuracy, with intervals.

PED-ANOVA (Watanabe, Bansal and Hutter 2023, "PED-ANOVA: Efficiently quantifying hyperparameter
importance in arbitrary subspaces"; by Optuna) compares where the best quarter of the trials lies
with where all of them lie, setting by setting: a setting whose values are the same in both decides
nothing. It says nothing of settings that matter only together. The intervals come from resampling
the trials (Efron 1979, "Bootstrap methods: Another look at the jackknife"), and the importance is
the mean of the resamples (Breiman 1996, "Bagging predictors"): the one of all trials, where they
are few, is often 0 or 1, far out of its interval.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import UserError
from core.sweeps import optuna_trials
from core.sweeps.definition.study import Study

FEWEST = 20
"""Trials below which importance is refused: the best quarter of 20 are 5, which Optuna's manual
asks for at least."""

BEST = 0.25
"""Share of the trials that are the best."""

MOST = 200
"""Trials in one resample at most, so that 100 resamples take seconds, however many there are; the
intervals of more trials are wider than they need be."""

RESAMPLES = 100
INTERVAL = (5.0, 95.0)
"""Percentiles of the resamples between which an interval lies."""


@dataclass(frozen=True)
class Importance:
    """The importance of one setting; those of all settings of a study have the sum 1."""

    name: str
    value: float
    """Mean of the resamples."""
    low: float
    """5th percentile of the resamples."""
    high: float
    """95th percentile of the resamples."""


Finished = Sequence[tuple[Mapping[str, Any], float]]
"""Settings and accuracies of trials that were trained to the end."""


def importances(
    study: Study, finished: Finished, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[Importance, ...]:
    """Return the importance of all settings that vary, the largest first.

    Args:
        study: the study.
        finished: settings and accuracy of each trial that was trained to the end; those that were
            pruned saw fewer images, so their accuracies cannot be compared with these.
        resamples: number of resamples; 100 are enough for percentiles that hold to some 2 points.
        seed: of the resampling.

    Raises:
        UserError: if there are too few trials, none is better than another, or Optuna is not
            installed.
    """
    if len(finished) < FEWEST:
        raise UserError(
            f"importance needs {FEWEST} trials trained to the end; {study.name} has "
            f"{len(finished)} so far"
        )
    if len({accuracy for _, accuracy in finished}) == 1:
        raise UserError(f"all {len(finished)} trials of {study.name} are equally good")
    optuna_trials.check_installed()
    rng = np.random.default_rng(seed)
    trials = [
        optuna_trials.trial(study.space, settings, {0: accuracy}, 0)
        for settings, accuracy in finished
    ]
    names = tuple(study.space)
    size = min(len(trials), MOST)
    drawn = np.array(
        [
            _shares([trials[at] for at in rng.integers(len(trials), size=size)], names)
            for _ in range(resamples)
        ]
    )
    low, high = np.percentile(drawn, INTERVAL, axis=0)
    means = drawn.mean(axis=0)
    found = (
        Importance(name, float(means[at]), float(low[at]), float(high[at]))
        for at, name in enumerate(names)
    )
    return tuple(sorted(found, key=lambda each: -each.value))


def _shares(trials: Sequence[Any], names: Sequence[str]) -> list[float]:
    """Return the importance of each setting; 0 of those that Optuna leaves out."""
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    made = optuna_trials.new_study()
    made.add_trials(trials)
    with warnings.catch_warnings():
        # Experimental in some versions of Optuna.
        warnings.simplefilter("ignore")
        evaluator = PedAnovaImportanceEvaluator(target_quantile=BEST)
        found = get_param_importances(made, evaluator=evaluator)
    return [found.get(name, 0.0) for name in names]
