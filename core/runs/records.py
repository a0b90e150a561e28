"""The record of a run: its settings, state, result and events.

The result of a run is that of an uninterrupted training. An evaluation that was made only because
the run was stopped is not part of it: it is recorded and shown as measured at the stop.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from math import nan
from typing import Any, NamedTuple

from core.config.experiment import Experiment
from core.errors import DamagedError
from core.runs.schema import (
    Count,
    EventContent,
    Fraction,
    Id,
    Number,
    PathText,
    PlainValues,
    Positive,
    ResultValues,
    Seconds,
    SettingValues,
    ShortText,
    Text,
    Timestamp,
)
from core.settings import SettingError
from core.training.events import Result, Started
from core.training.health_columns import columns_of
from core.training.timeline import Edit

ACCURACIES = {
    "train_accuracy": "training",
    "validation_accuracy": "validation",
    "test_accuracy": "test",
}
"""Accuracies that are measured at the end or at a stop, with their labels."""

MEASURED = (*ACCURACIES, "train_loss", "validation_loss")


class RunState(Enum):
    """The state of a run; the value is its label."""

    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    CRASHED = "crashed"
    """Running when its process ended. Inferred when a run is read, never written."""


AT_WORK = (RunState.RUNNING, RunState.PAUSED)
"""States in which a process trains the run; one whose process has ended has crashed."""


@dataclass(frozen=True)
class Run:
    """The record of a run, without its points."""

    number: Number
    """Unique and increasing in the order of creation."""
    id: Id
    """The name of its folder: the preset and a number."""
    name: Text
    """The name given by the user; initially the id."""
    note: Text
    marked: bool
    deleted: Timestamp | None
    """When it was deleted, in seconds since 1970; None if it is not deleted."""
    preset: Text
    settings: SettingValues
    """The settings that the run began with; edits are events."""
    data: PathText | None
    """The folder or archive that the user named."""
    source: Text
    """A description of where the images came from, for the user."""
    machine: PlainValues
    """Processor and versions, see `core.system`."""
    parameters: Number
    updates_per_epoch: Positive
    batch_size: Positive
    state: RunState
    reason: Text
    """Why it failed; empty if it did not."""
    started: Timestamp
    """Seconds since 1970."""
    ended: Timestamp | None
    updates: Count
    """Number of recorded updates, including those that a resumed run has yet to repeat."""
    evaluations: Count
    """Number of recorded evaluations."""
    total: Positive
    """Number of updates of the whole run."""
    seconds: Seconds
    """Training time so far."""
    best_accuracy: Fraction | None
    """Best accuracy on the validation set."""
    best_update: Count | None
    result: ResultValues | None
    events: Count
    """Number of events."""
    health: Count = 0
    """Number of recorded rows of the health record."""

    def setting(self, name: str) -> Any:
        """Return a setting that the run began with.

        For a run older than the setting this is the default, which is what the program did before
        the setting existed. Of `health`, which changes no result, it is what a resumed run does.
        """
        return self.settings.get(name, Experiment.model_fields[name].default)

    def health_columns(self) -> tuple[str, ...]:
        """Return the columns of its health record; none if it has none or its settings are damaged.

        A run older than the record has one from where it is resumed on.
        """
        try:
            return columns_of(self.experiment())
        except (DamagedError, SettingError):
            return ()

    def experiment(self) -> Experiment:
        """Return the settings that the run began with.

        Raises:
            DamagedError: if they are invalid in this version of the program.
        """
        try:
            return Experiment.of(self.settings)
        except SettingError as error:
            raise DamagedError(f"{self.id} has settings that cannot be: {error}") from None

    def network(self) -> str:
        """Return the architecture in one line; empty if the settings are damaged."""
        try:
            experiment = self.experiment()
        except DamagedError:
            return ""
        titles = (layer.title() for layer in experiment.architecture)
        return experiment.short_form or ", ".join(titles)

    def at_end(self) -> dict[str, Any]:
        """Return the measurements of the final weights; empty if the run is unfinished."""
        return _measured(self.result) if self.state is RunState.FINISHED else {}

    def at_stop(self) -> dict[str, Any]:
        """Return the measurements made when the run was stopped; empty if it was not stopped."""
        return _measured(self.result) if self.state is RunState.STOPPED else {}

    def exported_result(self) -> dict[str, Any] | None:
        """Return the result in the form used by exports; None if there is none."""
        if self.result is None:
            return None
        return exported_result(self.result, self.state is RunState.STOPPED)

    def start_event(self) -> Started:
        """Return the `Started` event of the run."""
        return Started(
            dataset=str(self.settings.get("dataset", "")),
            source=self.source,
            parameters=self.parameters,
            updates=self.total,
            updates_per_epoch=self.updates_per_epoch,
            batch_size=self.batch_size,
            evaluate_every=self.setting("evaluate_every"),
            health=self.health_columns(),
        )

    def final_result(self) -> Result | None:
        """Return the result as the trainer reported it; None if there is none."""
        if self.result is None:
            return None
        # JSON has no NaN.
        values: dict[str, Any] = {name: nan if v is None else v for name, v in self.result.items()}
        return Result(**values)

    def summary(self) -> dict[str, Any]:
        """Return the values shown in a list of runs, as JSON values."""
        return {
            "id": self.id,
            "name": self.name,
            "preset": self.preset,
            "state": self.state.value,
            "started": self.started,
            "updates": self.updates,
            "total_updates": self.total,
            "seconds": self.seconds,
            "best_validation_accuracy": self.best_accuracy,
            **{name: self.at_end().get(name) for name in ACCURACIES},
            "at_stop": self.at_stop() or None,
        }


class Event(NamedTuple):
    """An event of a run other than an update or an evaluation."""

    at: Timestamp
    """Time of the event, in seconds since 1970."""
    update: Count
    """Number of updates before the event."""
    kind: ShortText
    content: EventContent

    @property
    def edit(self) -> Edit:
        """The settings that it changed; empty unless its kind is `edited`."""
        return Edit(self.update, self.content.get("changes", {}))


def new_run(name: str, experiment: Experiment, **facts: Any) -> Run:
    """Return the record of a run that begins now.

    Args:
        name: the id of the run.
        experiment: the settings of the run.
        facts: values of other columns.
    """
    settings = experiment.model_dump(mode="json")
    defaults: dict[str, Any] = {
        "number": 0,
        "id": name,
        "name": name,
        "note": "",
        "marked": False,
        "deleted": None,
        "preset": experiment.name,
        "settings": settings,
        "state": RunState.RUNNING,
        "reason": "",
        "started": time.time(),
        "ended": None,
        "updates": 0,
        "evaluations": 0,
        "seconds": 0.0,
        "best_accuracy": None,
        "best_update": None,
        "result": None,
        "events": 0,
    }
    return Run(**{**defaults, **facts})


def accuracies_text(measured: Mapping[str, Any], percent: Callable[[float], str]) -> str:
    """Return the accuracies measured at the end or at a stop as text, formatted by `percent`."""
    known = {name: measured.get(name) for name in ACCURACIES}
    parts = [f"{ACCURACIES[name]} {percent(v)}" for name, v in known.items() if v is not None]
    return ", ".join(parts) or "not measured"


def exported_result(result: Mapping[str, Any], stopped: bool) -> dict[str, Any]:
    """Return a result in the form used by exports, with measurements at a stop under `at_stop`.

    Args:
        result: the dictionary returned by `Result.as_dict`.
        stopped: whether the run was stopped before its end.
    """
    if not stopped:
        return {**result, "at_stop": None}
    return {**result, **dict.fromkeys(MEASURED), "at_stop": _measured(result) or None}


def _measured(values: Mapping[str, Any] | None) -> dict[str, Any]:
    measured = {name: (values or {}).get(name) for name in MEASURED}
    return {name: value for name, value in measured.items() if value is not None}
