"""The settings of a run: everything that determines its result.

Every setting is declared once, here. The settings pane, `--set`, the files and the validation use
these declarations.
"""

import re
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from core import format as fmt
from core.config import toml
from core.config.architecture import Architecture, ShortForm, for_classes
from core.config.images import ImageSettings
from core.config.learning import LearningSettings
from core.config.running import RunSettings
from core.data import known
from core.data.known import KnownSet
from core.optim.schedule import Cyclical
from core.settings import Setting, SettingError, Value, settings_of
from core.text_out import visible

MAX_UPDATES = 10_000_000
"""Longest run: days of training on any machine, and still a number that fits on a screen."""

MAX_NAME = 100
"""Maximum length of a name, which becomes part of a folder name."""


PAIR_LINES = re.compile(r"\[\n +(\d+),\n +(\d+),\n\]")
"""A list of two numbers as `tomli_w` writes it, in four lines."""

DECAY_NOTE = (
    "# lambda: the cost adds lambda times the sum of the squared weights. PyTorch's weight_decay\n"
    "# for the same is twice as large.\n"
)
"""Comment in every settings file, because PyTorch defines weight decay differently."""


class Experiment(RunSettings, ImageSettings, LearningSettings):
    """The settings of a run.

    Raises:
        pydantic.ValidationError: from the constructor; `Experiment.of` raises `SettingError`,
            whose message is for the user.

    """

    name: str = "experiment"
    """Name of the preset or of the user's own experiment; runs are named after it."""

    architecture: Architecture = Field(default="4x4/10/50", validate_default=True)

    @field_validator("architecture", mode="before")
    @classmethod
    def _expanded(cls, value: Any, info: ValidationInfo) -> Any:
        # The fields of the base classes have been validated before.
        if isinstance(value, str) and "dataset" in info.data:
            return ShortForm.expand(value, len(known.get(info.data["dataset"]).classes))
        return value

    @field_validator("name")
    @classmethod
    def _name_shows(cls, name: str) -> str:
        if not (name.isprintable() and 1 <= len(name.strip()) <= MAX_NAME):
            raise ValueError(f"it needs 1 to {MAX_NAME} characters that can be printed")
        return name.strip()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.eta_min > self.eta_max:
            raise ValueError(
                f"eta_min {fmt.number(self.eta_min)} is above eta_max {fmt.number(self.eta_max)}; "
                "lower the one or raise the other"
            )
        if self.shards > self.batch_size:
            raise ValueError(
                f"{self.shards} shards cannot share a batch of {self.batch_size}; "
                "every shard needs an image"
            )
        if self.total_updates > MAX_UPDATES:
            raise ValueError(
                f"the run would take more than {MAX_UPDATES:,} updates; "
                "lower half_cycle, cycles or growth, or set max_updates"
            )
        return self

    @property
    def data(self) -> KnownSet:
        """What is known of its data set before that is loaded."""
        return known.get(self.dataset)

    def changed(self, **values: Any) -> Self:
        """Return a validated copy with other values.

        With another data set the last layer has one unit for each of its classes.

        Raises:
            SettingError: if a value is invalid.
        """
        dataset = values.get("dataset")
        if "architecture" not in values and dataset in known.names():
            before, after = (len(known.get(name).classes) for name in (self.dataset, dataset))
            values["architecture"] = for_classes(self.architecture, before, after)
        return super().changed(**values)

    @property
    def short_form(self) -> str | None:
        """The short form of its architecture, such as `4x4/10/50`; None if it has none."""
        return ShortForm.of(self.architecture, len(self.data.classes))

    @property
    def total_updates(self) -> int:
        """Number of updates of the whole run."""
        cyclical = Cyclical(self.eta_min, self.eta_max, self.half_cycle, self.cycles, self.growth)
        total = cyclical.total_updates
        return min(total, self.max_updates) if self.max_updates else total

    @classmethod
    def from_toml(cls, text: str, origin: str = "the text") -> Self:
        """Read an experiment from TOML, in which settings may have their symbols, such as `lambda`.

        Raises:
            SettingError: if the text is invalid; the message gives `origin` if it is not TOML.

        """
        values = toml.parse(text, origin)
        try:
            return cls.of(_by_name(values))
        except SettingError as error:
            raise _as_written(error, values) from None

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read an experiment from a TOML file.

        Raises:
            SettingError: if the file cannot be read or is invalid; the message gives its name.

        """
        text = toml.read(path)
        try:
            return cls.from_toml(text, str(path))
        except SettingError as error:
            at = f"{path}: " if visible(path) not in error.reason else ""
            raise SettingError("", f"{at}{error}") from None

    def to_toml(self) -> str:
        """Return all settings as TOML, from which `from_toml` returns an equal experiment."""
        import tomli_w

        values = self.model_dump()
        name, layers = values.pop("name"), values.pop("architecture")
        values = {"name": name, "architecture": self.short_form or layers, **values}
        text = PAIR_LINES.sub(r"[\1, \2]", tomli_w.dumps(values))
        return text.replace("\nweight_decay", f"\n{DECAY_NOTE}weight_decay", 1)

    def assign(self, *texts: str) -> Self:
        """Return a copy with settings changed by texts such as `field=value`, all at once.

        Raises:
            SettingError: if there is no such field, or the value is invalid.

        """
        values: dict[str, Any] = {}
        written: dict[str, str] = {}
        for text in texts:
            field, equals, value = text.partition("=")
            field = field.strip()
            if not (equals and field):
                raise SettingError(
                    "", f"{text!r} sets nothing; write field=value, such as eta_max=0.05"
                )
            spec = FIELDS_BY_NAME.get(field)
            if spec is None:
                values[field] = value.strip() if field in ("name", "architecture") else value
                continue
            written[field] = value
            try:
                values[spec.name] = spec.parse(value)
            except SettingError as error:
                raise _as_written(error, written) from None
        try:
            return self.changed(**values)
        except SettingError as error:
            raise _as_written(error, written) from None


FIELDS: tuple[Setting, ...] = settings_of(Experiment)
"""All single-valued settings, in the order in which the app shows them."""

FIELDS_BY_NAME = {name: field for field in FIELDS for name in (field.name, field.symbol) if name}


def _as_written(error: SettingError, written: dict[str, Any]) -> SettingError:
    """Return the error with the symbol of the setting where the user wrote the symbol."""
    field = FIELDS_BY_NAME.get(error.field)
    if field is None or not field.symbol or field.symbol not in written:
        return error
    return SettingError(f"{field.symbol} ({field.name})", error.reason)


def _by_name(values: dict[str, Any]) -> dict[str, Any]:
    """Return values with symbols of settings replaced by their names.

    Raises:
        SettingError: if a setting has a value under both.
    """
    named = {}
    for key, value in values.items():
        field = FIELDS_BY_NAME.get(key)
        name = field.name if field else key
        if name in named:
            raise SettingError(key, f"is the same setting as {name}; leave one of them out")
        named[name] = value
    return named


__all__ = ["FIELDS", "FIELDS_BY_NAME", "Experiment", "Setting", "SettingError", "Value"]
