"""The events of a training, in the order in which they occur.

Every loss is the plain cross-entropy, so that curves of different settings are comparable; the cost
that is optimised (smoothed, with the L2 term) is a separate field.
"""

from dataclasses import asdict, dataclass
from math import isfinite, nan
from typing import Any

from core.errors import UserError
from core.training.timeline import Edit


@dataclass(frozen=True, slots=True)
class Started:
    """The data are loaded; the first update is next."""

    dataset: str
    source: str
    parameters: int
    updates: int
    """Number of updates of the whole run."""
    updates_per_epoch: int
    batch_size: int
    done: int = 0
    """Number of updates completed before an interruption."""
    evaluate_every: int = 0
    """Updates between evaluations; 0 if unknown."""
    health: tuple[str, ...] = ()
    """Names of the values in `HealthMeasured`; none if nothing is measured."""


@dataclass(slots=True)
class UpdateDone:
    """An update on one mini-batch is done. Not frozen: that doubles the cost of construction."""

    update: int
    """Counted from 1."""
    rate: float
    loss: float
    """Plain cross-entropy of the mini-batch, before the update."""
    cost: float
    """The quantity that the update minimises: smoothed cross-entropy plus the L2 term."""
    seconds: float = nan
    """Training time so far, counted as in `Result`."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Loss and accuracy after `update` updates, on a training sample and the validation set."""

    update: int
    train_loss: float
    train_accuracy: float
    """A fraction, as all accuracies in this module."""
    validation_loss: float
    validation_accuracy: float


@dataclass(frozen=True, slots=True)
class HealthMeasured:
    """What an update did to the network, and what the network is like after it.

    Emitted before the `UpdateDone` of the same update, so that whoever has that has this, too.
    """

    update: int
    """Counted from 1."""
    values: tuple[float, ...]
    """In the order of `Started.health`; NaN where a value means nothing."""


@dataclass(frozen=True, slots=True)
class Paused:
    """The training is paused after `update` updates."""

    update: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """The training has resumed after `update` updates."""

    update: int


@dataclass(frozen=True, slots=True)
class Edited:
    """Settings have changed from the next update on.

    The receiver of this event returns once the edit is saved, or raises `EditNotSavedError`.
    """

    edit: Edit
    updates: int
    """Number of updates of the whole run after the edit."""


@dataclass(frozen=True, slots=True)
class EditRefused:
    """A requested edit was rejected."""

    update: int
    reason: str
    """One sentence for the user."""


class EditNotSavedError(UserError):
    """An edit could not be saved and must not take effect; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a run."""

    preset: str
    dataset: str
    seed: int
    updates: int
    seconds: float
    """Time of updates and evaluations, without loading, pauses and the final evaluation."""
    parameters: int
    train_accuracy: float
    """On all original training images."""
    validation_accuracy: float
    test_accuracy: float
    """NaN if the test images were set aside before the run, see `Dataset.without_test`."""
    train_loss: float
    validation_loss: float

    def as_dict(self) -> dict[str, Any]:
        """Return the result for JSON, with None for numbers that are not finite."""
        return {
            name: None if isinstance(value, float) and not isfinite(value) else value
            for name, value in asdict(self).items()
        }


@dataclass(frozen=True, slots=True)
class Finished:
    """The run has ended or was stopped."""

    result: Result | None
    """None if an interruption left no time for the final evaluation."""
    stopped: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """The run cannot continue."""

    update: int
    reason: str
    """One sentence for the user."""

    @classmethod
    def diverged(cls, update: int, rate: float, last_good: float) -> "Failed":
        """Return the failure of a loss that is no longer finite.

        Args:
            update: the update whose loss it is.
            rate: its learning rate.
            last_good: the last finite loss; NaN if there was none.
        """
        before = f"last loss {last_good:.4g}"
        if last_good != last_good:
            before = "before the first update"
        return cls(
            update,
            f"the loss is no longer finite at update {update:,} with rate {rate:.3g} ({before}); "
            "try a lower highest rate",
        )


Event = (
    Started
    | UpdateDone
    | Evaluated
    | HealthMeasured
    | Paused
    | Resumed
    | Edited
    | EditRefused
    | Finished
    | Failed
)
