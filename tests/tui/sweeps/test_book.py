"""Tests of the studies as they are read from a store."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from core.errors import StoreError
from core.runs.session import store
from core.runs.studies.records import StudyRecord, StudyState, Tell, TrialRecord
from tests.runs.made import recorded
from tests.sweeps.made_snapshot import records, study
from tui.sweeps.book import SweepBook


class Studies:
    """Stands for a store: two studies, and a token that changes when asked to."""

    def __init__(self) -> None:
        self.token = 0
        self.given = [study(5), replace(study(5, StudyState.FINISHED), number=2, name="over")]
        self.at_work: bool | None = True
        self.reads: Counter[str] = Counter()

    def change_token(self) -> Any:
        return self.token

    def studies(self) -> list[StudyRecord]:
        self.reads["studies"] += 1
        return self.given

    def trials(self, record: StudyRecord) -> list[TrialRecord]:
        self.reads[record.name] += 1
        return [replace(trial, run=None) for trial in records(5)[0]]

    def tells(self, record: StudyRecord) -> list[Tell]:
        return records(5)[1]

    def is_at_work(self, record: StudyRecord) -> bool | None:
        return self.at_work


def book(of: Studies) -> SweepBook:
    made = SweepBook(store())
    made.store = of  # type: ignore[assignment]
    return made


def test_studies_are_read_only_when_they_have_changed() -> None:
    source = Studies()
    read = book(source)
    first = read.load()
    assert [each.study.name for each in first] == ["wide", "over"]
    read.load()
    assert source.reads == {"studies": 2, "wide": 1, "over": 1}
    source.token += 1
    read.load()
    assert source.reads["wide"] == 2
    assert source.reads["over"] == 1, "it is finished, and its record is the same"
    source.given[1] = replace(source.given[1], reason="other")
    source.token += 1
    assert read.load()[1].study.reason == "other"
    assert source.reads["over"] == 2


def test_a_study_whose_program_has_ended_is_stopped() -> None:
    source = Studies()
    source.at_work = False
    found = book(source).load()
    assert found[0].study.state is StudyState.STOPPED
    assert found[0].study.reason == "the program that ran it has ended"
    assert found[1].study.state is StudyState.FINISHED
    source.at_work = None
    assert book(source).load()[0].study.state is StudyState.RUNNING


def test_the_runs_of_trials_are_read_with_their_points() -> None:
    [run] = recorded(store(), 1)
    read = SweepBook(store())
    trial = replace(records(5)[0][0], run=run.number)
    from core.sweeps.analysis import snapshot

    rows = snapshot.of(study(5), [trial, replace(trial, number=1, run=None)]).rows
    [compared] = read.compared(rows)
    assert compared.run.id == run.id
    assert read.compared(rows)[0] is compared
    assert read.run_of(rows[0]).id == run.id
    with pytest.raises(StoreError, match="trial 1 has not begun"):
        read.run_of(rows[1])


def test_names_are_taken_whether_or_not_they_have_been_shown() -> None:
    assert book(Studies()).names() == {"wide", "over"}
