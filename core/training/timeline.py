"""The settings of a run over time: the initial ones and the edits during training.

The settings of an update are a pure function of these and of its number, so a resumed run continues
as if it had never been interrupted.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from core import plan as planning
from core.config.experiment import MAX_UPDATES, Experiment
from core.optim.edited_schedule import Edited
from core.optim.schedule import Schedule
from core.settings import SettingError, Value

EDITABLE = (
    "eta_min",
    "eta_max",
    "half_cycle",
    "cycles",
    "weight_decay",
    "label_smoothing",
    "clip_norm",
)
"""Settings that can be changed while a run trains."""


@dataclass(frozen=True)
class Edit:
    """Settings that changed between two updates."""

    update: int
    """Number of completed updates: the edit applies from the next update on."""
    changes: Mapping[str, Value]
    """New values by setting name."""


@dataclass(frozen=True)
class Timeline:
    """An experiment and its edits, in the order of their updates.

    `edited` returns a timeline with one more edit and validates it; `of` validates a timeline from
    another source, such as a file.
    """

    experiment: Experiment
    edits: tuple[Edit, ...] = ()

    @classmethod
    def of(cls, experiment: Experiment, edits: tuple[Edit, ...]) -> "Timeline":
        """Return the timeline with edits in the order of their updates.

        Raises:
            SettingError: if an edit is invalid, with the name of the setting.
        """
        timeline = cls(experiment, edits)
        timeline._check()
        return timeline

    def edited(self, update: int, changes: Mapping[str, Value]) -> "Timeline":
        """Return the timeline with `changes` in force after `update` updates.

        Edits of later updates, made before an interruption, stay in force.

        Raises:
            SettingError: if the values are invalid, alone or together with the later edits.
        """
        if update >= self.updates:
            raise SettingError("", f"the run is over after {self.updates:,} updates")
        place = bisect_right([edit.update for edit in self.edits], update)
        new = Edit(update, dict(changes))
        return self.of(self.experiment, (*self.edits[:place], new, *self.edits[place:]))

    def at(self, update: int) -> Experiment:
        """Return the settings of an update, counted from 0."""
        return self._stages[bisect_right([edit.update for edit in self.edits], update)]

    def same_until(self, updates: int, other: "Timeline") -> bool:
        """Return whether the first `updates` updates have the same settings in both timelines."""
        mine, theirs = (
            [edit for edit in timeline.edits if edit.update < updates] for timeline in (self, other)
        )
        return self.experiment == other.experiment and mine == theirs

    @cached_property
    def schedule(self) -> Schedule:
        """The learning-rate schedule of the whole run; the run may end before it, see `updates`."""
        return self._schedules[-1]

    @cached_property
    def updates(self) -> int:
        """Number of updates of the whole run."""
        return self._updates_of(self.schedule)

    @cached_property
    def kept_marks(self) -> frozenset[int]:
        """Numbers of updates after which a checkpoint is kept, see `kept_checkpoints`.

        They divide the run into equal parts, of the length that it had by the edits before each.
        """
        count = self.experiment.kept_checkpoints
        begins = [0, *(edit.update for edit in self.edits)]
        marks: set[int] = set()
        for schedule, begin, end in zip(
            self._schedules, begins, [*begins[1:], self.updates], strict=True
        ):
            total = self._updates_of(schedule)
            ends = (-(-part * total // count) for part in range(1, count + 1))
            marks.update(mark for mark in ends if begin < mark <= end)
        return frozenset(marks)

    @cached_property
    def _schedules(self) -> list[Edited]:
        """The schedule before the first edit, and after each."""
        schedules = [Edited.of(planning.schedule(self.experiment))]
        for edit, settings in zip(self.edits, self._stages[1:], strict=True):
            try:
                schedules.append(schedules[-1].then(edit.update, planning.schedule(settings)))
            except ValueError as error:
                raise SettingError("cycles", str(error)) from None
        return schedules

    def _updates_of(self, schedule: Schedule) -> int:
        total, limit = schedule.total_updates, self.experiment.max_updates
        return min(total, limit) if limit else total

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
