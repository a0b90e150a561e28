"""What the Explain pane traces: which weights, and which image."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from core.config.experiment import Experiment
from core.data import source
from core.data.dataset import Dataset, Images
from core.errors import StoreError
from core.explain import Subject, Trace, run, run_in_batch
from core.explain.batch import first_shard, next_batch, with_first
from core.predictions import pictures
from core.predictions.choice import choose
from core.predictions.evaluation import images_of
from core.runs.records import Run
from core.runs.session import store

UNTRAINED, LAST, BEST = "untrained", "last", "best"
WEIGHTS = UNTRAINED, LAST, BEST

AHEAD = 1000
"""Number of images among which the next mistake is looked for."""


@dataclass(frozen=True)
class Wanted:
    """What is to be traced."""

    experiment: Experiment
    """Settings of the untrained network."""
    run: Run | None
    """The run that has trained weights; None for none."""
    weights: str = UNTRAINED
    """One of `WEIGHTS`."""
    image: int = 0
    """Number of the test image."""
    file: Path | None = None
    """A picture file instead of it."""
    in_batch: bool = False
    """Whether the image is part of the next batch of the training."""


@dataclass(frozen=True, eq=False)
class Network:
    """A network with the images of its data set."""

    subject: Subject
    dataset: Dataset
    words: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Traced:
    """A trace, and words for what it is of."""

    wanted: Wanted
    network: Network
    trace: Trace
    image: str
    """Words for the image."""
    notes: tuple[str, ...] = field(default=())


def network_of(wanted: Wanted, data: Path | None) -> Network:
    """Read weights and images.

    Raises:
        StoreError: if the run has no such weights.
        DataError: if the images cannot be read.
        SettingError: if the architecture is impossible.
    """
    if wanted.weights == UNTRAINED or wanted.run is None:
        experiment = wanted.experiment
        dataset = source.load(experiment.dataset, data, experiment.validation_size)
        return Network(Subject.fresh(experiment, dataset), dataset, f"{experiment.name}, untrained")
    choice = choose(store(), wanted.run, best=wanted.weights == BEST)
    done = choice.checkpoint.state.updates
    which = "best" if wanted.weights == BEST else "last"
    return Network(
        Subject.of(choice.checkpoint),
        images_of(wanted.run, data),
        f"{wanted.run.name}, {which} weights, after {done:,} updates",
        choice.notes,
    )


def traced(wanted: Wanted, network: Network) -> Traced:
    """Run the network.

    Raises:
        DataError: if the file is no picture.
        ExplainError: if there is no next batch.
    """
    subject, test = network.subject, network.dataset.test
    with threadpool_limits(1, user_api="blas"):
        if wanted.file is not None:
            image = pictures.read(wanted.file, subject.shape)
            label = int(np.argmax(run(subject, image, 0).probabilities))
            words = f"{wanted.file.name}, taken for {subject.classes[label]}"
        else:
            number = wanted.image % len(test)
            image, label = test.images[number], int(test.labels[number])
            words = f"test image {number:,}, {subject.classes[label]}"
        return Traced(wanted, network, _trace(wanted, network, image, label), words, network.notes)


def _trace(wanted: Wanted, network: Network, image: Images, label: int) -> Trace:
    subject = network.subject
    if not wanted.in_batch:
        return run(subject, image, label)
    batch = with_first(next_batch(subject, network.dataset), image, label)
    return run_in_batch(subject, *first_shard(subject, batch))


def next_of_class(network: Network, image: int) -> int:
    """Return the number of the next test image of another class than that of `image`."""
    labels = network.dataset.test.labels
    order = np.roll(np.arange(len(labels)), -image - 1)
    others = order[labels[order] != labels[image % len(labels)]]
    return int(others[0]) if len(others) else image


def next_mistake(network: Network, image: int) -> int:
    """Return the number of the next test image that is taken for another class.

    Raises:
        StoreError: if there is none among the next `AHEAD`.
    """
    test = network.dataset.test
    count = min(AHEAD, len(test))
    with threadpool_limits(1, user_api="blas"):
        for number in (np.arange(image + 1, image + 1 + count) % len(test)).tolist():
            probabilities = run(network.subject, test.images[number], 0).probabilities
            if int(probabilities.argmax()) != int(test.labels[number]):
                return int(number)
    raise StoreError(f"none of the next {count:,} images is taken for another class")
