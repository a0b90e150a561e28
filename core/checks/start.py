"""The check before a training: can this network learn from these images at all?

Five questions, each of which takes a second or so and finds a mistake that a long training would
hide: are the inputs in scale, does the network begin without an opinion, can it learn a few images
by heart, and does it look at them? They are described by Karpathy 2019, "A recipe for training
neural networks" (https://karpathy.github.io/2019/04/25/recipe/), and in the notes of Stanford's
course cs231n (https://cs231n.github.io/neural-networks-3/).
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from core.checks import start_judge as judge
from core.checks.by_heart import UPDATES, Attempt, balanced, learn
from core.checks.report import Progress
from core.checks.start_judge import RESCUE_RATE
from core.checks.start_report import Finding, StartReport
from core.config.experiment import Experiment
from core.data import known, source
from core.data.dataset import Dataset, Split
from core.data.normalise import Normaliser
from core.nn.arrays import Array
from core.nn.init import initialise
from core.nn.layer import Mode
from core.nn.loss import SoftmaxCrossEntropy
from core.nn.network import Network
from core.optim.adamw import AdamW
from core.optim.optimiser import Rule
from core.plan import optimiser_rule, plan
from core.seeding import Stream, generator

IMAGES = 100
"""Images of the first pass."""
SCALED = 2000
"""Images whose scale is measured."""
FEW = 20
"""Images to be learned by heart, the number in the notes of cs231n."""
QUESTIONS = 5
RESCUE = AdamW()
"""The optimiser that tries again where that of the settings fails."""

SAMPLE, BY_HEART = 6, 7
"""Counters in the checks' stream of random numbers; the gradient check uses 0 to 5."""

FIRST = 60
"""Steps of the progress up to the training by heart; each of its updates is one more."""

Load = Callable[[str, Path | None, int], Dataset]


class _CancelledError(Exception):
    """The check has been cancelled."""


def run(
    experiment: Experiment,
    data: Path | None = None,
    *,
    listen: Callable[[Progress | Finding], None] = lambda event: None,
    cancelled: Callable[[], bool] = lambda: False,
    load: Load = source.load,
) -> StartReport:
    """Check what `experiment` would begin with; saves nothing.

    Args:
        experiment: the settings of the training.
        data: folder or archive of CIFAR-10; None searches the data folder.
        listen: callback with the progress, and with every finding; must not block.
        cancelled: returns whether to stop.
        load: loads a data set.

    Returns:
        The report, with the findings so far if it was cancelled.

    Raises:
        DataError: if the data cannot be loaded.
        SettingError: if the architecture is impossible.
    """
    started = perf_counter()
    found: list[Finding] = []
    dataset = load(experiment.dataset, data, experiment.validation_size)
    check = _Check(experiment, dataset, listen, cancelled)
    try:
        for finding in check.findings():
            found.append(finding)
            listen(finding)
    except _CancelledError:
        pass
    return StartReport(
        title=experiment.name,
        dataset=known.title(dataset.name),
        questions=QUESTIONS,
        findings=tuple(found),
        seconds=perf_counter() - started,
    )


class _Check:
    """The questions, asked one after the other; arguments as in `run`.

    Raises:
        SettingError: if the architecture is impossible.
    """

    def __init__(
        self,
        experiment: Experiment,
        dataset: Dataset,
        listen: Callable[[Progress | Finding], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self._experiment, self._train = experiment, dataset.train
        self._listen, self._cancelled = listen, cancelled
        self._prepared = plan(experiment, dataset.name, len(dataset.train)).prepared
        self._normaliser = Normaliser.of_training(dataset, experiment.normalisation)

    def findings(self) -> Iterator[Finding]:
        """Yield the findings.

        Raises:
            _CancelledError: if the check is cancelled.
        """
        yield from self._first_pass()
        yield from self._by_heart()

    def _first_pass(self) -> Iterator[Finding]:
        """Yield what random images tell before anything is learned."""
        self._progress(0, "measures the inputs")
        rng = generator(self._experiment.seed, Stream.CHECK, SAMPLE)
        rows = rng.choice(len(self._train), min(SCALED, len(self._train)), replace=False)
        x = np.empty((len(rows), *self._normaliser.shape), np.float32)
        self._normaliser.apply(self._train.images[rows], x)
        yield judge.input_scale(x)
        self._progress(FIRST // 4, "measures the first outputs")
        logits, loss = self._untrained(_part(self._train, rows[:IMAGES]))
        yield judge.first_loss(loss, logits.shape[1])
        yield judge.first_outputs(logits)

    def _untrained(self, images: Split) -> tuple[Array, float]:
        """Return the outputs (N, K) of the network before its first update, and their mean loss.

        In training mode: before any update, batch normalisation has no statistics but the batch's.
        """
        experiment, prepared = self._experiment, self._prepared
        layout, count = prepared.layout, len(images)
        network = Network(prepared.layers, count, experiment.dtype)
        initialise(network, generator(experiment.seed, Stream.INITIALISATION))
        network.sample(lambda layer: generator(experiment.seed, Stream.DROPOUT, 0, layer, 0))
        pixels = np.empty((count, images.images[0].size), np.uint8)
        layout.write(images.images, pixels)
        x = np.empty((count, layout.size), experiment.dtype)
        normaliser = self._normaliser.ordered(layout.order(self._normaliser.shape))
        normaliser.apply(pixels[:, : layout.size], x)
        with threadpool_limits(1, user_api="blas"), np.errstate(over="ignore", invalid="ignore"):
            logits = network.forward(x.reshape(count, *layout.shape), Mode.TRAINING)
            loss = SoftmaxCrossEntropy(logits.shape[1], count, experiment.dtype)
            loss.forward(logits, images.labels)
            return logits.astype(np.float64), float(loss.sums().plain) / count

    def _by_heart(self) -> Iterator[Finding]:
        """Yield whether a few images can be learned, and whether they are looked at for it."""
        experiment = self._experiment
        rng = generator(experiment.seed, Stream.CHECK, BY_HEART)
        images = _part(self._train, balanced(self._train.labels, FEW, rng))
        rule, rate = optimiser_rule(experiment), experiment.eta_max
        own = self._learn(images, self._normaliser, rule, rate, FIRST, "learns by heart")
        best, rescue = own, None
        if not own.learned:
            rescue = self._learn(
                images, self._normaliser, RESCUE, RESCUE_RATE, FIRST + UPDATES, "tries AdamW"
            )
            if rescue.loss < own.loss:
                best, rule, rate = rescue, RESCUE, RESCUE_RATE
        yield judge.by_heart(len(images), experiment, own, rescue)
        blank = Split(np.zeros_like(images.images), images.labels)
        zeros = Normaliser.of(np.zeros(1), np.ones(1), self._normaliser.shape)
        without = self._learn(
            blank, zeros, rule, rate, FIRST + 2 * UPDATES, "learns without images", best.updates
        )
        yield judge.without_images(best, without, images.labels)

    def _learn(
        self,
        images: Split,
        normaliser: Normaliser,
        rule: Rule,
        rate: float,
        first: int,
        doing: str,
        updates: int = UPDATES,
    ) -> Attempt:
        """Train on `images`; `first` is the progress at the beginning."""
        self._progress(first, doing)
        attempt = learn(
            self._experiment,
            self._prepared,
            images,
            normaliser,
            rule,
            rate,
            updates,
            listen=lambda attempt: self._progress(first + attempt.updates, doing),
            cancelled=self._cancelled,
        )
        if attempt is None:
            raise _CancelledError
        return attempt

    def _progress(self, done: int, doing: str) -> None:
        if self._cancelled():
            raise _CancelledError
        self._listen(Progress(done, FIRST + 3 * UPDATES, doing))


def _part(split: Split, rows: npt.NDArray[np.int64]) -> Split:
    return Split(split.images[rows], split.labels[rows])
