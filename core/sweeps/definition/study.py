"""A study: what stays, what varies, and how much is trained, as a file in TOML defines it.

    preset = "final"            what every trial starts from; or [base], with all settings
    trials = 24                 choices of settings, each trained with the first seed
    finalists = 5               of them, trained with the other seeds, too
    seeds = [0, 1, 2]
    epochs = 11                 passes over the training images for each; or updates = 5000
    validation_size = 5000
    sampler = "random"          or "tpe"
    pruning = "halving"         or "none", "median"; a table as { kind = "halving", first = 0.1 }
    wall_seconds = 3600         ends the study
    [fixed]                     settings that differ from the preset's, in every trial
    [space]                     settings that vary; see `core.sweeps.definition.distributions`

`core.sweeps.definition.names` lists what can be fixed and varied. What is left out has a default.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Self

import numpy as np
from pydantic import ValidationError, model_validator

from core.config import presets, toml
from core.config.experiment import Experiment
from core.plan import plan
from core.settings import SettingError
from core.sweeps.definition import names, space
from core.sweeps.definition.budget import Budget, Length, half_cycle, in_words
from core.sweeps.definition.distributions import Choice
from core.sweeps.definition.rungs import rung_updates, spacing
from core.sweeps.definition.study_fields import StudyFields
from core.text_out import visible

TRIED = 10
"""Draws that are tried when a study is read, so that impossible ones are found before it begins."""


def stands_for(name: str) -> str:
    """Return what a name of a study stands for in commands already; empty if it can be one."""
    if name.casefold() == "latest":
        return "the newest study"
    return "the number of a study" if name.isdecimal() else ""


class Study(StudyFields):
    """What a study tries.

    Raises:
        pydantic.ValidationError: from the constructor; `of`, `from_toml` and `read` raise
            `SettingError`, one sentence for the user.
    """

    # Reading and writing

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a study from a TOML file, and name it after the file.

        Raises:
            SettingError: if the file cannot be read or is invalid; the message gives its name.
        """
        text = toml.read(path)
        try:
            return cls.from_toml(text, path.stem, str(path))
        except SettingError as error:
            at = f"{path}: " if visible(path) not in error.reason else ""
            raise SettingError("", f"{at}{error}") from None

    @classmethod
    def from_toml(cls, text: str, name: str, origin: str = "the text") -> Self:
        """Read a study from TOML.

        Raises:
            SettingError: if the text is invalid; the message gives `origin` if it is not TOML.
        """
        values = toml.parse(text, origin)
        if "name" in values:
            raise SettingError("name", "a study is named after its file; leave it out")
        if stands := stands_for(name):
            raise SettingError("name", f"{name} stands for {stands}; rename the file")
        study = cls.of({"name": name, **values})
        # Not by `of`: a study that was saved before this was checked must go on.
        names.check_types(study.base or {}, "base")
        names.check_types(study.fixed, "fixed")
        for varied, distribution in study.space.items():
            if isinstance(distribution, Choice):
                for value in distribution.values:
                    names.check_types({varied: value}, "space")
        return study

    @classmethod
    def around(cls, experiment: Experiment, name: str) -> Self:
        """Return a study around the settings of a run, to be adjusted: see module `around`.

        Raises:
            SettingError: if the name is invalid.
        """
        from core.sweeps.definition import around

        return cls.of({"name": name, **around.definition(experiment)})

    def to_toml(self) -> str:
        """Return the study as TOML, from which `from_toml` with its name returns an equal one."""
        from core.sweeps.definition import study_text

        return study_text.to_toml(self)

    def definition(self) -> dict[str, Any]:
        """Return the study as a JSON object, from which `of` returns an equal one."""
        values = self.model_dump(exclude={"space"}, exclude_none=True)
        values["seeds"] = list(self.seeds)
        tables = {name: each.table() for name, each in self.space.items()}
        return {**values, "space": tables}

    @classmethod
    def setting_error(cls, error: ValidationError) -> SettingError:
        """Return the first validation error in one sentence."""
        first: Any = error.errors()[0]
        cause = first.get("ctx", {}).get("error")
        if isinstance(cause, SettingError):
            return cause
        return super().setting_error(error)

    def changed(self, **values: Any) -> Self:
        """Return a validated copy with other values.

        Raises:
            SettingError: as `of`.
        """
        # Unlike `dict(self)`, without what is cached.
        return self.of(
            {**{name: getattr(self, name) for name in type(self).model_fields}, **values}
        )

    # Trials

    @cached_property
    def origin(self) -> Experiment:
        """The preset or base, without what is fixed."""
        if self.base is not None:
            return Experiment.of(self.base)
        return presets.load(presets.DEFAULT if self.preset is None else self.preset)

    @cached_property
    def start(self) -> Experiment:
        """The settings that every trial starts from, with those that are fixed."""
        return names.changed(self.origin, self.fixed)

    def drawn(self, trial: int) -> dict[str, Any]:
        """Return the random settings of a trial, a function of the study and the number only."""
        return next(self.draws(trial, 1))

    def draws(self, trial: int, count: int) -> Iterator[dict[str, Any]]:
        """Yield `drawn`, and what the trial's own generator draws after it, `count` in all."""
        rng = np.random.default_rng([trial, *self.name.encode()])
        return (space.draw(self.space, rng) for _ in range(count))

    def experiment(
        self,
        settings: Mapping[str, Any],
        seed: int,
        dataset_name: str | None = None,
        training_images: int | None = None,
        name: str | None = None,
    ) -> Experiment:
        """Return what a trial trains.

        Args:
            settings: what was drawn for it.
            seed: its seed.
            dataset_name: the data set; None for that of the settings it starts from.
            training_images: number of images in the training set, without those for validation;
                None if it has not been loaded.
            name: name of its run; None for that of the study.

        Raises:
            SettingError: if the settings do not go together, such as more shards than images in a
                batch, or the budget is too small or too large.
        """
        values = {**self.fixed, **settings}
        if dataset_name is not None:
            values["dataset"] = dataset_name
        experiment = names.changed(self.origin, values)
        if training_images is None:
            training_images = experiment.data.training - self.validation_size
        updates = self._updates(experiment.batch_size, training_images)
        experiment = experiment.changed(
            name=name or self.name,
            seed=seed,
            validation_size=self.validation_size,
            half_cycle=half_cycle(experiment, updates),
            max_updates=0,
        )
        experiment = experiment.changed(evaluate_every=spacing(experiment.total_updates))
        self.rungs(experiment)
        return experiment

    def length(
        self, settings: Mapping[str, Any], dataset_name: str | None, training_images: int
    ) -> Length:
        """Return how long a trial is; arguments and errors are those of `experiment`."""
        made = self.experiment(settings, self.seeds[0], dataset_name, training_images)
        wanted = self._updates(made.batch_size, training_images)
        return Length(wanted, made.total_updates, made.cycles)

    def length_in_words(self, dataset_name: str | None = None, images: int | None = None) -> str:
        """Return how many updates trials train, and why where that is not what the study says.

        Where trials differ, it is said of the first 10 that would be drawn at random.

        Args:
            dataset_name: as for `experiment`.
            images: number of images in the training set; None if it has not been loaded.
        """
        training_images = images or self.start.data.training - self.validation_size
        drawn = [self.drawn(trial) for trial in range(min(self.trials, TRIED))]
        return in_words([self.length(each, dataset_name, training_images) for each in drawn])

    def _updates(self, batch_size: int, training_images: int) -> float:
        """Return the updates that a trial of this batch size is given."""
        return Budget(self.epochs, self.updates).of(self.start, batch_size, training_images)

    @cached_property
    def shares(self) -> tuple[float, ...]:
        """The rungs as shares of a trial, ascending; the last is 1."""
        return self.pruning.shares(self.updates)

    def rungs(self, experiment: Experiment) -> tuple[int, ...]:
        """Return the updates at which a trial is judged, ascending; the last is its end.

        All but the last are multiples of its `evaluate_every`; at the end the result counts.

        Raises:
            SettingError: if the trial is too short for its rungs.
        """
        return rung_updates(self.shares, experiment.total_updates)

    @cached_property
    def cohort(self) -> int:
        """Number of trials that there can be: fewer than `trials` in a small space of choices."""
        if not space.is_finite(self.space):
            return self.trials
        return sum(1 for _ in islice(space.every(self.space), self.trials))

    # Validation

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.preset is not None and self.base is not None:
            raise ValueError("preset and [base] both say what trials start from; leave one out")
        if self.epochs is not None and self.updates is not None:
            raise ValueError("epochs and updates both say how long trials are; leave one out")
        if self.finalists > self.trials:
            raise ValueError(
                f"{self.finalists} finalists cannot be the best of {self.trials} trials; "
                "raise trials or lower finalists"
            )
        names.check_apart(tuple(self.fixed), tuple(self.space))
        self._check_start()
        start = names.changed(self.origin, names.without_parts(self.fixed))
        for name, distribution in self.space.items():
            names.check_distribution(start, name, distribution)
        space.check_conditions(self.space)
        for trial in range(min(self.trials, TRIED)):
            try:
                plan(self.experiment(self.drawn(trial), self.seeds[0]))
            except SettingError as error:
                raise SettingError("", f"trial {trial} cannot be trained: {error}") from None
        return self

    def _check_start(self) -> None:
        try:
            origin = self.origin
        except SettingError as error:
            where = "preset" if self.base is None else f"base.{error.field}".rstrip(".")
            raise SettingError(where, error.reason) from None
        try:
            names.changed(origin, self.fixed)
        except SettingError as error:
            raise SettingError(f"fixed.{error.field}".rstrip("."), error.reason) from None
