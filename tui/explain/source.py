"""Networks, images and traces of the Explain pane."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from core.data import source
from core.data.dataset import Dataset, Images
from core.errors import StoreError
from core.explain import Subject, Trace, run, run_in_batch
from core.explain.batch import first_shard, next_batch, with_first
from core.explain.trial import Trial, learn, moved
from core.explain.update import Update
from core.plan import shard_sizes
from core.predictions import pictures
from core.predictions.choice import choose, saved_checkpoints
from core.predictions.evaluation import images_of
from core.runs.records import Run
from core.runs.session import store
from tui.explain.wanted import FIRST, WINNER, Content, Moment, Wanted, Weights

AHEAD = 1000
"""Number of images among which the next mistake is looked for."""

BYTE_VALUES = 256


@dataclass(frozen=True, eq=False)
class Network:
    """A network with the images of its data set."""

    subject: Subject
    dataset: Dataset
    words: str
    notes: tuple[str, ...] = ()
    """Remarks on the choice of its weights for the user, one sentence each."""

    @property
    def short(self) -> str:
        """The words without the number of updates."""
        return self.words.partition(" after ")[0].rstrip(",")

    @cached_property
    def update(self) -> Update:
        """The next update of its training."""
        batch = next_batch(self.subject, self.dataset)
        assert self.subject.timeline is not None
        settings = self.subject.timeline.at(self.subject.next_update)
        with threadpool_limits(1, user_api="blas"):
            return Update(self.subject, batch, shard_sizes(settings))

    @cached_property
    def mean_image(self) -> Images:
        """The mean of the training images, rounded to bytes."""
        mean = self.dataset.train.images.mean(axis=0, dtype=np.float64)
        image: Images = np.rint(mean).astype(np.uint8)
        return image


@dataclass(frozen=True, eq=False)
class Traced:
    """A trace, and words for what it is of."""

    wanted: Wanted
    network: Network
    trace: Trace
    image: str
    """Words for the image."""
    trials: tuple[tuple[Trace, Trial], ...] = field(default=())
    """The steps that were tried, each with the trace before it."""

    @cached_property
    def moved(self) -> dict[str, float] | None:
        """How far the tried steps have moved each layer; None if none was tried."""
        if not self.trials:
            return None
        before, after = self.trials[0][0].weights, self.trace.weights
        return moved(
            {name: value for name, (value, _) in before.items()},
            {name: value for name, (value, _) in after.items()},
        )

    @property
    def is_of_the_set(self) -> bool:
        """Whether the image is one of the test set."""
        return self.wanted.file is None and self.wanted.content is Content.IMAGE


def network_of(wanted: Wanted, data: Path | None) -> Network:
    """Read weights and images.

    Raises:
        StoreError: if the run has no such weights.
        DataError: if the images cannot be read.
        SettingError: if the architecture is impossible.
    """
    kind, run = wanted.moment.weights, wanted.run
    if kind is Weights.CONFIGURED or run is None:
        experiment = wanted.experiment
        dataset = source.load(experiment.dataset, data, experiment.validation_size)
        return Network(Subject.fresh(experiment, dataset), dataset, f"{experiment.name}, untrained")
    dataset = images_of(run, data)
    if kind is Weights.FIRST:
        subject = Subject.fresh(run.experiment(), dataset)
        return Network(subject, dataset, f"{run.name}, before the first update")
    updates = wanted.moment.updates if kind is Weights.AFTER else None
    choice = choose(store(), run, best=kind is Weights.BEST, updates=updates)
    done = choice.checkpoint.state.updates
    which = {Weights.BEST: "best weights, ", Weights.LAST: "last weights, "}.get(kind, "")
    words = f"{run.name}, {which}after {done:,} update{'s' * (done != 1)}"
    return Network(Subject.of(choice.checkpoint), dataset, words, choice.notes)


def moments(run: Run) -> list[Moment]:
    """Return the moments of a run whose weights are known, in the order of its training."""
    saved = saved_checkpoints(store(), run)
    return [FIRST, *(Moment(Weights.AFTER, each.updates) for each in saved)]


def traced(wanted: Wanted, network: Network, former: Traced | None = None) -> Traced:
    """Run the network.

    Args:
        wanted: what to trace.
        network: the network of it.
        former: the trace before, whose trials are gone on with where this one follows them.

    Raises:
        DataError: if the file is no picture.
        ExplainError: if there is no next batch.
    """
    with threadpool_limits(1, user_api="blas"):
        image, label, words = _image(wanted, network)
        trials: list[tuple[Trace, Trial]] = []
        if former is not None and former.network is network:
            tried = replace(former.wanted, steps=wanted.steps, of=wanted.of)
            trials = list(former.trials[: wanted.steps]) if tried == wanted else []
        subject = trials[-1][1].subject if trials else network.subject
        while len(trials) < wanted.steps:
            trials.append((run(subject, image, label), learn(subject, image, label)))
            subject = trials[-1][1].subject
        trace = _trace(wanted, network, subject, image, label)
    return Traced(wanted, network, trace, words, tuple(trials))


def _image(wanted: Wanted, network: Network) -> tuple[Images, int, str]:
    """Return the image, its class, and words for it."""
    subject, test = network.subject, network.dataset.test
    if wanted.file is not None:
        image, what = pictures.read(wanted.file, subject.shape), wanted.file.name
    elif wanted.content is Content.NOISE:
        rng = np.random.default_rng(wanted.image)
        image = rng.integers(0, BYTE_VALUES, subject.shape, np.uint8)
        what = f"noise {wanted.image:,}"
    elif wanted.content is Content.MEAN:
        image, what = network.mean_image, "mean of the training images"
    else:
        number = wanted.image % len(test)
        label = int(test.labels[number])
        return test.images[number], label, f"test image {number:,}, {subject.classes[label]}"
    label = int(np.argmax(run(subject, image, 0).probabilities))
    return image, label, f"{what}, taken for {subject.classes[label]}"


def _trace(wanted: Wanted, network: Network, subject: Subject, image: Images, label: int) -> Trace:
    of = wanted.of
    if of == WINNER:
        of = int(run(subject, image, label).probabilities.argmax())
    if not wanted.in_batch:
        return run(subject, image, label, of=of)
    batch = with_first(next_batch(subject, network.dataset), image, label)
    return run_in_batch(subject, *first_shard(subject, batch), of=of)


def next_of_class(network: Network, image: int) -> int:
    """Return the number of the next test image of another class than that of `image`."""
    labels = network.dataset.test.labels
    order = np.roll(np.arange(len(labels)), -image - 1)
    others = order[labels[order] != labels[image % len(labels)]]
    return int(others[0]) if len(others) else image


def next_alike(network: Network, image: int) -> int:
    """Return the number of the next test image of the class of `image`."""
    labels = network.dataset.test.labels
    order = np.roll(np.arange(len(labels)), -image - 1)
    return int(order[labels[order] == labels[image % len(labels)]][0])


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


def step(by: int, now: Moment, all_moments: Sequence[Moment]) -> Moment:
    """Return the moment after, or before, `now`; from one that is none of them the last or first.

    Args:
        by: 1 or -1.
        now: where one is.
        all_moments: in the order of the training.
    """
    if now not in all_moments:
        return all_moments[0 if by > 0 else -1]
    return all_moments[max(0, min(all_moments.index(now) + by, len(all_moments) - 1))]
