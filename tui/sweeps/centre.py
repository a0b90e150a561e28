"""What a study is made around, and what it proposes to vary."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from core.config.experiment import Experiment
from core.settings import Setting
from core.sweeps.analysis.dimensions import KINDS, shown
from core.sweeps.definition import around, layer_paths
from tui.sweeps.fields import ARCHITECTURE, Field, of_the_settings, of_the_study


@dataclass(frozen=True)
class Vary:
    """How a setting varies, as it was typed."""

    kind: str
    text: str


@dataclass(frozen=True)
class Centre:
    """What a study is made around: the settings that Configure showed."""

    experiment: Experiment

    @cached_property
    def proposal(self) -> dict[str, Any]:
        """A study that is a good start."""
        return around.definition(self.experiment)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The rows of the form."""
        return (*of_the_study(), *of_the_settings(self.experiment))

    def field(self, name: str) -> Field:
        """Return a row by its name."""
        return next(each for each in self.fields if each.name == name)

    def value(self, name: str) -> Any:
        """Return the value that a setting has in it."""
        experiment = self.experiment
        if name == ARCHITECTURE:
            return experiment.short_form or f"{len(experiment.architecture)} layers"
        if not name.startswith(layer_paths.PREFIX):
            return getattr(experiment, name)
        path = layer_paths.paths(name)[0].removeprefix(layer_paths.PREFIX)
        number, _, part = path.partition(".")
        return getattr(experiment.architecture[int(number) - 1], part)

    def proposed(self, name: str) -> Vary:
        """Return a way to vary a setting, to be edited."""
        given = self.proposal["space"].get(name)
        if given is not None:
            kind = next(kind for kind in KINDS if isinstance(given.get(kind), list))
            return Vary(kind, ", ".join(map(shown, given[kind])))
        setting = self.field(name).setting
        if setting is None:
            return Vary("choice", f"{self.experiment.short_form or '4x4/10/50'}, 4x4/20/50")
        if setting.choices:
            return Vary("choice", ", ".join(setting.choices))
        return _around(setting, self.value(name))


def _around(setting: Setting, value: Any) -> Vary:
    """Return bounds around a value, within the range of the setting."""
    number = float(value[0] if isinstance(value, tuple) else value)
    low = setting.low if setting.low is not None else 0.0
    high = setting.high if setting.high is not None else max(1.0, 4 * number)
    if setting.type is int:
        bounds = max(low, number // 2), min(high, max(2 * number, number + 1))
        return Vary("integer", ", ".join(f"{round(each)}" for each in bounds))
    kind = "log" if setting.scale == "log" and number > 0 else "linear"
    margin = max(number / 2, 2 * setting.step)
    sides = (number / 3, 3 * number) if kind == "log" else (number - margin, number + margin)
    # Two digits are enough to be edited, but not beyond the range.
    rounded = (min(max(float(f"{each:.2g}"), low), high) for each in sides)
    return Vary(kind, ", ".join(f"{each:.6g}" for each in rounded))
