"""Tests of the warnings of a run over time."""

from pathlib import Path

import pytest

from core.training import health_log
from core.training.health_log import HealthLog
from core.training.health_thresholds import HealthThresholds
from core.training.health_warnings import health_warnings
from core.training.history import History
from tests.training.health_made import EXPERIMENT, recorded, run_to, silent_between

LIMITS = HealthThresholds()


def test_a_warning_comes_up_once_and_stays_when_it_is_over() -> None:
    log, history, ill = HealthLog(EXPERIMENT, LIMITS), recorded(0), silent_between(300, 600)
    assert log.look(history) == []
    run_to(history, 250, ill)
    assert log.look(history) == []
    run_to(history, 450, ill)
    (found,) = log.look(history)
    assert found.text == "relu2: 60 % of its units never fire since update 300, at rate 0.1"
    assert log.holds(found)
    run_to(history, 550, ill)
    assert log.look(history) == []
    run_to(history, 900, ill)
    assert log.look(history) == []
    assert [each.since for each in log.warnings] == [300]
    assert not log.holds(found)


def test_what_was_over_before_the_first_look_is_found() -> None:
    log, history = HealthLog(EXPERIMENT, LIMITS), recorded(5000, silent_between(1000, 2000))
    assert health_warnings(history, EXPERIMENT) == []
    (found,) = log.look(history)
    assert (found.evidence, found.since) == ("relu2", 1000)
    assert not log.holds(found)


def test_nothing_new_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    log, history = HealthLog(EXPERIMENT, LIMITS), recorded(300, silent_between(1, 300))
    assert len(log.look(history)) == 1
    monkeypatch.setattr(health_log, "health_warnings", None)
    run_to(history, 350)
    assert log.look(history) == []


def test_a_run_without_a_record_and_one_that_lost_rows_can_be_looked_at() -> None:
    log = HealthLog(EXPERIMENT, LIMITS)
    assert log.look(History()) == []
    log.look(recorded(5000))
    assert log.look(recorded(300)) == []


def test_the_thresholds_are_those_given(tmp_path: Path) -> None:
    history = recorded(300, silent_between(1, 300))
    assert HealthLog(EXPERIMENT, LIMITS.changed(silent=0.7)).look(history) == []
