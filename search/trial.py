"""One training of a search."""

from dataclasses import replace
from pathlib import Path

from core.data import source
from core.training.control import Control
from core.training.events import Finished
from core.training.trainer import Trainer
from search.record import Row
from search.study import Study


def train(study: Study, trial: int, seed: int, data: Path | None) -> Row:
    """Train once, on one core, and return the row of the record."""
    experiment = study.experiment(trial, seed)
    dataset = source.load("cifar10", data, study.validation_size)
    # Replaced, so that the test images cannot be used.
    dataset = replace(dataset, test=dataset.validation)
    trainer = Trainer(experiment, dataset, 1)
    outcome = trainer.run(Control(), lambda event: None)
    result = outcome.result if isinstance(outcome, Finished) else None
    return {
        "trial": str(trial),
        "seed": str(seed),
        **{name: str(value) for name, value in study.drawn(trial).items()},
        "updates": str(experiment.total_updates),
        "validation_accuracy": f"{result.validation_accuracy:.4f}" if result else "0",
        "validation_loss": f"{result.validation_loss:.4f}" if result else "inf",
        "seconds": f"{result.seconds:.0f}" if result else "0",
    }
