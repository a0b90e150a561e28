"""Which settings a trial of a study tries.

**Random**: trial k has the settings that the study draws for it (`Study.drawn`), whatever becomes
of others.

**TPE** (Bergstra et al. 2011, "Algorithms for hyper-parameter optimization"; by Optuna): the first
trials are those of the random sampler, until 10 have results. From then on the settings of trial k
are a function of the study, of k, of the settings of the trials before it, and of the results so
far; so they can be followed from the record. A trial that was not trained to its end counts with
its accuracy at its latest rung, behind those that were trained further; one that has no result yet
counts as a bad one, so that trials that run side by side differ; one that diverged is behind all
others.

No settings are tried twice. If trial k would have those of an earlier one, further ones are drawn
for it from the same generator; TPE is asked 20 times, and then the random sampler draws. After 100
draws without anything new, a space of choices and integers is searched in the order of its
definition. If all of it has been tried, or if another space has nothing new in these draws, the
study is at its end.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from core.errors import UserError
from core.sweeps import optuna_trials
from core.sweeps.definition import space
from core.sweeps.definition.study import Study
from core.sweeps.told import Told, results

STARTUP = 10
"""Trials with results before TPE is asked."""

ASKED, REDRAWN = 20, 100
"""How often TPE is asked, and the random sampler draws, for one trial."""

Settings = dict[str, Any]


class SpaceExhaustedError(UserError):
    """All settings of a space have been tried; the message says after how many trials."""


class Sampler:
    """Says what a trial tries.

    Args:
        study: the study.
        told: the results so far, in the order in which they were recorded.
        asked: the settings of all trials so far, by number, with and without results. The random
            sampler needs none.
    """

    def __init__(
        self,
        study: Study,
        told: Sequence[Told] = (),
        asked: Mapping[int, Mapping[str, Any]] | None = None,
    ) -> None:
        self.study, self.told, self.asked = study, told, asked or {}
        self._drawn: list[Settings] = []
        self._used: set[str] = set()

    def settings(self, trial: int) -> Settings:
        """Return the settings of a trial.

        Args:
            trial: its number, from 0.

        Raises:
            SpaceExhaustedError: if there are no settings that an earlier trial has not.
            UserError: if TPE is to be asked, and Optuna is not installed.
        """
        if self.study.sampler == "random":
            while len(self._drawn) <= trial:
                number = len(self._drawn)
                drawn = self._new(number, self._used)
                self._drawn.append(drawn)
                self._used.add(space.key(drawn))
            return dict(self._drawn[trial])
        if trial in self.asked:
            return dict(self.asked[trial])
        before = {number: each for number, each in self.asked.items() if number < trial}
        used = {space.key(each) for each in before.values()}
        found = results(self.told, self.study.seeds[0])
        if sum(number in before for number in found) >= STARTUP:
            suggested = self._suggested(trial, before, used)
            if suggested is not None:
                return suggested
        return self._new(trial, used)

    def _new(self, trial: int, used: Collection[str]) -> Settings:
        """Return random settings that are not in use."""
        study = self.study
        for drawn in study.draws(trial, REDRAWN):
            if space.key(drawn) not in used:
                return drawn
        unused = space.first_unused(study.space, used) if space.is_finite(study.space) else None
        if unused is None:
            raise SpaceExhaustedError(
                f"the space of {study.name} has nothing new after {trial} of {study.trials} "
                "trials; let more settings vary, or lower trials"
            )
        return unused

    def _suggested(
        self, trial: int, before: Mapping[int, Mapping[str, Any]], used: Collection[str]
    ) -> Settings | None:
        """Return what TPE suggests; None if all of its suggestions are in use."""
        study, last = self.study, len(self.study.shares) - 1
        # One generator for each trial: what TPE was asked before has no influence on it.
        seed = np.random.SeedSequence([trial, *study.name.encode()]).generate_state(1)[0]
        tpe = optuna_trials.new_study(int(seed))
        found = results(self.told, study.seeds[0])
        order = [*(number for number in found if number in before), *sorted(before.keys() - found)]
        for number in order:
            at = found.get(number, {})
            tpe.add_trial(optuna_trials.trial(study.space, before[number], at, last))
        for _ in range(ASKED):
            asked = tpe.ask()
            met: Settings = {}
            for name in space.order(study.space):
                if space.holds(study.space[name], met):
                    met[name] = optuna_trials.suggest(asked, name, study.space[name])
            suggested = {name: met[name] for name in study.space if name in met}
            if space.key(suggested) not in used:
                return suggested
        return None
