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
    """Train once, on one core; return the line of the record."""
    experiment = study.experiment(trial, seed)
    dataset = source.load("cifar10", data, study.validation_size)
    # The test images are taken out of reach.
    dataset = replace(dataset, test=dataset.validation)
    trainer = Trainer(experiment, dataset, 1)
    outcome = trainer.run(Control(), lambda event: None)
    found = outcome.result if isinstance(outcome, Finished) else None
    return {
        "trial": str(trial),
        "seed": str(seed),
        **{name: str(value) for name, value in study.drawn(trial).items()},
        "updates": str(experiment.total_updates),
        "validation_accuracy": f"{found.validation_accuracy:.4f}" if found else "0",
        "validation_loss": f"{found.validation_loss:.4f}" if found else "inf",
        "seconds": f"{found.seconds:.0f}" if found else "0",
    }
