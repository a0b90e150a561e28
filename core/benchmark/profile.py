"""Profile of an update: the time of every layer, forward and backward."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from math import prod
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from core.benchmark import cases
from core.config.experiment import Experiment
from core.data import source
from core.data.dataset import Dataset
from core.nn.arrays import Shape
from core.nn.layer import Layer
from core.training.trainer import Trainer

REPEATS = 40
"""Number of timed updates, after `SKIPPED` warm-up updates."""
SKIPPED = 5


@dataclass(frozen=True)
class ProfileRow:
    """One layer or other step, with its times for a whole batch on one thread."""

    name: str
    output_shape: Shape | None
    """Shape for one image; None if the step is not a layer."""
    forward_ms: float
    backward_ms: float | None
    """None if there is no backward pass."""
    operations: int
    """Floating-point operations of the matrix products of a batch, forward and backward."""
    bytes: int
    """Minimum number of bytes read and written for a batch, forward and backward."""

    @property
    def total_ms(self) -> float:
        """Time of forward and backward pass."""
        return self.forward_ms + (self.backward_ms or 0.0)

    @property
    def gflops(self) -> float | None:
        """10^9 operations per second; None without a matrix product."""
        return self.operations / self.total_ms / 1e6 if self.operations else None

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self) | {"gflops": self.gflops}


@dataclass(frozen=True)
class Profile:
    """The profile of all steps of an update, in order."""

    name: str
    batch_size: int
    rows: tuple[ProfileRow, ...]
    update_ms: float
    """Time of a whole update on one thread, including the overhead of the timing."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, as `convsole profile --json` prints them."""
        rows = [row.as_dict() for row in self.rows]
        return asdict(self) | {"rows": rows}

    def share(self, row: ProfileRow) -> float:
        """Return the share of a row in the time of an update, 0 to 1."""
        return row.total_ms / self.update_ms


class _Clock(ExitStack):
    """A context that accumulates the seconds that methods take in each update."""

    def __init__(self) -> None:
        super().__init__()
        self.now: dict[str, float] = {}
        self.updates: list[dict[str, float]] = []

    def watch(self, owner: object, method: str, name: str) -> None:
        """Time a method of one object until the context is left."""
        work: Callable[..., Any] = getattr(owner, method)

        def timed(*arguments: Any) -> Any:
            began = perf_counter()
            try:
                return work(*arguments)
            finally:
                self.now[name] = self.now.get(name, 0.0) + perf_counter() - began

        setattr(owner, method, timed)
        # Removes the reference cycle of an object that stores its own method.
        self.callback(delattr, owner, method)

    def end(self) -> None:
        """Finish the times of one update."""
        self.updates.append(self.now)
        self.now = {}

    def milliseconds(self, name: str) -> float:
        """Return the median over the updates."""
        return float(np.median([update.get(name, 0.0) for update in self.updates])) * 1e3


def profile(
    experiment: Experiment,
    data: Path | None = None,
    *,
    repeats: int = REPEATS,
    cancelled: Callable[[], bool] = lambda: False,
    load: Callable[[str, Path | None, int], Dataset] = source.load,
) -> Profile | None:
    """Time every layer during real updates, on one thread; None if it was cancelled.

    Raises:
        DataError: if the data cannot be read.
        SettingError: if the settings do not fit.
    """
    dataset = cases.reduced(load(experiment.dataset, data, experiment.validation_size))
    plain = experiment.changed(augmentation="none")
    trainer = Trainer(plain, dataset, threads=1)
    engine, clock = trainer.engine, _Clock()
    with clock, threadpool_limits(1, user_api="blas"):
        for shard in engine.shards:
            clock.watch(shard, "forward_backward", "forward_backward")
            clock.watch(shard.normaliser, "apply", "images")
            clock.watch(shard.loss, "forward", "loss forward")
            clock.watch(shard.loss, "backward", "loss backward")
            for place, layer in enumerate(shard.network.layers):
                clock.watch(layer, "forward", f"{place} forward")
                clock.watch(layer, "backward", f"{place} backward")
        clock.watch(engine, "optimiser_step", "optimiser_step")
        clock.watch(trainer, "step", "update")
        for number in range(SKIPPED + repeats):
            if cancelled():
                return None
            trainer.step(number % plain.total_updates)
            if number < SKIPPED:
                clock.now = {}
            else:
                clock.end()
    return Profile(experiment.name, plain.batch_size, _rows(trainer, clock), _ms(clock, "update"))


def _ms(clock: _Clock, name: str) -> float:
    return clock.milliseconds(name)


def _rows(trainer: Trainer, clock: _Clock) -> tuple[ProfileRow, ...]:
    batch, network = trainer.experiment.batch_size, trainer.engine.network
    item = np.dtype(trainer.experiment.dtype).itemsize
    pixels = trainer.plan.prepared.layout.size
    rows = [
        ProfileRow(
            "normalise", network.input_shape, _ms(clock, "images"), None, 0,
            batch * pixels * (1 + 3 * item),
        )
    ]  # fmt: skip
    counts: dict[str, int] = {}
    for place, layer in enumerate(network.layers):
        counts[layer.kind] = counts.get(layer.kind, 0) + 1
        if layer.kind == "flatten":
            continue  # only a reshape
        rows.append(
            ProfileRow(
                f"{layer.kind}{counts[layer.kind]}",
                layer.output_shape,
                _ms(clock, f"{place} forward"),
                _ms(clock, f"{place} backward"),
                2 * layer.multiply_adds() * (2 + layer.needs_input_gradient) * batch,
                _traffic(layer, batch, item),
            )
        )
    classes = prod(network.output_shape)
    rows.append(
        ProfileRow(
            "loss", None, _ms(clock, "loss forward"), _ms(clock, "loss backward"), 0,
            batch * classes * 4 * item,
        )
    )  # fmt: skip
    # The gradients of all shards are read, the weights read and written.
    vectors = len(trainer.engine.shards) + 2
    size = trainer.engine.parameters.size * item
    rows.append(ProfileRow("update", None, _ms(clock, "optimiser_step"), None, 0, vectors * size))
    rest = _ms(clock, "update") - sum(row.total_ms for row in rows)
    rows.append(ProfileRow("all else", None, max(0.0, rest), None, 0, batch * pixels * 2))
    return tuple(rows)


def _traffic(layer: Layer, batch: int, item: int) -> int:
    """Return the bytes of inputs, outputs, parameters and gradients, each counted once per pass."""
    x, y = prod(layer.input_shape) * batch, prod(layer.output_shape) * batch
    parameters = sum(parameter.size for parameter in layer.parameters())
    forward = x + y + parameters
    backward = y + (x + parameters if parameters else y) + parameters
    return item * (forward + backward + (x if layer.needs_input_gradient else 0))
