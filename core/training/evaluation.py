"""Loss and accuracy of the network of a training."""

from core.config.experiment import Experiment
from core.data.dataset import Dataset, Split
from core.training.events import Evaluated, Result
from core.training.shards import ShardedNetwork


class Evaluator:
    """Measures a network as it is now.

    Args:
        engine: the network.
        sample: the training images of regular evaluations.
        dataset: the data.
    """

    def __init__(self, engine: ShardedNetwork, sample: Split, dataset: Dataset) -> None:
        self._engine, self._sample, self._dataset = engine, sample, dataset

    def evaluated(self, update: int) -> Evaluated:
        """Return a regular evaluation: of the training sample and the validation images."""
        train = self._engine.evaluate(self._sample)
        validation = self._engine.evaluate(self._dataset.validation)
        return Evaluated(update, train.loss, train.accuracy, validation.loss, validation.accuracy)

    def result(
        self, experiment: Experiment, parameters: int, updates: int, seconds: float
    ) -> Result:
        """Return the result of a run: of all training, validation and test images.

        Args:
            experiment: the settings that the run began with.
            parameters: number of parameters of the network.
            updates: number of updates.
            seconds: duration of the run.
        """
        train = self._engine.evaluate(self._dataset.train)
        validation = self._engine.evaluate(self._dataset.validation)
        test = self._engine.evaluate(self._dataset.test)
        return Result(
            preset=experiment.name,
            dataset=self._dataset.name,
            seed=experiment.seed,
            updates=updates,
            seconds=seconds,
            parameters=parameters,
            train_accuracy=train.accuracy,
            validation_accuracy=validation.accuracy,
            test_accuracy=test.accuracy,
            train_loss=train.loss,
            validation_loss=validation.loss,
        )
