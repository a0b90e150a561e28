"""Texts about a training: titles, state, progress, and log lines."""

from collections.abc import Sequence
from datetime import datetime
from math import isfinite, nan

from core import format as fmt
from core.data import known
from core.data.progress import Reading
from core.runs import moves
from core.runs.records import RunState, accuracies_text
from core.runs.session import Session
from core.training import edit_text
from core.training.events import (
    Edited,
    EditRefused,
    Event,
    Failed,
    Finished,
    Paused,
    Result,
    Resumed,
    Started,
)
from core.training.history import Column
from core.training.timeline import Edit, Timeline
from tui.train.view import RunView
from tui.widgets import signs
from tui.worker.messages import JobState

Standing = tuple[str, str]
"""A sign and a word for the state of a run."""


def last(column: Column) -> float:
    """Return the newest value; NaN for an empty column."""
    return float(column[-1]) if len(column) else nan


def data(name: str) -> str:
    """Return the name of a data set for display; of the stand-in also that it is one."""
    return f"{known.title(name)}, not CIFAR-10" if name == known.SHAPES else known.title(name)


TRAINING = (JobState.RUNNING, JobState.PAUSED, JobState.STOPPING)
"""States of a job that can be those of a training."""


def name(session: Session) -> str:
    """Return the name of a run, or that of its experiment before it is saved."""
    return session.record.name if session.record else session.experiment.name


def standing(state: JobState, session: Session, failed: bool) -> Standing:
    """Return a sign and a word for the state of the run of `session`."""
    history = session.history
    total = history.total
    if failed:
        return "✗", "failed"
    if state in (JobState.IDLE, JobState.FETCHING) or (
        state not in TRAINING and history.result is not None  # another job runs meanwhile
    ):
        if history.result is None and session.record is not None:
            return signs.RUNS[session.record.state], session.record.state.value
        if history.result is None:
            return "○", "ended"
        return ("■", "stopped") if history.result.updates < total else ("✓", "finished")
    if state is JobState.RUNNING and history.result is not None:
        return "…", "saves"
    if state is JobState.RUNNING and all_done(session):
        return "…", "tests"
    return state.sign, state.value


def all_done(session: Session) -> bool:
    """Return whether no update is left, as during the last evaluation of a run."""
    history = session.history
    return history.result is not None or 0 < history.total <= len(history.updates)


def titles(
    what: str, *numbers: tuple[str, str], frozen: int | None = None, at_stop: str = ""
) -> list[str]:
    """Return titles for the border of a chart, from the longest to the shortest.

    Args:
        what: the chart.
        numbers: names of series and their latest values, the most important last.
        frozen: update at which the view was frozen.
        at_stop: the value measured where the run was stopped; empty for none.
    """
    every = " · ".join(f"{of} {value}" for of, value in numbers)
    some = " · ".join(f"{of} {value}" for of, value in numbers[-1:])
    if frozen is None:
        stop = [f"{what} ─ {of} · at the stop {at_stop}" for of in (every, some) if at_stop]
        return [*stop, f"{what} ─ {every}", f"{what} ─ {some}", what]
    sign = "FROZEN"
    return [
        f"{sign} at {frozen:,} ─ {what} ─ {every}",
        f"{sign} at {frozen:,} ─ {what} ─ {some}",
        f"{sign} at {frozen:,} ─ {what}",
        f"{sign} ─ {what}",
    ]


def spark_titles(what: str, value: str, frozen: bool) -> list[str]:
    """Return titles for the border of a sparkline, from the longest to the shortest."""
    if frozen:
        return [f"{what} {value} · FROZEN", f"FROZEN {value}", "FROZEN"]
    return [f"{what} {value}", f"{what[:5]}. {value}", value]


def best(view: RunView) -> list[str]:
    """Return forms of the best validation accuracy and that at a stop, the longest first."""
    stop = ""
    if view.at_stop is not None:
        stop = f"at the stop {fmt.percent(view.at_stop['validation_accuracy'])}"
    if view.best is None:
        return [stop or f"first after {view.evaluate_every:,}"]
    accuracy, update = view.best
    words = f"best {fmt.percent(accuracy)} at {update:,}"
    return [*([f"{words} · {stop}"] if stop else []), words, f"best {fmt.percent(accuracy)}"]


def tested(result: Result, total: int) -> tuple[str, ...]:
    """Return forms of the test accuracy of a finished run, from the longest to the shortest."""
    if not isfinite(result.test_accuracy):
        return "at the stop: not measured", "not measured"
    test = fmt.percent(result.test_accuracy)
    if result.updates == total:
        return (f"test {test}",)
    return f"test at the stop {test}", f"test at stop {test}", f"at stop {test}"


def progress(view: RunView, stands: Standing, pace: float, seconds: float) -> tuple[str, ...]:
    """Return forms of the progress and the time of a run, from the longest to the shortest.

    Args:
        view: the run.
        stands: a sign and a word for its state.
        pace: updates per second.
        seconds: duration of the run; NaN while it runs.
    """
    word = stands[1]
    end = word
    if word == JobState.RUNNING.value:
        end = f"{fmt.duration((view.total - view.done) / pace if pace > 0 else nan)} to go"
    elif seconds == seconds:
        end = f"{word} after {fmt.duration(seconds)}"
    of = f"{view.done:,} of {view.total:,}"
    return f"update {of} · epoch {view.epoch:.1f} · {end}", f"update {of} · {end}", of


def widest_progress(view: RunView) -> int:
    """Return the largest width of the progress text in columns."""
    epochs = view.total / view.updates_per_epoch
    of = f"update {view.total:,} of {view.total:,}"
    return len(f"{of} · epoch {epochs:.1f} · 59 s to go")


READING_COLUMNS = len("keeping the images for the next start, 100 %")
"""The largest width of the text about reading the images, in columns."""


def reading(how_far: Reading) -> tuple[str, ...]:
    """Return forms of the progress of reading the images, from the longest to the shortest."""
    return str(how_far), fmt.percent(how_far.fraction, 0)


def edited(session: Session, edit: Edit) -> list[str]:
    """Return the log line of an edit, with the old and the new values."""
    earlier = tuple(other for other in session.history.edits if other is not edit)
    before = Timeline(session.experiment, earlier).at(edit.update)
    changes = edit_text.changed(edit.changes, before.model_dump())
    return [f"from update {edit.update + 1:,} on: {changes}"]


def describe_past(session: Session) -> list[str]:
    """Return the log lines of a run's past events, each with its date."""
    changes = edit_text.each_edit(
        session.experiment.model_dump(), [event.edit for event in session.past_events]
    )
    return [
        f"{datetime.fromtimestamp(event.at):%d %b %H:%M:%S}  update {event.update:,}: "
        f"{words or moves.described(event)}"
        for event, words in zip(session.past_events, changes, strict=True)
    ]


def left(session: Session) -> list[str]:
    """Return the log line for the crash of a process that trained a run; none if it did not crash.

    A regular end is already among the past events.
    """
    run = session.record
    if run is None or run.state is not RunState.CRASHED:
        return []
    return [f"crashed: its program ended without a word; {run.updates:,} updates are kept"]


def describe(session: Session, event: Event) -> list[str]:
    """Return the log lines for an event; none for frequent events."""
    match event:
        case Started():
            short = session.experiment.short_form
            network = f"{short}, " if short else ""
            source = "" if event.source == "built in" else f" from {event.source}"
            word, again = "started", []
            if session.earlier or event.done:
                word = "goes on with"
                again = [f"from update {event.done + 1:,} on"]
                recorded = session.earlier.updates if session.earlier else event.done
                if recorded > event.done:
                    again[0] += f"; those up to {recorded:,} are computed again"
            if session.past_events and session.earlier is None:
                word, again = "opened", []
            return [
                f"{word} {name(session)}: {network}{event.parameters:,} parameters, "
                f"seed {session.experiment.seed}",
                *again,
                f"data: {data(event.dataset)}{source}",
                *session.notes,
                *describe_past(session),
            ]
        case Edited(edit=edit):
            return edited(session, edit)
        case EditRefused():
            return [f"not changed: {event.reason}"]
        case Paused():
            return [f"paused after update {event.update:,}"]
        case Resumed():
            return [f"goes on after update {event.update:,}"]
        case Finished(result=result):
            updates = session.history.updates
            done = f"{len(updates):,} updates in {fmt.duration(updates.last('seconds'))}"
            if result is not None:
                done = f"{result.updates:,} updates in {fmt.duration(result.seconds)}"
            word = "stopped after" if event.stopped else "finished"
            where = [f"saved in {fmt.place(session.folder.path)}"] if session.folder else []
            at = "at the stop: " if event.stopped else ""
            measured = accuracies_text(result.as_dict() if result else {}, fmt.percent)
            return [f"{word} {done}", f"{at}{measured}", *where]
        case Failed():
            where = [f"kept in {fmt.place(session.folder.path)}"] if session.folder else []
            return [f"failed: {event.reason}", *where]
    return []


Glance = tuple[Column, Column, Sequence[str], Sequence[str]]
"""Positions and values of a series, titles above and below, from the longest to the shortest."""


def glances(view: RunView, frozen: bool) -> dict[str, Glance]:
    """Return the contents of the sparklines by name."""
    epoch = f"epoch {view.epoch:.1f}"
    accuracy, loss, rate = view.validation_accuracy, view.loss, view.rate
    percent = fmt.percent(last(accuracy))
    return {
        "loss": (view.update, loss, spark_titles("loss", fmt.loss(last(loss)), frozen), [epoch]),
        "validation": (
            view.evaluated,
            accuracy,
            spark_titles("validation", percent, frozen),
            best(view),
        ),
        "rate": (
            view.update,
            rate,
            spark_titles("rate", fmt.rate(last(rate)), frozen),
            [view.cycle],
        ),
    }
