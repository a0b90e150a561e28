"""Updates on several workers, with results that do not depend on the number of workers.

A batch is divided into a fixed number of shards. Each has its own buffers and gradients and runs on
one BLAS thread; the gradients are added in the order of the shards. So the order of summation is
always the same, and the number of workers affects only the time. The weights of a large fully
connected layer are divided among the workers as well, see `SplitLinear`.

Batch normalisation uses the statistics of a shard, not of the batch. Its running statistics move
once per update, after the step, towards the mean over the shards, added in order (for variances,
the mean of the variances within the shards, without the variance between their means). So they
depend on the number of shards, as every result does, and on nothing else.
"""

from collections.abc import Sequence
from functools import partial
from math import nan
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from core.data.dataset import Split
from core.data.normalise import Normaliser
from core.nn.acceleration import Prepared, SplitLinear, divided
from core.nn.arrays import Array
from core.nn.loss import Sums
from core.nn.network import Network
from core.optim.optimiser import Optimiser, Rule, clip_scale
from core.seeding import Stream, generator
from core.training import shared_memory
from core.training.shard import Shard
from core.training.shared_job import SharedJob
from core.training.training_set import Rows, TrainingSet
from core.training.worker_pool import WorkerPool, weakly

(
    FORWARD_BACKWARD,
    FORWARD,
    MULTIPLY,
    OUTPUT,
    MULTIPLY_BACK,
    BACKWARD,
    GRADIENT_NORM,
    OPTIMISER_STEP,
    EVALUATE,
) = range(9)
"""Indices of the jobs of the worker pool. `FORWARD` to `BACKWARD` are `FORWARD_BACKWARD` in
phases, for a network with a layer whose weights are divided among the workers."""


Data = TypeVar("Data", Split, TrainingSet)


class Scores(NamedTuple):
    """Loss and accuracy on a set of images."""

    loss: float
    """Mean plain cross-entropy."""
    accuracy: float
    """Fraction of correctly classified images."""


class ShardedNetwork:
    """Shards that share one parameter vector, and their optimiser and worker pool.

    Args:
        prepared: prototypes of the layers, not allocated, and their input layout.
        sizes: number of images in each shard.
        dtype: dtype of parameters and activations.
        normaliser: converts uint8 pixels to inputs.
        threads: number of workers, including the caller; at most one per shard is used.
        rule: how the optimiser updates the parameters.
        seed: seed of dropout.
    """

    _split: SplitLinear
    """The layer whose weights are divided among the workers, if there is one."""

    def __init__(
        self,
        prepared: Prepared,
        sizes: Sequence[int],
        dtype: npt.DTypeLike,
        normaliser: Normaliser,
        threads: int,
        rule: Rule,
        seed: int = 0,
    ) -> None:
        self.seed = seed
        self.parameters = shared_memory.zeros((Network.parameter_count(prepared.layers),), dtype)
        start = Network.first_statistics(prepared.layers, dtype)
        self.statistics = shared_memory.zeros(start.shape, dtype)
        np.copyto(self.statistics, start)
        self.layout = prepared.layout
        self.shards = [
            Shard(prepared, size, dtype, self.parameters, self.statistics, normaliser)
            for size in sizes
        ]
        self.batch_size = sum(sizes)
        self.bounds: list[int] = np.cumsum([0, *sizes]).tolist()
        at = divided(prepared.layers) if len(sizes) > 1 else None
        self._phases: tuple[int, ...] = (FORWARD_BACKWARD,)
        if at is not None:
            self._phases = FORWARD, MULTIPLY, OUTPUT, MULTIPLY_BACK, BACKWARD
            networks = [shard.network.layers for shard in self.shards]
            self._split = SplitLinear(networks, at, self.bounds, shared_memory.zeros)
        state = {name: shared_memory.zeros(self.parameters.shape, dtype) for name in rule.state}
        decay_size = self.network.decay_size
        self.optimiser = Optimiser(rule, self.parameters, decay_size, len(sizes), state)
        self._blocks = [
            [(block, self.gradients)]
            if at is None
            else self._split.blocks(block, self.parameters, self.gradients)
            for block in self.optimiser.blocks
        ]
        self._workspaces = [self.optimiser.work() for _ in sizes]
        self._job = SharedJob(self.batch_size, len(sizes))
        self._sets: list[Split] = []
        self._training: list[TrainingSet] = []
        jobs = (
            self._forward_backward,
            self._forward,
            self._multiply,
            self._output,
            self._multiply_back,
            self._backward,
            self._gradient_norm,
            self._optimiser_step,
            self._evaluate,
        )
        self.pool = WorkerPool(max(1, min(threads, len(sizes))), [weakly(job) for job in jobs])

    @property
    def network(self) -> Network:
        """The first shard's network, for names and shapes."""
        return self.shards[0].network

    @property
    def gradients(self) -> list[Array]:
        """Flat gradients of the shards; their sum is the gradient of the batch."""
        return [shard.network.gradients for shard in self.shards]

    def register_datasets(self, *sets: Split, training: TrainingSet | None = None) -> None:
        """Register data sets before their first use.

        A set that is new when worker processes exist makes them restart, which takes some time.
        """
        for data in sets:
            self._number(data, self._sets)
        if training is not None:
            self._number(training, self._training)

    def forward_backward(
        self, data: TrainingSet, rows: Rows, smoothing: float, update: int = 0
    ) -> Sums:
        """Write the gradient of the mean smoothed cross-entropy over `rows` into `gradients`.

        Args:
            data: the training set.
            rows: indices (batch_size,) into it.
            smoothing: label smoothing.
            update: index of the update, from 0; determines the masks of dropout.

        Returns:
            Sums over the batch.
        """
        job = self._job
        job.rows[:] = rows
        data.labels.take(rows, out=job.labels, mode="clip")
        job.numbers[:3] = self._number(data, self._training), smoothing, update
        for phase in self._phases:
            self.pool.run(phase, follows=phase != self._phases[0])
        plain, smoothed = job.results.sum(axis=0).tolist()
        return Sums(plain, smoothed)

    def optimiser_step(
        self, rate: float, weight_decay: float, update: int = 0, clip_norm: float = 0.0
    ) -> float:
        """Add up `gradients`, take one optimiser step, and update the running statistics.

        Args:
            rate: learning rate.
            weight_decay: lambda.
            update: index of the update, from 0.
            clip_norm: limit on the norm of the gradient; 0 for none.

        Returns:
            The L2 term of the weights before the step.
        """
        job, scale = self._job, 1.0
        if clip_norm:
            self.pool.run(GRADIENT_NORM)
            scale = clip_scale(float(job.results[:, 0].sum()), clip_norm)
        job.numbers[:] = rate, weight_decay, update, scale
        self.pool.run(OPTIMISER_STEP)
        self.network.update_running_stats([shard.network.batch_stats for shard in self.shards])
        return float(job.results[:, 0].sum())

    def evaluate(self, data: Split) -> Scores:
        """Return loss and accuracy on all of `data`, computed in slices in the same buffers.

        After `abandon` they are NaN, and without images.
        """
        if not len(data):
            return Scores(nan, nan)
        job = self._job
        job.numbers[0] = self._number(data, self._sets)
        self.pool.run(EVALUATE)
        if job.abandoned[0]:
            return Scores(nan, nan)
        loss, accuracy = (job.results.sum(axis=0) / len(data)).tolist()
        return Scores(loss, accuracy)

    def abandon(self) -> None:
        """End this and all later evaluations before their next slice; callable from any thread."""
        self._job.abandoned[0] = 1

    def close(self) -> None:
        """End the workers; later calls run on the caller's thread."""
        self.pool.close()

    def _number(self, data: Data, known: list[Data]) -> int:
        """Return the index of a data set, which is added if it is new."""
        for number, each in enumerate(known):
            if each is data:
                return number
        known.append(data)
        self.pool.stop_workers()
        return len(known) - 1

    # The jobs of a worker: on every `pool.count`-th shard, from the index of the worker on

    def _own(self, worker: int) -> range:
        return range(worker, len(self.shards), self.pool.count)

    def _rows(self, shard: int) -> slice:
        return slice(self.bounds[shard], self.bounds[shard + 1])

    def _forward_backward(self, worker: int) -> None:
        job, scale = self._job, 1.0 / self.batch_size
        data, smoothing = self._training[int(job.numbers[0])], float(job.numbers[1])
        for index in self._own(worker):
            part, shard = self._rows(index), self.shards[index]
            shard.network.sample(partial(self._generator, int(job.numbers[2]), index))
            shard.forward_backward(data, job.rows[part], job.labels[part], smoothing, scale)
            job.results[index] = shard.loss.sums()

    def _forward(self, worker: int) -> None:
        job = self._job
        data = self._training[int(job.numbers[0])]
        for index in self._own(worker):
            part, shard = self._rows(index), self.shards[index]
            shard.network.sample(partial(self._generator, int(job.numbers[2]), index))
            shard.load(data, job.rows[part])
            self._split.give(index, shard.forward(self._split.at))

    def _multiply(self, worker: int) -> None:
        for index in self._own(worker):
            self._split.forward(index)

    def _output(self, worker: int) -> None:
        job, scale = self._job, 1.0 / self.batch_size
        for index in self._own(worker):
            part, shard = self._rows(index), self.shards[index]
            x, labels = self._split.output(index), job.labels[part]
            dy = shard.output(self._split.at + 1, x, labels, float(job.numbers[1]), scale)
            if dy is not None:
                self._split.give_back(index, dy)
            job.results[index] = shard.loss.sums()

    def _multiply_back(self, worker: int) -> None:
        for index in self._own(worker):
            self._split.backward(index)

    def _backward(self, worker: int) -> None:
        for index in self._own(worker):
            dx = self._split.input_gradient(index)
            if dx is not None:
                self.shards[index].backward(self._split.at, dx)

    def _generator(self, update: int, shard: int, layer: int) -> np.random.Generator:
        """Return the generator of a dropout layer, a function of its arguments and the seed."""
        return generator(self.seed, Stream.DROPOUT, update, layer, shard)

    def _gradient_norm(self, worker: int) -> None:
        job, optimiser = self._job, self.optimiser
        for index in self._own(worker):
            workspace = self._workspaces[index]
            job.results[index, 0] = sum(
                optimiser.squared_norm(part, gradients, workspace)
                for part, gradients in self._blocks[index]
            )

    def _optimiser_step(self, worker: int) -> None:
        job, optimiser = self._job, self.optimiser
        rate, weight_decay, update, scale = job.numbers.tolist()
        for index in self._own(worker):
            workspace = self._workspaces[index]
            job.results[index, 0] = sum(
                optimiser.step(part, gradients, rate, weight_decay, workspace, int(update), scale)
                for part, gradients in self._blocks[index]
            )

    def _evaluate(self, worker: int) -> None:
        job, size = self._job, max(shard.size for shard in self.shards)
        data = self._sets[int(job.numbers[0])]
        usable = [shard for shard in self.shards if shard.size == size]
        starts = range(0, len(data), size)
        job.results[worker :: self.pool.count] = 0
        for index in range(worker, len(usable), self.pool.count):
            for start in starts[index :: len(usable)]:
                if job.abandoned[0]:
                    return
                part = slice(start, start + size)
                job.results[index] += usable[index].evaluate(data.images[part], data.labels[part])
