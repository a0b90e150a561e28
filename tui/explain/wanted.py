"""What the Explain pane is asked to trace."""

from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from core.config.experiment import Experiment
from core.runs.records import Run


class Weights(Enum):
    """Whose weights a traced network has."""

    CONFIGURED = "untrained"
    """Those with which a training of what Configure shows would begin."""
    FIRST = "first"
    """Those with which the run began."""
    AFTER = "after"
    """Those after a number of updates of the run, of which it has kept a checkpoint."""
    LAST = "last"
    BEST = "best"


@dataclass(frozen=True)
class Moment:
    """A moment of a training, of which the weights are known."""

    weights: Weights
    updates: int = 0
    """Number of updates, where `weights` is `AFTER`."""


CONFIGURED, FIRST = Moment(Weights.CONFIGURED), Moment(Weights.FIRST)
LAST, BEST = Moment(Weights.LAST), Moment(Weights.BEST)


class Content(Enum):
    """What is on the image."""

    IMAGE = "an image of the test set"
    NOISE = "noise"
    MEAN = "the mean of the training images"


WINNER = -1
"""Stands for the class that the network gives the highest probability."""


@dataclass(frozen=True)
class Wanted:
    """What is to be traced."""

    experiment: Experiment
    """Settings of the network in Configure."""
    run: Run | None = None
    """The run that has trained weights; None for none."""
    moment: Moment = CONFIGURED
    image: int = 0
    """Number of the test image, or of the noise."""
    content: Content = Content.IMAGE
    file: Path | None = None
    """A picture file instead of it."""
    in_batch: bool = False
    """Whether the image is part of the next batch of the training."""
    of: int | None = None
    """The class whose logit is differentiated, or `WINNER`; None for the loss."""
    steps: int = 0
    """Number of steps of learning on the image that are tried before."""

    @property
    def network(self) -> tuple[object, ...]:
        """What the network depends on."""
        if self.moment == CONFIGURED or self.run is None:
            return (self.experiment,)
        return self.run.id, self.moment

    def at(self, image: int) -> "Wanted":
        """Return the same of another test image; what was tried on the former one is gone."""
        return replace(self, image=image, content=Content.IMAGE, file=None, steps=0)
