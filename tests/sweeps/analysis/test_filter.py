"""Tests of the filter of trials."""

import pytest

from core.settings import SettingError
from core.sweeps.analysis import filter as filters
from tests.sweeps.made_snapshot import made


def numbers(text: str) -> list[int]:
    snapshot = made(40)
    fits = filters.parse(text, snapshot)
    return [row.number for row in snapshot.rows if fits(row)]


def test_an_empty_filter_fits_all() -> None:
    assert numbers("") == list(range(40))


def test_settings_states_and_measures_can_be_compared() -> None:
    rows = made(40).rows
    assert numbers("eta_max>0.1") == [r.number for r in rows if r.settings["eta_max"] > 0.1]
    assert numbers("lambda<0.0001") == [r.number for r in rows if r.settings["weight_decay"] < 1e-4]
    assert numbers("augmentation:fresh") == [
        r.number for r in rows if r.settings["augmentation"] == "fresh"
    ]
    assert numbers("state:pruned rung>=2") == [
        r.number for r in rows if r.state.value == "pruned" and r.rung >= 2
    ]
    assert (
        numbers("best>57")
        == numbers("best>0.57")
        == [r.number for r in rows if (r.best or 0) > 0.57]
    )
    assert numbers("best>57")
    assert numbers("trial=7") == [7]


def test_words_are_searched() -> None:
    assert numbers("died") == [3]
    assert numbers("local-1 running") == [37]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("eta_mx>1", "nothing here is called 'eta_mx'; did you mean 'eta_max'?"),
        ("nesterov:on", "nothing here is called 'nesterov'; try best, state or rung"),
        ("state:lost", "there is no state 'lost'; there are waiting, running,"),
        ("rung>", "compares with nothing"),
    ],
)
def test_what_cannot_be_read_says_why(text: str, reason: str) -> None:
    with pytest.raises(SettingError, match=reason.replace("?", r"\?")):
        numbers(text)
