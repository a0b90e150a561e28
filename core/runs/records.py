"""The record of a run: its settings and state, how it came out, and what happened in it.

The weights that count are those of a run that nothing interrupts. What is measured when a run is
stopped, before its end and between two of its own evaluations, is no result of the run: it is
recorded and shown as measured at the stop.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from math import nan
from typing import Any, NamedTuple

from core.config.architecture import ShortForm
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
from core.training.timeline import Edit

ACCURACIES = {
    "train_accuracy": "training",
    "validation_accuracy": "validation",
    "test_accuracy": "test",
}
"""What is measured at the end or at a stop, and the word for each."""

MEASURED = (*ACCURACIES, "train_loss", "validation_loss")


class RunState(Enum):
    """The state of a run; the value is the word for it."""

    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    CRASHED = "crashed"
    """It was running when its process ended. Inferred by the reader, never written."""


AT_WORK = (RunState.RUNNING, RunState.PAUSED)
"""States that end only when the process that trains the run says so, or ends itself."""


@dataclass(frozen=True)
class Run:
    """The record of a run, without its points."""

    number: Number
    """Unique among all runs; a later run has a higher one."""
    id: Id
    """The name of its folder: the preset and a number."""
    name: Text
    """What the user calls it; the id at first."""
    note: Text
    marked: bool
    deleted: Timestamp | None
    """When it was deleted, as seconds since 1970; None for a run that is not."""
    preset: Text
    settings: SettingValues
    """Those that the run began with; edits are events."""
    data: PathText | None
    """The folder or archive that the user named."""
    source: Text
    """Where the images came from, for a person."""
    machine: PlainValues
    """Processor and versions, see `core.system`."""
    parameters: Number
    updates_per_epoch: Positive
    batch_size: Positive
    state: RunState
    reason: Text
    """Why it failed; empty where it did not."""
    started: Timestamp
    """Seconds since 1970."""
    ended: Timestamp | None
    updates: Count
    """Updates that are recorded, including those that a resumed run has yet to repeat."""
    evaluations: Count
    """How many are recorded."""
    total: Positive
    """Updates of the whole run."""
    seconds: Seconds
    """Time spent in training so far."""
    best_accuracy: Fraction | None
    """The best on the validation set."""
    best_update: Count | None
    result: ResultValues | None
    events: Count
    """How many there are."""

    def setting(self, name: str) -> Any:
        """Return a setting that the run began with.

        A run that is older than the setting had its default: a new setting's default is what the
        program did before.
        """
        return self.settings.get(name, Experiment.model_fields[name].default)

    def experiment(self) -> Experiment:
        """Return the settings that the run began with.

        Raises:
            DamagedError: if this version of the program does not allow them.
        """
        try:
            return Experiment.of(self.settings)
        except SettingError as error:
            raise DamagedError(f"{self.id} has settings that cannot be: {error}") from None

    def network(self) -> str:
        """Return the architecture in one line; empty where the settings are damaged."""
        try:
            layers = self.experiment().architecture
        except DamagedError:
            return ""
        return ShortForm.of(layers) or ", ".join(layer.title() for layer in layers)

    def at_end(self) -> dict[str, Any]:
        """Return what was measured of the final weights; nothing for a run that is unfinished."""
        return _measured(self.result) if self.state is RunState.FINISHED else {}

    def at_stop(self) -> dict[str, Any]:
        """Return what was measured when the run was stopped; nothing where it was not."""
        return _measured(self.result) if self.state is RunState.STOPPED else {}

    def exported_result(self) -> dict[str, Any] | None:
        """Return the result for other programs; None where there is none."""
        if self.result is None:
            return None
        return exported_result(self.result, self.state is RunState.STOPPED)

    def start_event(self) -> Started:
        """Return the event with which the run began."""
        return Started(
            dataset=str(self.settings.get("dataset", "")),
            source=self.source,
            parameters=self.parameters,
            updates=self.total,
            updates_per_epoch=self.updates_per_epoch,
            batch_size=self.batch_size,
            evaluate_every=self.setting("evaluate_every"),
        )

    def final_result(self) -> Result | None:
        """Return the result as the trainer reported it; None where there is none."""
        if self.result is None:
            return None
        # JSON has no NaN.
        values: dict[str, Any] = {name: nan if v is None else v for name, v in self.result.items()}
        return Result(**values)

    def summary(self) -> dict[str, Any]:
        """Return what a list of runs shows of one, as JSON values."""
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
    """Something that happened in a run, other than an update or an evaluation."""

    at: Timestamp
    """When, in seconds since 1970."""
    update: Count
    """After how many updates."""
    kind: ShortText
    content: EventContent

    @property
    def edit(self) -> Edit:
        """The settings that it changed: none, unless its kind is an edit."""
        return Edit(self.update, self.content.get("changes", {}))


def new_run(name: str, experiment: Experiment, **facts: Any) -> Run:
    """Return the record of a run that begins now.

    Args:
        name: its id.
        experiment: what is run.
        facts: the other columns that are known.
    """
    settings = experiment.model_dump(mode="json")
    plain: dict[str, Any] = {
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
    return Run(**{**plain, **facts})


def accuracies_text(measured: Mapping[str, Any], percent: Callable[[float], str]) -> str:
    """Return the accuracies that were measured at the end or at a stop, each as a percentage."""
    known = {name: measured.get(name) for name in ACCURACIES}
    parts = [f"{ACCURACIES[name]} {percent(v)}" for name, v in known.items() if v is not None]
    return ", ".join(parts) or "not measured"


def exported_result(result: Mapping[str, Any], stopped: bool) -> dict[str, Any]:
    """Return a result for other programs: what was measured at a stop is under `at_stop`.

    Args:
        result: as `Result.as_dict` returns it.
        stopped: whether the run was stopped before its end.
    """
    if not stopped:
        return {**result, "at_stop": None}
    return {**result, **dict.fromkeys(MEASURED), "at_stop": _measured(result) or None}


def _measured(values: Mapping[str, Any] | None) -> dict[str, Any]:
    found = {name: (values or {}).get(name) for name in MEASURED}
    return {name: value for name, value in found.items() if value is not None}
