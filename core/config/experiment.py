"""The settings of a run: everything that determines its result.

Every setting is declared once, here. The settings pane, `--set`, the files and the validation use
these declarations.
"""

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import field_validator, model_validator

from core.config import toml
from core.config.architecture import Architecture, ShortForm
from core.optim.schedule import Cyclical
from core.settings import Setting, SettingError, Value, setting, settings_of
from core.text_out import visible
from core.validation import CheckedSettings

MAX_UPDATES = 10_000_000
"""Longest run: days of training on any machine, and still a number that fits on a screen."""

MAX_NAME = 100
"""Maximum length of a name, which becomes part of a folder name."""


DECAY_NOTE = (
    "# lambda: the cost adds lambda times the sum of the squared weights. PyTorch's weight_decay\n"
    "# for the same is twice as large.\n"
)
"""Comment in every settings file, because PyTorch defines weight decay differently."""


class Experiment(CheckedSettings):
    """The settings of a run.

    Raises:
        pydantic.ValidationError: from the constructor; `Experiment.of` raises `SettingError`,
            whose message is for the user.

    """

    name: str = "experiment"
    """Name of the preset or of the user's own experiment; runs are named after it."""

    architecture: Architecture = ShortForm.expand("4x4/10/50")

    eta_min: float = setting(
        1e-5,
        "Lowest learning rate, where every cycle begins and ends",
        label="rate, lowest",
        group="Schedule",
        low=0,
        high=10,
        step=1e-7,
        scale="log",
    )
    eta_max: float = setting(
        0.1,
        "Highest learning rate, at the top of the first cycle; the rate itself where constant",
        label="rate, highest",
        group="Schedule",
        low=1e-7,
        high=10,
        step=1e-7,
        scale="log",
    )
    schedule: Literal["cyclical", "one-cycle", "constant"] = setting(
        "cyclical",
        "How the rate goes: in triangles, up and down once in all cycles together, or constant",
        label="schedule",
        group="Schedule",
    )
    warmup: float = setting(
        0.3,
        "Share of a one-cycle run in which the rate climbs; it falls for the rest",
        label="warm-up",
        group="Schedule",
        low=0,
        high=0.95,
        step=0.05,
    )
    half_cycle: int = setting(
        800,
        "Updates from the lowest to the highest rate",
        label="half cycle",
        group="Schedule",
        unit="updates",
        low=1,
        high=1_000_000,
        step=100,
        symbol="n_s",
    )
    cycles: int = setting(
        3, "Number of cycles, which ends the run", label="cycles", group="Schedule", low=1, high=100
    )
    growth: float = setting(
        1.0,
        "Factor on the half cycle from one cycle to the next",
        label="cycle growth",
        group="Schedule",
        low=0.1,
        high=10,
        step=0.1,
    )
    decay: float = setting(
        1.0,
        "Factor on the highest rate from one cycle to the next",
        label="rate decay",
        group="Schedule",
        low=0.01,
        high=1,
        step=0.05,
    )
    momentum: float = setting(
        0.0,
        "Share of the velocity that each step keeps; 0 is plain gradient descent",
        label="momentum",
        group="Schedule",
        low=0,
        high=0.999,
        step=0.05,
        symbol="mu",
    )
    nesterov: Literal["off", "on"] = setting(
        "off",
        "Whether a step with momentum looks ahead, after Nesterov",
        label="Nesterov",
        group="Schedule",
    )
    max_updates: int = setting(
        0,
        "Stop after this many updates; 0 lets the schedule run to its end",
        label="stop after",
        group="Schedule",
        unit="updates",
        low=0,
        high=10_000_000,
        step=100,
    )

    weight_decay: float = setting(
        0.003,
        "Lambda: the cost adds lambda times the sum of the squared weights; PyTorch's weight_decay "
        "for the same is twice as large",
        label="lambda",
        group="Regularisation",
        low=0,
        high=10,
        step=1e-6,
        scale="log",
        symbol="lambda",
    )
    label_smoothing: float = setting(
        0.0,
        "Share of each target that is spread evenly over all classes",
        label="label smoothing",
        group="Regularisation",
        low=0,
        high=0.9,
        step=0.05,
    )

    augmentation: Literal["none", "offline", "fresh"] = setting(
        "none",
        "Flips and shifts: as more images made once, or drawn anew for every image in every epoch",
        label="augmentation",
        group="Augmentation",
    )
    copies: int = setting(
        24_500,
        "Images that offline augmentation adds",
        label="copies",
        group="Augmentation",
        unit="images",
        low=1,
        high=200_000,
        step=500,
    )
    flip_probability: float = setting(
        0.5,
        "Chance that an augmented image is mirrored",
        label="flip chance",
        group="Augmentation",
        low=0,
        high=1,
        step=0.05,
    )
    largest_shift: int = setting(
        3,
        "Farthest that an augmented image is moved, each way",
        label="largest shift",
        group="Augmentation",
        unit="pixels",
        low=0,
        high=16,
    )

    dataset: Literal["auto", "cifar10", "synthetic"] = setting(
        "auto",
        "CIFAR-10 where it is found and else the built-in shapes, or one of them by name",
        label="data set",
        group="Data",
    )
    validation_size: int = setting(
        1000,
        "Training images set aside to choose settings by",
        label="validation set",
        group="Data",
        unit="images",
        low=100,
        high=10_000,
        step=100,
    )
    normalisation: Literal["pixel", "channel"] = setting(
        "pixel",
        "Mean and deviation of the training set, for every pixel or for every channel",
        label="normalisation",
        group="Data",
    )

    batch_size: int = setting(
        100,
        "Images in one update",
        label="batch size",
        group="Run",
        unit="images",
        low=1,
        high=2000,
        step=10,
    )
    seed: int = setting(
        0, "Everything random follows from it", label="seed", group="Run", low=0, high=2**31 - 1
    )
    dtype: Literal["float32", "float64"] = setting(
        "float32", "Number format of the network", label="number format", group="Run"
    )
    shards: int = setting(
        2,
        "Parts that a batch is cut into, each for a thread; part of the result, unlike threads",
        label="shards",
        group="Run",
        low=1,
        high=64,
    )
    evaluate_every: int = setting(
        100,
        "Updates from one evaluation to the next",
        label="evaluate every",
        group="Run",
        unit="updates",
        low=1,
        high=1_000_000,
        step=50,
    )
    training_sample: int = setting(
        1000,
        "Training images in an evaluation",
        label="training sample",
        group="Run",
        unit="images",
        low=100,
        high=49_000,
        step=100,
    )

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
                f"eta_min {self.eta_min:g} is above eta_max {self.eta_max:g}; "
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
        short = ShortForm.of(self.architecture)
        values["architecture"] = short or [dict(layer) for layer in values["architecture"]]
        return tomli_w.dumps(values).replace("\nweight_decay", f"\n{DECAY_NOTE}weight_decay", 1)

    def assign(self, text: str) -> Self:
        """Return a copy with one setting changed by text such as `field=value`.

        Raises:
            SettingError: if there is no such field, or the value is invalid.

        """
        field, equals, value = text.partition("=")
        field = field.strip()
        if not (equals and field):
            raise SettingError(
                "", f"{text!r} sets nothing; write field=value, such as eta_max=0.05"
            )
        if field in ("name", "architecture"):
            return self.changed(**{field: value.strip()})
        spec = FIELDS_BY_NAME.get(field)
        if spec is None:
            return self.changed(**{field: value})
        try:
            return self.changed(**{spec.name: spec.parse(value)})
        except SettingError as error:
            raise _as_written(error, {field: value}) from None


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
