"""What the store records of a study: the study, its trials, and the accuracies they reported."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class TrialState(Enum):
    """State of a trial; the value is its label."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    PRUNED = "pruned"
    FINISHED = "finished"
    DIVERGED = "diverged"
    FAILED = "failed"


class StudyState(Enum):
    """State of a study; the value is its label."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True)
class StudyRecord:
    """The record of a study, without its trials."""

    number: int
    name: str
    definition: Mapping[str, Any]
    """The study as plain JSON values."""
    data: str
    """Hash of the images that its trials are trained on."""
    state: StudyState
    created: float
    """Seconds since 1970."""
    reason: str
    """Why it failed or waits; empty if it does not."""


@dataclass(frozen=True)
class TrialRecord:
    """The record of one trial with one seed."""

    study: int
    number: int
    seed: int
    settings: Mapping[str, Any]
    """The drawn settings."""
    state: TrialState
    run: int | None
    """Number of its run; None before it begins."""
    rung: int
    """Number of rungs that it has reached."""
    deaths: int
    """How often its worker has died."""
    worker: str
    reason: str
    accuracy: float | None
    """Latest validation accuracy that was told."""
    best: float | None
    updates: int
    seconds: float


@dataclass(frozen=True)
class Tell:
    """One result of a trial; `order` counts the results of a study from 0."""

    study: int
    order: int
    trial: int
    seed: int
    rung: int
    update: int
    accuracy: float | None
    loss: float | None
