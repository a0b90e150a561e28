"""Reading of the images and of their numbers, on a worker thread."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from textual.app import App

from core.config.experiment import Experiment
from core.data import known, source
from core.data.dataset import Dataset
from core.data.normalise import Per
from core.data.summary import Summary
from tui.thread_results import deliver
from tui.worker.errors import reason_of


@dataclass(frozen=True)
class Wanted:
    """What decides which images are read, and what is computed of them."""

    dataset: str
    """As in settings; what `auto` stands for instead of that."""
    validation_size: int
    normalisation: Per

    @classmethod
    def of(cls, experiment: Experiment, auto: str) -> "Wanted":
        """Return what the settings of a training want; `auto` is what that name stands for."""
        name = auto if experiment.dataset == known.AUTO else experiment.dataset
        return cls(name, experiment.validation_size, experiment.normalisation)

    @property
    def images(self) -> tuple[str, int]:
        """What decides which images are read."""
        return self.dataset, self.validation_size


@dataclass(frozen=True)
class Receivers:
    """What is called on the UI thread with the results, in this order."""

    take: Callable[[Dataset], object]
    """Called with the images, unless they were known."""
    tell: Callable[[Summary], object]
    """Called with the numbers, which take longer."""
    fail: Callable[[str], object]
    """Called instead of those that do not come, with the reason in a sentence."""


def read(
    app: App[object],
    wanted: Wanted,
    data: Path | None,
    kept: Dataset | None,
    to: Receivers,
    numbers: bool = True,
) -> None:
    """Read the images, and then add up their pixels; must run in a thread worker.

    Args:
        app: the app to whose thread the results go.
        wanted: what to read.
        data: a folder or archive of CIFAR-10; None searches the data folder.
        kept: these images, if they have been read before.
        to: what takes the results.
        numbers: whether they are wanted as well.
    """
    found: list[Dataset] = [] if kept is None else [kept]
    told: list[Summary] = []

    def load() -> None:
        found.append(source.load(wanted.dataset, data, wanted.validation_size))

    reason = reason_of(load) if kept is None else None
    if reason is None:
        if kept is None:
            deliver(app, to.take, found[0])
        if not numbers:
            return
        reason = reason_of(lambda: told.append(Summary.of(found[0], wanted.normalisation)))
    if reason is None:
        deliver(app, to.tell, told[0])
    else:
        deliver(app, to.fail, reason)
