"""A run's settings over time: those that it began with, and the edits made while it trained.

Everything that an update needs to know is a pure function of these and of its number, so a run
that is interrupted goes on as if it had not been.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from core import plan as planning
from core.config.experiment import MAX_UPDATES, Experiment
from core.optim.edited import Edited
from core.optim.schedule import Schedule
from core.settings import SettingError, Value

EDITABLE = ("eta_min", "eta_max", "half_cycle", "cycles", "weight_decay", "label_smoothing")
"""Settings that can be changed while a run trains."""


@dataclass(frozen=True)
class Edit:
    """Settings that changed between two updates."""

    update: int
    """How many updates had been done: the next one is the first that it holds for."""
    changes: Mapping[str, Value]
    """New values by the names of the settings."""


@dataclass(frozen=True)
class Timeline:
    """An experiment and its edits, the earlier first.

    `edited` makes one with an edit more and refuses what cannot be; whoever reads a timeline from
    elsewhere makes it by `of`.
    """

    experiment: Experiment
    edits: tuple[Edit, ...] = ()

    @classmethod
    def of(cls, experiment: Experiment, edits: tuple[Edit, ...]) -> "Timeline":
        """Return the timeline of edits in the order in which they hold.

        Raises:
            SettingError: if an edit cannot be, with the name of the setting.
        """
        made = cls(experiment, edits)
        made._check()
        return made

    def edited(self, update: int, changes: Mapping[str, Value]) -> "Timeline":
        """Return the timeline with `changes` from the update after `update` updates on.

        Edits that were made for later updates already, before an interruption, stay.

        Raises:
            SettingError: if these values cannot be had, now or together with the later edits.
        """
        if update >= self.updates:
            raise SettingError("", f"the run is over after {self.updates:,} updates")
        place = bisect_right([edit.update for edit in self.edits], update)
        new = Edit(update, dict(changes))
        return self.of(self.experiment, (*self.edits[:place], new, *self.edits[place:]))

    def at(self, update: int) -> Experiment:
        """Return the settings that hold for an update, counted from 0."""
        return self._stages[bisect_right([edit.update for edit in self.edits], update)]

    def same_until(self, updates: int, other: "Timeline") -> bool:
        """Tell whether the first so many updates are those of another timeline."""
        mine, theirs = (
            [edit for edit in timeline.edits if edit.update < updates] for timeline in (self, other)
        )
        return self.experiment == other.experiment and mine == theirs

    @cached_property
    def schedule(self) -> Schedule:
        """The learning rate over the whole run; `updates` may cut it short."""
        whole = Edited.of(planning.schedule(self.experiment))
        for edit, settings in zip(self.edits, self._stages[1:], strict=True):
            try:
                whole = whole.then(edit.update, planning.schedule(settings))
            except ValueError as error:
                raise SettingError("cycles", str(error)) from None
        return whole

    @cached_property
    def updates(self) -> int:
        """Updates of the whole run."""
        total, most = self.schedule.total_updates, self.experiment.max_updates
        return min(total, most) if most else total

    @cached_property
    def _stages(self) -> list[Experiment]:
        """The settings before the first edit, and after each."""
        stages = [self.experiment]
        for edit in self.edits:
            for name in edit.changes:
                if name not in EDITABLE:
                    raise SettingError(name, "it cannot change while a run trains")
            stages.append(stages[-1].changed(**edit.changes))
        return stages

    def _check(self) -> None:
        if self.updates > MAX_UPDATES:
            raise SettingError(
                "half_cycle",
                f"the run would take more than {MAX_UPDATES:,} updates; lower it, or cycles",
            )
        late = next((edit for edit in self.edits if edit.update >= self.updates), None)
        if late is not None:
            raise SettingError(
                "", f"the run is over after {self.updates:,} updates, before the edit at that many"
            )
