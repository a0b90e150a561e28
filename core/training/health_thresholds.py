"""The thresholds from which `health_warnings` warns."""

from pathlib import Path
from typing import Self

from core.config import toml
from core.data import home
from core.settings import SettingError, setting, settings_of
from core.validation import CheckedSettings

FILE = "health.toml"
"""Name of the file beside the data and the runs in which a user changes thresholds."""


class HealthThresholds(CheckedSettings):
    """Thresholds of the warnings; they change what is said of a run, never the run.

    Raises:
        pydantic.ValidationError: from the constructor; `HealthThresholds.of` raises `SettingError`,
            whose message is for the user.
    """

    ratio_high: float = setting(
        0.1,
        "Update-to-weight ratio of a weight tensor above which the rate is too high",
        label="ratio, highest",
        low=0,
        high=1000,
        step=1e-6,
        scale="log",
    )
    ratio_low: float = setting(
        1e-5,
        "Update-to-weight ratio below which the rate is too low, if no weight tensor exceeds it at "
        "half of the highest rate or more",
        label="ratio, lowest",
        low=0,
        high=1000,
        step=1e-9,
        scale="log",
    )
    initial_loss: float = setting(
        2.0,
        "How far the first loss may lie above ln(classes), the loss of guessing",
        label="first loss",
        low=0,
        high=1000,
        step=0.1,
    )
    signal: float = setting(
        1e-3,
        "Deviation of the first recorded outputs of a layer below which the initial weights are "
        "too small",
        label="signal",
        low=0,
        high=1000,
        step=1e-9,
        scale="log",
    )
    silent: float = setting(
        0.4,
        "Share of the units of a layer that may never fire",
        label="silent units",
        low=0,
        high=1,
        step=0.05,
    )
    gradient: float = setting(
        100.0,
        "Norm of the gradient over all parameters above which gradients explode",
        label="gradient norm",
        low=0,
        high=1e12,
        step=1e-3,
        scale="log",
    )
    guessing: float = setting(
        3.0,
        "Standard errors by which the validation accuracy must exceed that of guessing",
        label="above guessing",
        low=0,
        high=100,
        step=0.5,
    )
    too_easy: float = setting(
        0.999,
        "Training and validation accuracy that is suspicious within `patience` updates",
        label="too easy",
        low=0,
        high=1,
        step=0.001,
    )
    patience: int = setting(
        500,
        "Updates after which a network must do better than guessing, and a rate must show",
        label="patience",
        unit="updates",
        low=1,
        high=10_000_000,
        step=100,
    )

    @classmethod
    def read(cls, path: Path | None = None) -> Self:
        """Return the thresholds of the user's file; the defaults if there is none.

        Args:
            path: the file; by default `health.toml` in the folder of data and runs.

        Raises:
            SettingError: if it cannot be read or is invalid; the message gives its name.
        """
        path = home.home() / FILE if path is None else path
        if not path.exists():
            return cls()
        if not path.is_file():  # a pipe would be waited for
            raise SettingError("", f"{path} is no file; write thresholds into one, or remove it")
        values = toml.parse(toml.read(path), str(path))
        try:
            return cls.of(values)
        except SettingError as error:
            raise SettingError("", f"{path}: {error}") from None

    def assign(self, text: str) -> Self:
        """Return a copy with one threshold changed by text such as `silent=0.6`.

        Raises:
            SettingError: if there is no such threshold, or the value is invalid.
        """
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (equals and name):
            raise SettingError("", f"{text!r} sets nothing; write name=value, such as silent=0.6")
        field = next((each for each in THRESHOLDS if each.name == name), None)
        return self.changed(**{name: field.parse(value) if field else value})


THRESHOLDS = settings_of(HealthThresholds)
"""All thresholds, in the order in which they are listed."""
