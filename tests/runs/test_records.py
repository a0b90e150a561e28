"""Records can be read back as they were written, and invalid ones are not written."""

import dataclasses
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from math import isfinite, isnan, nan
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.config.experiment import MAX_UPDATES, Experiment
from core.errors import DamagedError, StoreError
from core.runs import queries, schema
from core.runs.records import Run, RunState, new_run
from core.training.events import Result
from tests import strategies
from tests.runs.made import EXPERIMENT, FACTS

examples = settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])


@contextmanager
def undone(connection: sqlite3.Connection) -> Iterator[None]:
    """Roll back what the body has done."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


@pytest.fixture
def memory() -> Iterator[sqlite3.Connection]:
    """An empty database of runs."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for statement in (each for migration in schema.MIGRATIONS for each in migration):
            connection.execute(statement)
        yield connection


numbers = st.integers(0, MAX_UPDATES)
losses = st.floats(allow_nan=True, allow_infinity=True)
fractions = st.floats(0, 1) | st.just(nan)
moments = st.floats(0, 4e9)
characters = st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from(
    "\xa0\u200d\u2028\n\t"
)
words = st.text(characters, max_size=40)

results = st.builds(
    Result,
    preset=words,
    dataset=st.sampled_from(["cifar10", "synthetic"]),
    seed=st.integers(0, 2**31 - 1),
    updates=numbers,
    seconds=st.floats(0, 1e7),
    parameters=st.integers(1, 10**9),
    train_accuracy=fractions,
    validation_accuracy=fractions,
    test_accuracy=fractions,
    train_loss=losses,
    validation_loss=losses,
)


@st.composite
def runs(draw: st.DrawFn) -> Run:
    """Draw a valid run."""
    state = draw(st.sampled_from([state for state in RunState if state is not RunState.CRASHED]))
    total = draw(st.integers(1, MAX_UPDATES))
    over = state is RunState.FINISHED or (state is RunState.STOPPED and draw(st.booleans()))
    best = draw(st.none() | st.tuples(st.floats(0, 1), numbers))
    kept_machine = {"cpu": draw(words), "cores": 2, "torch": None, "load": draw(st.floats(0, 99))}
    experiment = EXPERIMENT.changed(
        name=draw(strategies.values())["name"], eta_max=draw(st.floats(1e-3, 1))
    )
    return dataclasses.replace(
        new_run("mine-1", experiment, **FACTS),
        name=draw(words),
        note=draw(st.text(characters)),
        marked=draw(st.booleans()),
        deleted=draw(st.none() | moments),
        data=draw(st.none() | words),
        source=draw(words),
        machine=draw(st.sampled_from([{}, kept_machine])),
        state=state,
        reason=draw(words) if state is RunState.FAILED else "",
        started=draw(moments),
        ended=draw(st.none() | moments),
        total=total,
        updates=draw(st.integers(0, total)),
        evaluations=draw(numbers),
        seconds=draw(st.floats(0, 1e7)),
        best_accuracy=best[0] if best else None,
        best_update=best[1] if best else None,
        result=draw(results).as_dict() if over else None,
    )


@examples
@given(run=runs())
def test_a_run_is_read_as_it_was_written(memory: sqlite3.Connection, run: Run) -> None:
    with undone(memory):
        added = queries.add_run(memory, run)
        assert queries.find_run(memory, added.number) == added
    assert dataclasses.replace(added, number=0) == run


@examples
@given(result=results)
def test_a_result_is_read_as_it_came_out(memory: sqlite3.Connection, result: Result) -> None:
    run = dataclasses.replace(
        new_run("mine-1", EXPERIMENT, **FACTS), state=RunState.FINISHED, result=result.as_dict()
    )
    with undone(memory):
        read = queries.find_run(memory, queries.add_run(memory, run).number)
    assert read is not None
    again = read.final_result()
    assert again is not None
    for field in dataclasses.fields(Result):
        before, after = getattr(result, field.name), getattr(again, field.name)
        lost = isinstance(before, float) and not isfinite(before)
        assert isnan(after) if lost else after == before


@examples
@given(values=strategies.values())
def test_every_experiment_can_be_kept(memory: sqlite3.Connection, values: dict[str, Any]) -> None:
    made, refused = strategies.outcome(lambda: Experiment.of(values))
    if made is None:
        assert refused
        return
    with undone(memory):
        added = queries.add_run(memory, new_run("mine-1", made, **FACTS))
        read = queries.find_run(memory, added.number)
    assert read is not None
    assert read.experiment() == made


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"note": "x" * 200_000}, "'note' of mine-1 cannot be"),
        ({"id": "a b"}, "it is no name of a folder"),
        ({"data": "\udcff"}, "'data' of mine-1 cannot be"),
        ({"state": RunState.CRASHED}, "cannot have written that it crashed"),
        ({"started": 1e300}, "'started' of mine-1 cannot be"),
    ],
)
def test_nothing_is_written_that_could_not_be_read(
    memory: sqlite3.Connection, changes: dict[str, Any], words: str
) -> None:
    run = dataclasses.replace(new_run("mine-1", EXPERIMENT, **FACTS), **changes)
    with pytest.raises(StoreError, match=words) as caught:
        queries.add_run(memory, run)
    assert not isinstance(caught.value, DamagedError)
    assert memory.execute("SELECT count(*) FROM runs").fetchone() == (0,)
