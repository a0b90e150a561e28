"""An immutable view of a training at one time, which stays on the screen while it is frozen."""

from dataclasses import dataclass

from core.runs.session import Session
from core.training.history import Column
from core.training.smoothing import Smoother, decay_factor, span
from core.training.timeline import Timeline


@dataclass(frozen=True, eq=False)
class RunView:
    """Immutable columns and facts of a run. `*_loss` and `*_accuracy` columns are not smoothed."""

    total: int
    """Total number of updates of the run."""
    updates_per_epoch: int
    done: int
    """Updates so far."""
    update: Column
    loss: Column
    """Training loss of each update, smoothed."""
    span: int
    """Number of updates that `loss` is smoothed over."""
    rate: Column
    evaluated: Column
    """Updates after which there was an evaluation."""
    train_accuracy: Column
    validation_loss: Column
    validation_accuracy: Column
    at_stop: dict[str, float] | None
    """The evaluation at a stop, by the names of the history's columns; not part of the curves."""
    evaluate_every: int
    edits: tuple[int, ...]
    """Updates after which settings changed."""
    cycle: str
    """The current cycle and the number of cycles, as text."""
    best: tuple[float, int] | None
    """Best validation accuracy and its update, as saved with the run; None before the first."""

    @property
    def fraction(self) -> float:
        """Fraction of the run that is done."""
        return self.done / self.total

    @property
    def epoch(self) -> float:
        """Passes over the training set so far."""
        return self.done / self.updates_per_epoch


class RunReader:
    """Creates views of one session; incremental smoothing makes frequent calls cheap.

    Args:
        session: a training that has started, running or ended.
    """

    def __init__(self, session: Session) -> None:
        started = session.history.started
        if started is None:
            raise ValueError("the training has not started")
        self.session = session
        self._started = started
        self._timeline = Timeline(session.experiment)
        self._span, self._rows, self._smoother = 0, 0, Smoother(0.0)

    def view(self) -> RunView:
        """Return a view of the current state."""
        history = self.session.history
        updates, (evaluations, stop) = history.updates.read(), history.evaluated()
        done = int(updates["update"][-1]) if len(updates["update"]) else 0
        window = span(history.total)
        if window != self._span or len(updates["update"]) < self._rows:
            # An edit has changed the length of the run, or another process has resumed it from a
            # checkpoint before its last update.
            self._span, self._smoother = window, Smoother(decay_factor(window))
        self._rows = len(updates["update"])
        if len(self._timeline.edits) != len(history.edits):
            self._timeline = Timeline(self.session.experiment, tuple(history.edits))
        return RunView(
            total=history.total,
            updates_per_epoch=max(1, self._started.updates_per_epoch),
            done=done,
            update=updates["update"],
            loss=self._smoother.extend(updates["loss"]),
            span=self._span,
            rate=updates["rate"],
            evaluated=evaluations["update"],
            train_accuracy=evaluations["train_accuracy"],
            validation_loss=evaluations["validation_loss"],
            validation_accuracy=evaluations["validation_accuracy"],
            at_stop=stop,
            evaluate_every=min(self.session.experiment.evaluate_every, history.total),
            edits=tuple(edit.update for edit in history.edits if edit.update <= done),
            cycle=self._cycle(max(0, done - 1)),
            best=history.best(len(evaluations["update"])),
        )

    def _cycle(self, update: int) -> str:
        schedule = self._timeline.schedule
        if self.session.experiment.schedule == "constant":
            return "constant"
        return f"cycle {schedule.cycle(update) + 1} of {len(schedule.boundaries) - 1}"
