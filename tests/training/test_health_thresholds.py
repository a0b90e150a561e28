"""Tests of the thresholds of the warnings, from a file and from an option."""

import os
from pathlib import Path

import pytest

from core.settings import SettingError
from core.training.health_thresholds import FILE, THRESHOLDS, HealthThresholds


def test_without_a_file_they_are_the_defaults() -> None:
    assert HealthThresholds.read() == HealthThresholds()


def test_a_file_changes_some(convsole_home: Path) -> None:
    (convsole_home / FILE).write_text("silent = 0.6\npatience = 100\n")
    assert HealthThresholds.read() == HealthThresholds(silent=0.6, patience=100)


@pytest.mark.parametrize("text", ["silent = 2", "silnet = 0.5", "silent =", "patience = 'x'"])
def test_a_file_that_cannot_be_is_named(convsole_home: Path, text: str) -> None:
    (convsole_home / FILE).write_text(text)
    with pytest.raises(SettingError) as caught:
        HealthThresholds.read()
    assert str(convsole_home / FILE) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_option_changes_one() -> None:
    assert HealthThresholds().assign("silent=0.6").silent == 0.6
    for text in ("silent", "=0.5", "silnet=0.5", "silent=2", "silent=x"):
        with pytest.raises(SettingError):
            HealthThresholds().assign(text)


def test_each_has_a_meaning_and_a_label_that_fits() -> None:
    for each in THRESHOLDS:
        assert each.meaning
        assert 0 < len(each.label) <= 16


def test_a_pipe_in_its_place_is_not_waited_for(convsole_home: Path) -> None:
    os.mkfifo(convsole_home / FILE)
    with pytest.raises(SettingError, match=r"health\.toml is no file; write thresholds into one"):
        HealthThresholds.read()
