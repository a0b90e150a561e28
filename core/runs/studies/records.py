"""The records of a study of settings: the study, its trials, and the results that it was told.

A study is a search for settings, described by `core.sweeps.definition.study`. A trial is one choice
of settings, trained with one seed; what is trained of it is an ordinary run of the store. A tell is
the result of a trial at a rung: an update at which the trials of a study are compared.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from core.runs.schema import (
    MAX_WORD,
    Count,
    Fraction,
    Number,
    Seconds,
    ShortText,
    Text,
    Timestamp,
    is_plain,
)
from core.settings import quoted
from core.text_out import readable

MAX_DEPTH = 12
"""How deep the tables and lists of a definition may be nested; those of layers in layers take 8."""


class StudyState(Enum):
    """The state of a study; the value is its label."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"


class TrialState(Enum):
    """The state of a trial; the value is what is stored of it."""

    WAITING = "waiting"
    """It can be trained as soon as there is a worker for it; its study runs."""
    RUNNING = "running"
    PAUSED = "paused"
    """At a rung: it goes on if it is among the best there. Its study need not be paused."""
    PARKED = "parked"
    """Put aside because its study was stopped or paused; it goes on when the study does."""
    PRUNED = "pruned"
    FINISHED = "finished"
    DIVERGED = "diverged"
    """Its loss was no longer finite, which is a result: these settings do not train."""
    FAILED = "failed"
    """It could not be trained, whatever its settings are worth."""

    @property
    def label(self) -> str:
        """What it is called for the user, in one word."""
        return "at-rung" if self is TrialState.PAUSED else self.value


OVER = (TrialState.PRUNED, TrialState.FINISHED, TrialState.DIVERGED, TrialState.FAILED)
"""States that a trial does not leave."""


def _depth_and_scalars(value: Any, depth: int = 0) -> bool:
    """Return whether a JSON value is made of tables and lists of scalars, and is not too deep."""
    if depth > MAX_DEPTH:
        return False
    if isinstance(value, dict):
        return all(is_plain(k) and _depth_and_scalars(v, depth + 1) for k, v in value.items())
    if isinstance(value, list):
        return all(_depth_and_scalars(each, depth + 1) for each in value)
    return is_plain(value)


def _json_table(given: dict[str, Any]) -> dict[str, Any]:
    for name, value in given.items():
        if not (is_plain(name) and _depth_and_scalars(value)):
            raise ValueError(f"{quoted(name)} cannot be {quoted(value)}")
    return given


JsonTable = Annotated[dict[str, Any], AfterValidator(_json_table)]
"""Values by name: scalars that can be displayed, and lists and tables of them."""
Name = Annotated[
    str, Field(strict=True, min_length=1, max_length=MAX_WORD), AfterValidator(readable)
]
Hash = Annotated[str, Field(strict=True, pattern=r"^[0-9a-f]{0,128}$")]
Loss = Annotated[float, Field(strict=True, allow_inf_nan=False)]


@dataclass(frozen=True)
class StudyRecord:
    """The record of a study."""

    number: Number
    """Unique and increasing in the order of creation."""
    name: Name
    """Unique; trials draw their settings by it, so it cannot be changed."""
    definition: JsonTable
    """What `core.sweeps.definition.study.Study.of` makes the study of."""
    data: Hash
    """`Dataset.hash` of the images that its trials train on; empty if that is not known."""
    state: StudyState
    created: Timestamp
    """Seconds since 1970."""
    reason: Text
    """Why it is not running, in a sentence; empty if there is nothing to say."""
    seconds: Seconds = 0.0
    """Time that it has run so far, counted while a process works on it."""
    trials: Count = 0
    """Number of its trials, each seed of a trial counted."""
    tells: Count = 0
    """Number of its tells."""


@dataclass(frozen=True)
class TrialRecord:
    """The record of a trial with one seed; without more facts, of one that has not begun."""

    study: Number
    """The number of the study."""
    number: Count
    """From 0; the trials that a finalist has with other seeds have the same."""
    seed: Number
    settings: JsonTable
    """The settings that were drawn for it, by name."""
    state: TrialState = TrialState.WAITING
    run: Number | None = None
    """The number of its run; None before it begins. The run may have been deleted since."""
    rung: Count = 0
    """Number of rungs that it has behind it."""
    deaths: Count = 0
    """How often its worker died."""
    worker: ShortText = ""
    """Who trains it, for display; empty if nobody does."""
    reason: Text = ""
    """Why it is in its state, in a few words; empty if there is nothing to say."""
    accuracy: Fraction | None = None
    """On the validation images at the latest rung; None before the first, or if it diverged."""
    best: Fraction | None = None
    """The best on the validation images in any evaluation so far."""
    updates: Count = 0
    """Number of recorded updates."""
    seconds: Seconds = 0.0
    """Training time so far."""

    @property
    def key(self) -> tuple[int, int]:
        """Its number and its seed, which name it in its study."""
        return self.number, self.seed

    @property
    def over(self) -> bool:
        """Whether nothing more will be trained of it."""
        return self.state in OVER


@dataclass(frozen=True)
class Tell:
    """The result of a trial at a rung."""

    study: Number
    """The number of the study."""
    order: Count
    """0, 1, 2, ... in the order in which the results came, which decides what TPE draws next."""
    trial: Count
    seed: Number
    rung: Count
    """From 0."""
    update: Count
    """Number of updates before the result."""
    accuracy: Fraction | None
    """On the validation images; None if the trial diverged or failed."""
    loss: Loss | None
    """The cross-entropy there; None as the accuracy."""

    @property
    def key(self) -> tuple[int, int]:
        """Number and seed of the trial."""
        return self.trial, self.seed
