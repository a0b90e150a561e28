"""The definition of a study: its fields as a file has them, each checked by itself."""

import sys
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ConfigDict, InstanceOf, ValidationInfo, field_validator, model_validator

from core.config.experiment import MAX_NAME, MAX_UPDATES
from core.settings import SettingError, quoted, setting
from core.sweeps.definition import names
from core.sweeps.definition.distributions import Distribution, parse
from core.sweeps.definition.rungs import Pruning
from core.validation import CheckedSettings

MAX_SEED = 2**31 - 1

HIGHEST = sys.float_info.max
"""The largest number that is a float; whole numbers in a file can be larger."""


class StudyFields(CheckedSettings):
    """What defines a study."""

    # A file says 2 or "2", and means it: one that is nearly right is not guessed at.
    model_config = ConfigDict(strict=True)

    name: str
    """Trials are drawn by it, so that studies of different names differ."""
    preset: str | None = None
    """The preset that every trial starts from; None if there is a base."""
    base: dict[str, Any] | None = None
    """The settings that every trial starts from, if that is no preset."""
    trials: int = setting(
        24,
        "Choices of settings, each trained with the first seed",
        label="trials",
        group="Study",
        low=1,
        high=10_000,
    )
    finalists: int = setting(
        3,
        "Best trials, which are also trained with the other seeds",
        label="finalists",
        group="Study",
        low=0,
        high=10_000,
    )
    seeds: tuple[int, ...] = (0, 1, 2)
    """The first is that of all trials; the others are for the finalists."""
    epochs: float | None = None
    """Passes over the training images, the same for every trial, whatever its batch size."""
    updates: int | None = None
    """Updates of every trial. If epochs and updates are None, trials see as many images as a run
    with the settings they start from."""
    validation_size: int = setting(
        5000,
        "Training images set aside to compare trials by",
        label="validation set",
        group="Study",
        unit="images",
        low=100,
        high=10_000,
        step=100,
    )
    sampler: Literal["random", "tpe"] = setting(
        "random",
        "How settings are drawn: at random, or by TPE, which looks at the results so far",
        label="sampler",
        group="Study",
    )
    pruning: Pruning = Pruning()
    wall_seconds: float | None = None
    """Time after which the study stops; None for no limit."""
    fixed: dict[str, Any] = {}
    """Settings of every trial that differ from those it starts from, by name."""
    space: dict[str, InstanceOf[Distribution]]
    """Distributions of the settings that vary, by name."""

    @field_validator("name")
    @classmethod
    def _name_shows(cls, name: str) -> str:
        if not (name.isprintable() and 1 <= len(name.strip()) <= MAX_NAME):
            raise ValueError(f"it needs 1 to {MAX_NAME} characters that can be printed")
        return name.strip()

    @field_validator("seeds", mode="before")
    @classmethod
    def _seeds_differ(cls, given: Any) -> Any:
        if not isinstance(given, list | tuple) or not given:
            raise ValueError("write a list of 1 seed at least, such as [0, 1, 2]")
        for index, seed in enumerate(given):
            if type(seed) is not int or not 0 <= seed <= MAX_SEED:
                raise ValueError(
                    f"{quoted(seed)} is no seed; seeds are whole numbers from 0 to {MAX_SEED}"
                )
            if seed in given[:index]:
                raise ValueError(f"{seed} is there twice, and would train the same twice")
        return tuple(given)

    @field_validator("epochs", "updates", "wall_seconds", mode="before")
    @classmethod
    def _above_0(cls, given: Any, info: ValidationInfo) -> Any:
        whole = info.field_name == "updates"
        if given is None:
            return given
        kinds = int if whole else int | float
        if not isinstance(given, kinds) or isinstance(given, bool) or not 0 < given <= HIGHEST:
            what = "whole number" if whole else "number"
            raise ValueError(f"{quoted(given)} is not a {what} above 0")
        if whole and given > MAX_UPDATES:
            raise ValueError(f"{given:,} is too many; a run takes {MAX_UPDATES:,} updates at most")
        return given

    @field_validator("pruning", mode="before")
    @classmethod
    def _pruning(cls, given: Any) -> Any:
        if isinstance(given, Pruning):
            return given
        if not isinstance(given, str | dict):
            raise ValueError(f'{quoted(given)} is no pruning; write "halving", "median" or "none"')
        try:
            return Pruning.of({"kind": given} if isinstance(given, str) else given)
        except SettingError as error:
            raise SettingError(f"pruning.{error.field}", error.reason) from None

    @field_validator("base", mode="before")
    @classmethod
    def _base(cls, given: Any) -> Any:
        if given is not None and not isinstance(given, dict):
            raise ValueError(f"{quoted(given)} is no table of settings")
        if given is None:
            return None
        return names.by_field(given, "base")

    @field_validator("fixed", mode="before")
    @classmethod
    def _fixed(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            raise ValueError(f"{quoted(given)} is no table; write settings below [fixed]")
        return names.by_name(given, "fixed")

    @field_validator("space", mode="before")
    @classmethod
    def _space(cls, given: Any) -> Any:
        if not isinstance(given, Mapping) or not given:
            raise ValueError("nothing varies; write a setting below it, such as "
                             "eta_max = { log = [0.001, 0.1] }")  # fmt: skip
        return {
            name: names.with_conditions_by_name(name, parse(name, each))
            for name, each in names.by_name(given, "space").items()
        }

    @model_validator(mode="before")
    @classmethod
    def _defaults(cls, values: Any) -> Any:
        # Fewer trials than the usual finalists need no other number of these.
        if isinstance(values, dict) and "finalists" not in values:
            trials, usual = values.get("trials"), cls.model_fields["finalists"].default
            if type(trials) is int and 1 <= trials < usual:
                return {**values, "finalists": trials}
        return values
