"""What a study was told is read as it was written, or an error says that it is not."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from core.errors import DamagedError, StoreError
from core.runs.folder import is_locked
from core.runs.store import Store
from core.runs.studies import queries
from core.runs.studies.records import StudyState, TrialState
from tests.runs.made import recorded
from tests.runs.sealing import sentence
from tests.runs.studies.made import DEFINITION, HASH, recorded_study, tell, trial
from tests.runs.test_doctor import execute


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def add(store: Store, *records: Any) -> None:
    def job(connection: sqlite3.Connection) -> None:
        for each in records:
            do = queries.add_tell if hasattr(each, "order") else queries.add_trial
            do(connection, each)

    store.writer.do(job)


def test_there_is_nothing_where_nothing_is(store: Store) -> None:
    assert store.studies() == []
    with pytest.raises(StoreError, match="there are no studies in"):
        store.study("latest")


def test_a_study_is_read_as_it_was_written(store: Store) -> None:
    study = store.create_study("rates", DEFINITION, HASH)
    assert Store(store.root).studies() == [study]
    assert (study.number, study.definition, study.state) == (1, DEFINITION, StudyState.RUNNING)
    waiting = trial(study, worker="tcp://10.0.0.1:4000", reason="its worker died", deaths=1)
    add(store, waiting, trial(study, 1, seed=3, accuracy=1, best=1), tell(study), tell(study, 1))
    assert store.trials(study)[0] == waiting
    assert [each.key for each in store.trials(study)] == [(0, 0), (1, 3)]
    assert [(each.order, each.trial) for each in store.tells(study)] == [(0, 0), (1, 1)]
    study = store.change_study(study, state=StudyState.PAUSED, reason="asked to")
    assert store.study("rates") == study
    assert (study.trials, study.tells, study.reason) == (2, 2, "asked to")


def test_a_trial_is_changed_as_it_is_now(store: Store) -> None:
    study = store.create_study("rates", DEFINITION, HASH)
    old = trial(study)
    add(store, old)
    for changes in ({"deaths": 2}, {"state": TrialState.RUNNING}):
        store.writer.do(lambda connection, c=changes: queries.update_trial(connection, old, **c))
    (now,) = store.trials(study)
    assert (now.deaths, now.state) == (2, TrialState.RUNNING)


def test_references(store: Store) -> None:
    first, second = (store.create_study(name, {}, "") for name in ("rates-a", "rates-b"))
    third = store.create_study("2", {}, "")
    assert store.study("latest") == third
    assert store.study("2") == third  # a name before a number
    assert store.study(2) == second
    assert store.study("1") == store.study(1) == store.study("rates-a") == first
    assert store.study("rates-b") == second
    with pytest.raises(StoreError, match="begins more than one name: rates-b, rates-a"):
        store.study("rates")
    for text in ("", "x", "7"):
        with pytest.raises(StoreError, match="there is no study"):
            store.study(text)


def test_names_are_given_once(store: Store) -> None:
    store.create_study("rates", DEFINITION, HASH)
    with pytest.raises(StoreError, match="there is a study 'rates' already"):
        store.create_study("rates", DEFINITION, HASH)
    assert len(store.studies()) == 1


def test_nothing_is_told_or_begun_twice(store: Store) -> None:
    study = store.create_study("rates", DEFINITION, HASH)
    add(store, trial(study), tell(study))
    with pytest.raises(StoreError, match="rung 0 of trial 0 of rates was told with seed 0"):
        add(store, tell(study, accuracy=0.9))
    with pytest.raises(StoreError, match="trial 0 of rates has begun with seed 0"):
        add(store, trial(study))
    assert [each.accuracy for each in store.tells(study)] == [0.5]
    connection = sqlite3.connect(store.root / "runs.sqlite3")
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute("INSERT INTO tells VALUES (1, 7, 0, 0, 0, 10, 0.9, 1.0, 0)")
    connection.close()


def test_a_result_without_its_trial_is_not_written_either(store: Store) -> None:
    study = store.create_study("rates", DEFINITION, HASH)
    add(store, trial(study), tell(study))
    with pytest.raises(StoreError):
        add(store, trial(study, 1), tell(study))
    assert len(store.trials(study)) == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"accuracy": 1.5}, "'accuracy' of trial cannot be"),
        ({"settings": {"eta_max": float("nan")}}, "'eta_max' cannot be"),
        ({"settings": {"\x1b": 1}}, "cannot be 1"),
        ({"settings": {"architecture": [[[[[[[[[[[[[[1]]]]]]]]]]]]]]}}, "cannot be a list"),
        ({"run": -1}, "'run' of trial cannot be"),
        ({"seconds": -1.0}, "'seconds' of trial cannot be"),
    ],
)
def test_what_could_not_be_read_back_is_not_written(
    store: Store, values: dict[str, Any], words: str
) -> None:
    study = store.create_study("rates", DEFINITION, HASH)
    with pytest.raises(StoreError) as caught:
        add(store, trial(study, **values))
    assert words in sentence(caught.value)
    assert store.trials(study) == []


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE studies SET reason = 'x'", "the record of study 1 is not as it was written"),
        ("UPDATE studies SET state = 'x'", "the record of study 1 is not as it was written"),
        ("DELETE FROM studies", "1 studies were recorded, 0 are there"),
        ("UPDATE trials SET accuracy = 0.9 WHERE number = 1", "the record of trial 1, 1, 0 is not"),
        ("UPDATE trials SET number = 7 WHERE number = 1", "the record of trial 1, 7, 0 is not"),
        ("DELETE FROM trials WHERE number = 1", "3 trials of study rates were recorded, 2 are"),
        ("UPDATE tells SET accuracy = 0.9 WHERE trial = 0", "the record of result 1, 2 is not"),
        ("DELETE FROM tells WHERE trial = 0", "3 results of study rates were recorded, 2 are"),
    ],
)
def test_damage_is_noticed(store: Store, statement: str, words: str) -> None:
    study = recorded_study(store)
    execute(store, statement)
    with pytest.raises(DamagedError) as caught:
        store.studies(), store.trials(study), store.tells(study)
    assert words in sentence(caught.value)


def test_deleting_the_run_of_a_trial_leaves_its_study(store: Store) -> None:
    runs = recorded(store, 3)
    study = recorded_study(store)
    store.purge(store.delete(runs[1]))
    assert [each.run for each in store.trials(study)] == [1, 2, 3]
    assert len(store.tells(study)) == 3


def test_one_process_at_a_time_works_on_a_study(store: Store) -> None:
    study = store.create_study("rates", DEFINITION, HASH)
    assert store.is_at_work(study) is False
    lock = store.lock_study(study)
    assert Store(store.root).is_at_work(study) is True
    with pytest.raises(StoreError, match="another process works on the study rates"):
        Store(store.root).lock_study(study)
    lock.release()
    assert not is_locked(store.root, ".lock-study-1")


def test_removing_a_study_leaves_the_others(store: Store) -> None:
    first, second = recorded_study(store), recorded_study(store, name="others")
    store.writer.do(lambda connection: queries.delete_study(connection, first))
    assert store.studies() == [second]
    assert len(store.trials(second)) == 3
    with pytest.raises(StoreError, match="the study has been deleted"):
        store.trials(first)
    assert store.create_study("rates", {}, "").number == 3
