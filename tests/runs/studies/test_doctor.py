"""A damaged study is found and repaired, and what can be read of it is kept."""

from pathlib import Path

import pytest

from core.runs.doctor.check import examine
from core.runs.doctor.repair import repair
from core.runs.store import Store
from core.runs.studies.records import StudyState, TrialState
from tests.runs.made import recorded
from tests.runs.studies.made import recorded_study
from tests.runs.test_doctor import execute, kinds, mended


@pytest.fixture
def store(tmp_path: Path) -> Store:
    recorded(Store(tmp_path), 3)
    return Store(tmp_path)


def told(store: Store) -> list[tuple[int, int]]:
    return [(each.order, each.trial) for each in store.tells(store.study("latest"))]


def test_nothing_is_wrong_with_what_was_just_written(store: Store) -> None:
    recorded_study(store)
    assert kinds(store) == []


def test_a_lost_result_is_made_again(store: Store) -> None:
    study = recorded_study(store)
    execute(store, "UPDATE tells SET accuracy = 0.99 WHERE trial = 1")
    (found,) = repair(store, examine(store))
    assert found.kind == "study"
    assert "the study rates is damaged: the record of result 1, 1" in found.what
    assert kinds(store) == []
    assert told(store) == [(0, 2), (1, 0)]
    states = [(each.state, each.rung) for each in store.trials(study)]
    finished = (TrialState.FINISHED, 1)
    assert states == [finished, (TrialState.WAITING, 0), finished]
    now = store.study("latest")
    assert (now.state, now.reason) == (StudyState.STOPPED, "it was repaired")


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM trials WHERE number = 1", "UPDATE trials SET best = 1 WHERE number = 1"],
)
def test_a_lost_trial_takes_its_results_with_it(store: Store, statement: str) -> None:
    study = recorded_study(store)
    execute(store, statement)
    assert mended(store) == ["study"]
    assert told(store) == [(0, 2), (1, 0)]
    assert [each.number for each in store.trials(study)] == [0, 2]


def test_a_result_of_no_trial_is_found(store: Store) -> None:
    study = recorded_study(store)
    execute(store, "DELETE FROM trials WHERE number = 1")
    from core.runs.studies import queries

    store.writer.do(lambda connection: queries.update_study(connection, study, trials=2))
    (found,) = examine(store).findings
    assert "there is no trial 1, and a result of it" in found.what
    assert mended(store) == ["study"]


def test_a_new_database_has_the_studies_of_the_old(store: Store) -> None:
    recorded_study(store, 2, "first")
    recorded_study(store)
    before = store.study("rates"), store.tells(store.study("rates"))
    # The first run cannot be read: those after it have other numbers then.
    execute(store, "UPDATE runs SET note = 'x' WHERE number = 1")
    assert mended(store) == ["database"]
    store = Store(store.root)
    assert (store.study("rates"), store.tells(store.study("rates"))) == before
    names = {run.number: run.id for run in store.runs()}
    of_trials = [each.run and names[each.run] for each in store.trials(store.study("rates"))]
    assert of_trials == [None, "arch-2-2", "arch-2-3"]
    assert len(store.trials(store.study("first"))) == 2


def test_a_study_that_cannot_be_read_leaves_the_others(store: Store) -> None:
    recorded_study(store, 2, "first")
    recorded_study(store)
    execute(store, "UPDATE studies SET name = 'x' WHERE number = 1")
    assert mended(store) == ["database"]
    assert [each.name for each in Store(store.root).studies()] == ["rates"]
    assert len(Store(store.root).runs()) == 3
