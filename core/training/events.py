"""What a training tells: small frozen facts, in the order in which they happen.

Every loss is the plain cross-entropy, so that curves of different settings compare; the cost that
is optimised (smoothed, with the L2 term) is told beside it.
"""

from dataclasses import asdict, dataclass
from math import isfinite, nan
from typing import Any

from core.errors import UserError
from core.training.timeline import Edit


@dataclass(frozen=True, slots=True)
class Started:
    """The data are ready and the first update is next."""

    dataset: str
    source: str
    parameters: int
    updates: int
    """Updates that the whole run will take."""
    updates_per_epoch: int
    batch_size: int
    done: int = 0
    """Updates that were done before an interruption."""
    evaluate_every: int = 0
    """Updates from one evaluation to the next; 0 where nobody has said."""


@dataclass(slots=True)
class UpdateDone:
    """One mini-batch has been learned from. Not frozen: freezing doubles the cost of making one."""

    update: int
    """Counted from 1."""
    rate: float
    loss: float
    """Plain cross-entropy of the mini-batch, before the update."""
    cost: float
    """What the update descends on: smoothed cross-entropy plus the L2 term."""
    seconds: float = nan
    """That the training has taken so far, as `Result` counts them."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Loss and accuracy after `update` updates, on a training sample and the validation set."""

    update: int
    train_loss: float
    train_accuracy: float
    """A fraction, as all accuracies here."""
    validation_loss: float
    validation_accuracy: float


@dataclass(frozen=True, slots=True)
class Paused:
    """The training waits after `update` updates."""

    update: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """The training goes on after `update` updates."""

    update: int


@dataclass(frozen=True, slots=True)
class Edited:
    """Settings have changed, and the next update will be the first to know.

    Whoever is told this returns when the edit is kept, or raises `NotKeptError`.
    """

    edit: Edit
    updates: int
    """Updates that the whole run will take now."""


@dataclass(frozen=True, slots=True)
class EditRefused:
    """Settings have not changed."""

    update: int
    reason: str
    """One sentence for a person."""


class NotKeptError(UserError):
    """An edit could not be kept, so it must not take effect; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a run came out."""

    preset: str
    dataset: str
    seed: int
    updates: int
    seconds: float
    """Updates and the evaluations between them; no loading, no pauses, no final evaluation."""
    parameters: int
    train_accuracy: float
    """Over all original training images."""
    validation_accuracy: float
    test_accuracy: float
    train_loss: float
    validation_loss: float

    def as_dict(self) -> dict[str, Any]:
        """Return the result as JSON knows it: what is not finite, it does not know."""
        return {
            name: None if isinstance(value, float) and not isfinite(value) else value
            for name, value in asdict(self).items()
        }


@dataclass(frozen=True, slots=True)
class Finished:
    """The run has come to its end, or was stopped before it."""

    result: Result | None
    """None where whoever stopped it could not wait for the measurement."""
    stopped: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """The run cannot go on."""

    update: int
    reason: str
    """One sentence for a person."""


Event = (
    Started | UpdateDone | Evaluated | Paused | Resumed | Edited | EditRefused | Finished | Failed
)
