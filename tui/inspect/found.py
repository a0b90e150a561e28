"""What is known of a saved network."""

from dataclasses import dataclass

from core.data.dataset import Images
from core.predictions.choice import Choice
from core.predictions.evaluation import Evaluation
from core.predictions.model import Model


@dataclass(frozen=True)
class Found:
    """The network and its evaluation."""

    choice: Choice
    model: Model
    evaluation: Evaluation


@dataclass(frozen=True, eq=False)
class PredictedFile:
    """A picture of the user with the network's prediction."""

    name: str
    """Name of its file."""
    image: Images
    likely: list[tuple[str, float]]
    """The likeliest classes and their probabilities."""
