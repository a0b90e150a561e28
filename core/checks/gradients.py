"""The gradient check: every gradient of a network against an independent reference."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import perf_counter

import numpy as np
from threadpoolctl import threadpool_limits

from core.checks import kinks, torch_reference
from core.checks.compare import Array, compare, normwise
from core.checks.probes import Prober
from core.checks.report import Progress, Report, Row, Verdict
from core.checks.settings import CheckSettings
from core.checks.subject import Material, Subject, draw
from core.config.experiment import Experiment
from core.data import source
from core.data.dataset import Dataset
from core.settings import SettingError

NOISE = 0.1
"""Part of the tolerance, relative to the norm of the largest gradient, below which a whole gradient
is rounding: that of a bias that a later normalisation cancels is the rest of its terms."""

BREAK = 1.0 + 1e-3
"""Factor on a gradient that is scaled on purpose, to see the check fail."""


Listen = Callable[[Progress | Row], None]


class _CancelledError(Exception):
    pass


def run(
    experiment: Experiment,
    check: CheckSettings,
    data: Path | None = None,
    *,
    scale: str | None = None,
    listen: Listen = lambda event: None,
    cancelled: Callable[[], bool] = lambda: False,
    load: Callable[[str, Path | None, int], Dataset] = source.load,
) -> Report:
    """Check the gradients of `experiment`.

    Args:
        experiment: architecture, regularisation and data.
        check: the reference, the number format, the batch and the tolerances.
        data: path of CIFAR-10; None searches the data folder.
        scale: name of a tensor whose gradient is scaled on purpose, to see the check fail.
        listen: callback for progress and for every finished row.
        cancelled: returns whether to stop; called often. The report then has the finished rows.
        load: loads a data set; the app passes a function with a cache.

    Raises:
        DataError: if the data cannot be read.
        SettingError: if the architecture is impossible, or there is no tensor `scale`.
        CheckError: if PyTorch is the reference and is not available.
    """
    began = perf_counter()
    listen(Progress(0, 1, "reads the images"))
    dataset = load(experiment.dataset, data, experiment.validation_size)
    # One BLAS thread: the products are small, and the user interface needs CPU time too.
    with threadpool_limits(limits=1, user_api="blas"), np.errstate(over="ignore", invalid="ignore"):
        work = _Work(draw(experiment, check, dataset), check, scale, listen, cancelled)
        with suppress(_CancelledError):
            work.run()
        return work.report(experiment.name, perf_counter() - began)


class _Work:
    def __init__(
        self,
        material: Material,
        check: CheckSettings,
        scale: str | None,
        listen: Listen,
        cancelled: Callable[[], bool],
    ) -> None:
        normalised = any(layer.statistics() for layer in material.layers)
        check = check.normalised() if normalised else check
        self.material, self.check, self.scale = material, check, scale
        self.listen, self.cancelled = listen, cancelled
        self.subject = Subject(material, check.working_dtype)
        # With batch normalisation, PyTorch's errors in single precision are up to a hundred times
        # those of this project. So the reference is computed in double precision.
        self.reference_dtype = np.dtype(np.float64 if normalised else check.working_dtype)
        self.rows: list[Row] = []
        self.flips: int | None = None
        self.activations = 0
        self.noise = 0.0
        """Largest entry of a gradient that is only rounding, because all its terms cancel."""
        self.done, self.total = 0, 1
        if scale is not None and scale not in self.subject.names:
            raise SettingError("", f"there is no tensor {scale!r}; there are {_list(self.subject)}")

    def report(self, title: str, seconds: float) -> Report:
        return Report(
            title=title,
            check=self.check,
            images=self.material.images,
            tensors=len(self.subject.names),
            rows=tuple(self.rows),
            kink_flips=self.flips,
            activations=self.activations,
            seconds=seconds,
        )

    def run(self) -> None:
        ours = self._ours()
        largest = max(float(np.linalg.norm(gradient)) for gradient in ours.values())
        self.noise = NOISE * self.check.tolerance * largest
        self.activations = kinks.activations(self.subject.decisions())
        if self.check.reference == "torch":
            self._against_torch(ours)
        else:
            self._against_probes(ours)

    def _ours(self, images: list[int] | None = None) -> dict[str, Array]:
        self._say("differentiates by hand")
        gradients = self.subject.gradients(images)
        if self.scale is not None:
            gradients[self.scale] *= BREAK
        return gradients

    # Against PyTorch

    def _against_torch(self, ours: dict[str, Array]) -> None:
        self.total = len(ours) + 1
        self._say("loads PyTorch")
        torch_reference.load()
        self._say("differentiates with PyTorch")
        theirs = self._torch(range(len(self.material.labels)))
        table = kinks.flips(self.subject.decisions(), theirs.decisions)
        self.flips = int(table.sum())
        self.done += 1
        without: tuple[dict[str, Array], dict[str, Array]] | None = None
        alike = np.flatnonzero(table.sum(axis=0) == 0).tolist()
        for name, gradient in ours.items():
            self._say(f"compares {name}")
            comparison = compare(gradient, theirs.gradients[name], self.check.eps)
            flips = int(table[self.subject.layer_of(name) :].sum())
            same = self._only_rounding(name, gradient, theirs.gradients[name])
            verdict = _verdict(same or comparison.normwise <= self.check.tolerance)
            remaining: float | None = None
            if verdict is Verdict.FAIL and flips and alike and self.check.dtype == "float32":
                without = without or self._without_flips(alike)
                remaining = compare(without[0][name], without[1][name], self.check.eps).normwise
                if remaining <= self.check.tolerance:
                    verdict = Verdict.FLIP
            self._add(
                Row(
                    name=name,
                    shape=gradient.shape,
                    dtype=self.check.working_dtype,
                    reference=self.check.reference,
                    comparison=comparison,
                    flips=flips,
                    redrawn=0,
                    directional=None,
                    normwise_without_flips=remaining,
                    tolerance=self.check.tolerance,
                    verdict=verdict,
                    scaled=name == self.scale,
                )
            )
            self.done += 1

    def _without_flips(self, images: list[int]) -> tuple[dict[str, Array], dict[str, Array]]:
        """Return the gradients of both sides for images whose decisions all agree.

        If images depend on each other, as with batch normalisation, removing some of them can cause
        new flips; so this is repeated.
        """
        while True:
            ours, theirs = self._ours(images), self._torch(images)
            table = kinks.flips(self.subject.decisions(), theirs.decisions)
            alike = np.flatnonzero(table.sum(axis=0) == 0).tolist()
            agreeing = [images[index] for index in alike]
            if not agreeing or len(agreeing) == len(images):
                return ours, theirs.gradients
            images = agreeing

    def _torch(self, images: range | list[int]) -> torch_reference.TorchPass:
        rows, names = np.asarray(images), self.subject.network.names
        return torch_reference.differentiate(
            self.material.specs,
            {name: self._converted(self.subject.tensor(name)) for name in names},
            self.subject.decays,
            self._converted(self.subject.x[rows]),
            self.material.labels[rows],
            self.material.smoothing,
            self.material.weight_decay,
            [self._converted(mask) for mask in self.subject.masks()],
        )

    def _converted(self, rounded: Array) -> Array:
        """Return an array, rounded as on this side, in the dtype of the reference."""
        return rounded.astype(self.reference_dtype)

    # Against the network itself

    def _against_probes(self, ours: dict[str, Array]) -> None:
        prober = Prober(self.material, self.check, self.subject)
        self.total = sum(prober.steps(name) for name in ours)
        end = 0
        for name, gradient in ours.items():
            end += prober.steps(name)

            def on_probe(name: str = name) -> None:
                self.done += 1
                self._say(f"probes {name}")

            self._say(f"probes {name}")
            probed = prober.probe(name, on_probe)
            self.done = end
            factor = BREAK if name == self.scale else 1.0
            directional: float | None = None
            if len(probed.forward):
                directional = normwise(factor * probed.backward, probed.forward)
            comparison = compare(gradient, probed.values, self.check.eps, probed.places)
            close = comparison.normwise <= self.check.tolerance
            close = close and (directional is None or directional <= self.check.tolerance)
            values = (gradient, probed.values, probed.forward, probed.backward)
            close = close or self._only_rounding(name, *values)
            self._add(
                Row(
                    name=name,
                    shape=gradient.shape,
                    dtype=self.check.working_dtype,
                    reference=self.check.reference,
                    comparison=comparison,
                    flips=None,
                    redrawn=probed.redrawn,
                    directional=directional,
                    normwise_without_flips=None,
                    tolerance=self.check.tolerance,
                    verdict=_verdict(close),
                    scaled=name == self.scale,
                )
            )

    def _only_rounding(self, name: str, *gradients: Array) -> bool:
        """Return whether all that is known of a gradient is rounding; a broken one never is."""
        largest = max(float(np.abs(values).max(initial=0.0)) for values in gradients)
        return name != self.scale and largest <= self.noise

    def _add(self, row: Row) -> None:
        self.rows.append(row)
        self.listen(row)

    def _say(self, doing: str) -> None:
        if self.cancelled():
            raise _CancelledError
        self.listen(Progress(self.done, self.total, doing))


def _verdict(close: bool) -> Verdict:
    return Verdict.PASS if close else Verdict.FAIL


def _list(subject: Subject) -> str:
    return ", ".join(subject.names)
