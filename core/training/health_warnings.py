"""What the record of a run says about whether its training is well, in sentences.

Every rule has a threshold (`health_thresholds`) and a source, and names its evidence: the tensor or
layer and the quantity to look at.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, log, sqrt

import numpy as np
import numpy.typing as npt

from core import format as fmt
from core.config.experiment import Experiment
from core.training.health_columns import column, owners
from core.training.health_sources import (
    DEAD,
    EXPLODING,
    INITIALISATION,
    RATIO,
    RECIPE,
    SANITY,
    Source,
)
from core.training.health_strip import Quantity
from core.training.health_thresholds import HealthThresholds
from core.training.history import Column, History


@dataclass(frozen=True)
class HealthWarning:
    """One thing that is not as it should be.

    Attributes:
        text: one sentence, without a full stop.
        evidence: the tensor or layer that shows it; empty for the curves of the whole run.
        quantity: what of it shows it; None for the loss or the accuracy.
        since: the update from which on it has been so.
        threshold: name of the threshold in `HealthThresholds`.
        limit: that threshold as text.
        source: where the rule comes from.
        worst: the update of the value in the text; None for `since`.
    """

    text: str
    evidence: str
    quantity: Quantity | None
    since: int
    threshold: str
    limit: str
    source: Source
    worst: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What it is about: the threshold, and the tensor or layer."""
        return self.threshold, self.evidence

    def sentence(self) -> str:
        """Return text, threshold and source in one line."""
        return f"{self.text} (threshold {self.threshold}: {self.limit}; {self.source.title})"


def health_warnings(
    history: History,
    experiment: Experiment,
    thresholds: HealthThresholds | None = None,
    until: float = inf,
) -> list[HealthWarning]:
    """Return what is wrong with a training at its latest update, the cause before the effect.

    Args:
        history: the history of the run, which may still grow.
        experiment: the settings that the run began with; its data set is known.
        thresholds: from where on something is wrong; by default the defaults.
        until: an earlier update to judge the training at, as if it had gone no further.
    """
    record = _Record(history, experiment, thresholds or HealthThresholds(), until)
    rules = (_first_loss, _weak_signal, _gradient, _rate_high, _rate_low, _silent, _accuracy)
    return [warning for rule in rules for warning in rule(record)]


class _Record:
    """The record of a run, as the rules read it."""

    def __init__(
        self, history: History, experiment: Experiment, limits: HealthThresholds, until: float
    ) -> None:
        self.experiment, self.limits = experiment, limits
        names, points = history.health.columns, history.health.points()
        updates, (evaluations, _) = history.updates.read(), history.evaluated()
        self.updates, self.evaluations = (_until(table, until) for table in (updates, evaluations))
        # Of a training at work, a row may be there before its update.
        done = np.searchsorted(points[0], len(self.updates["update"]), side="right")
        self.points = dict(zip(names, points[:, :done], strict=True))
        self.at = self.points["update"]
        self.tensors, self.layers = owners(names, "weight"), owners(names, "deviation")
        self.rectifiers = owners(names, "silent")
        # A bias that begins at 0 moves by a large part of itself; the rule is about weights.
        self.weights = [name for name in self.tensors if name.endswith(".weight")]
        # Updates are numbered from 1 without a gap.
        self.rates = self.updates["rate"][self.at.astype(np.intp) - 1]

    def of(self, owner: str, quantity: Quantity) -> Column:
        """Return a quantity of a tensor or layer, float64 (rows,)."""
        values: Column = self.points[column(owner, quantity)]
        return values

    def stretch(self, ill: npt.NDArray[np.bool_]) -> tuple[int, int] | None:
        """Return the first and the last row of the latest stretch of ill rows; None if all is well.

        One ill row among others may be chance.
        """
        edges = np.flatnonzero(np.diff(np.concatenate([[0], ill.astype(np.int8), [0]])))
        starts, ends = edges[::2], edges[1::2] - 1
        long = np.flatnonzero(ends - starts + 1 >= min(2, len(ill)))
        return (int(starts[long[-1]]), int(ends[long[-1]])) if len(long) else None

    def when(self, first: int, last: int | None = None) -> str:
        """Return the updates between two rows, and the rate at the first, as text.

        Args:
            first: the first row.
            last: the last row; None, like the latest row, for what has not ended.
        """
        at, rate = self.at[first], f"at rate {fmt.number(float(self.rates[first]), 3)}"
        if last is None or last == len(self.at) - 1:
            return f"since update {at:,.0f}, {rate}"
        return f"from update {at:,.0f} to {self.at[last]:,.0f}, {rate}"


def _until(table: dict[str, Column], update: float) -> dict[str, Column]:
    """Return the rows of a table until an update."""
    rows = np.searchsorted(table["update"], update, side="right")
    return {name: column[:rows] for name, column in table.items()}


def _first_loss(record: _Record) -> Iterator[HealthWarning]:
    updates, limit = record.updates, record.limits.initial_loss
    if not len(updates["update"]) or updates["update"][0] != 1:
        return
    loss, chance = float(updates["loss"][0]), log(len(record.experiment.data.classes))
    # Not `>`: a loss that is not a number is too high, too.
    if not loss - chance <= limit:
        yield HealthWarning(
            f"the first loss is {fmt.loss(loss)}, and guessing has {chance:.3f}: the initial "
            "weights make the last layer sure of what it cannot know",
            record.layers[-1] if record.layers else "",
            "deviation" if record.layers else None,
            1,
            "initial_loss",
            f"{fmt.number(limit)} above",
            RECIPE,
        )


def _weak_signal(record: _Record) -> Iterator[HealthWarning]:
    if not len(record.at) or record.at[0] != 1:
        return
    limit = record.limits.signal
    for layer in record.layers:
        deviation = float(record.of(layer, "deviation")[0])
        if deviation < limit:
            yield HealthWarning(
                f"{layer}: its outputs hardly differed after the first update (deviation "
                f"{deviation:.2g}): the initial weights are too small",
                layer,
                "deviation",
                1,
                "signal",
                f"{fmt.number(limit)}",
                INITIALISATION,
            )
            return  # what follows gets no more of a signal than this layer


def _gradient(record: _Record) -> Iterator[HealthWarning]:
    if not (record.tensors and len(record.at)):
        return
    norms = np.array([record.of(name, "gradient") for name in record.tensors])
    total, limit = np.sqrt(np.square(norms).sum(axis=0)), record.limits.gradient
    found = record.stretch(~(total <= limit))
    if found is not None:
        rows = slice(found[0], found[1] + 1)
        known = np.nan_to_num(norms[:, rows], nan=np.inf)
        row, column = np.unravel_index(np.argmax(known), known.shape)
        worst = record.tensors[row]
        yield HealthWarning(
            f"{worst}: gradients explode, to a norm of {total[rows].max():.3g} over all parameters "
            f"{record.when(*found)}; a limit (clip_norm) or a lower rate helps",
            worst,
            "gradient",
            int(record.at[found[0]]),
            "gradient",
            f"{fmt.number(limit)}",
            EXPLODING,
            int(record.at[rows][column]),
        )


def _rate_high(record: _Record) -> Iterator[HealthWarning]:
    if not (record.weights and len(record.at)):
        return
    ratios, limit = [record.of(name, "ratio") for name in record.weights], record.limits.ratio_high
    found = record.stretch(~(np.max(ratios, axis=0) <= limit))
    if found is not None:
        rows = slice(found[0], found[1] + 1)
        known = np.nan_to_num(np.array(ratios)[:, rows], nan=np.inf)
        worst, column = np.unravel_index(np.argmax(known), known.shape)
        yield HealthWarning(
            f"{record.weights[worst]}: an update changed it by "
            f"{fmt.percent(float(known[worst, column]))} of "
            f"its norm {record.when(*found)}: the rate is too high",
            record.weights[worst],
            "ratio",
            int(record.at[found[0]]),
            "ratio_high",
            f"{fmt.number(limit)}",
            RATIO,
            int(record.at[rows][column]),
        )


def _rate_low(record: _Record) -> Iterator[HealthWarning]:
    # At both ends of a cycle the rate is low on purpose.
    high = (record.rates >= record.experiment.eta_max / 2) & (record.at >= record.limits.patience)
    if not (record.weights and high.any()):
        return
    most = [float(record.of(name, "ratio")[high].max()) for name in record.weights]
    best, limit = int(np.argmax(most)), record.limits.ratio_low
    if most[best] < limit:
        row = int(np.flatnonzero(high)[0])
        yield HealthWarning(
            f"{record.weights[best]}: no update changes it by more than {100 * most[best]:.2g} % "
            f"of its norm, and other weights by less, {record.when(row)}: the rate is too low",
            record.weights[best],
            "ratio",
            int(record.at[row]),
            "ratio_low",
            f"{fmt.number(limit)}",
            RATIO,
        )


def _silent(record: _Record) -> Iterator[HealthWarning]:
    limit = record.limits.silent
    for layer in record.rectifiers:
        share = record.of(layer, "silent")
        found = record.stretch(share > limit)
        if found is not None and found[1] == len(share) - 1:  # those that fire again are well
            yield HealthWarning(
                f"{layer}: {fmt.percent(share[-1], 0)} of its units never fire "
                f"{record.when(found[0])}",
                layer,
                "silent",
                int(record.at[found[0]]),
                "silent",
                fmt.percent(limit, 0),
                DEAD,
            )


def _accuracy(record: _Record) -> Iterator[HealthWarning]:
    limits, table = record.limits, record.evaluations
    learning = table["update"] > 0
    updates, validation = table["update"][learning], table["validation_accuracy"][learning]
    train = table["train_accuracy"][learning]
    if not len(updates):
        return
    easy = (np.minimum(train, validation) >= limits.too_easy) & (updates <= limits.patience)
    if easy.any():
        first = int(updates[np.argmax(easy)])
        yield HealthWarning(
            f"all images are right after {first:,} updates: the labels may be of one class, or "
            "the answer may be in the images",
            "",
            None,
            first,
            "too_easy",
            f"{fmt.percent(limits.too_easy)} within {limits.patience:,}",
            RECIPE,
        )
    chance = 1 / len(record.experiment.data.classes)
    error = sqrt(chance * (1 - chance) / record.experiment.validation_size)
    bar, best = chance + limits.guessing * error, float(validation.max())
    if updates[-1] >= limits.patience and best <= bar:
        known = float(train[-1]) > bar
        yield HealthWarning(
            f"the validation accuracy was never above {fmt.percent(best)} in {updates[-1]:,.0f} "
            f"updates, and guessing has {fmt.percent(chance)}: "
            + (
                "training images are learned by heart, so the labels may be shuffled"
                if known
                else "the labels may be shuffled, or the network does not learn"
            ),
            "",
            None,
            1,
            "guessing",
            f"{limits.guessing:g} standard errors, {fmt.percent(bar)}",
            SANITY,
        )
