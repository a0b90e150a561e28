"""Filters: which runs they match, and the errors of invalid ones."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.runs import filter as filters
from core.runs.records import Run, RunState, new_run
from core.settings import SettingError
from tests.runs.made import EXPERIMENT, FACTS


def run(number: int = 1, state: RunState = RunState.FINISHED, **settings: object) -> Run:
    made = new_run(f"mine-{number}", EXPERIMENT.changed(**settings), **FACTS)
    result = {"test_accuracy": number / 10, "validation_accuracy": None}
    return dataclasses.replace(made, state=state, note="A deep One", result=result)


RUNS = [
    run(1, weight_decay=0.001),
    run(2, RunState.STOPPED, weight_decay=0.01, schedule="constant"),
    run(3, seed=7, weight_decay=0.001, name="other"),
    dataclasses.replace(run(4, RunState.CRASHED, weight_decay=0.003), result=None),
]


def test_a_run_that_is_older_than_a_setting_had_its_default() -> None:
    old = dataclasses.replace(RUNS[0], settings={"weight_decay": 0.001})
    for text in ("momentum=0", "momentum<0.5", "nesterov=off", "mu=0"):
        assert filters.parse(text)(old), text
    assert not filters.parse("momentum!=0")(old)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [1, 2, 3, 4]),
        ("  ", [1, 2, 3, 4]),
        ("deep", [1, 2, 3, 4]),
        ("DEEP one", [1, 2, 3, 4]),
        ("shallow", []),
        ("mine-3", [3]),
        ("finished", [1, 3]),
        ("other", [3]),
        ("lambda<0.003", [1, 3]),
        ("lambda<=0.003", [1, 3, 4]),
        ("weight_decay>0.003", [2]),
        ("lambda>=0.003", [2, 4]),
        ("lambda=0.01", [2]),
        ("lambda!=0.001", [2, 4]),
        ("lambda<0.003 state:finished", [1, 3]),
        ("state:fin seed=7", [3]),
        ("schedule:constant", [2]),
        ("schedule!=constant", [1, 3, 4]),
        ("test>0.15", [3]),
        ("test>15%", [3]),
        ("test!=0.1", [2, 3, 4]),
        ("validation>0", []),
        ("test_at_stop>15", [2]),
        ("test_at_stop<=0.2", [2]),
        ("validation_at_stop>0", []),
        ("stop>0", []),
        ("train_at_stop>0", []),
        ("state:crashed", [4]),
        ("marked:no", [1, 2, 3, 4]),
        ("schedule<3", []),
        ("test>15", [3]),
        ("test<=20 test>=10%", [1]),
        ("network:8x8", [1, 2, 3, 4]),
        ("architecture!=8x8", []),
        ("data=synthetic", [1, 2, 3, 4]),
        ("rate>0.01 time<=0 updates<1,000", [1, 2, 3, 4]),
        ("test > 15  lambda < 0.005", [3]),
        ("started>=2000-01-01", [1, 2, 3, 4]),
        ("started<2000-01", []),
        ("started:2001", []),
        ("seed:x", []),
    ],
)
def test_it_finds_what_it_says(text: str, expected: list[int]) -> None:
    condition = filters.parse(text)
    assert [number for number, each in enumerate(RUNS, 1) if condition(each)] == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("lamda<3", "there is no field 'lamda'; did you mean 'lambda'?"),
        ("lr>0.1", "there is no field 'lr'; did you mean 'eta_max'?"),
        ("zzz=3", "try lambda, seed, state or test"),
        ("lambda<x", "'lambda<x' compares with 'x', which is no number"),
        ("lambda<", "compares with nothing"),
        ("lambda<nan", "'nan', which is no number"),
        ("lambda>0,002", "'0,002' is no number; write 0.002"),
        ("lambda=0,002", "'0,002' is no number; write 0.002"),
        ("test>", "compares with nothing"),
        ("state:nope", "there is no state 'nope'; there are running, paused, finished"),
        ("started>yesterday", "compares with no time; 2026-01-31 or 2026-01-31T18:30 is"),
    ],
)
def test_what_it_does_not_understand_is_told(text: str, reason: str) -> None:
    with pytest.raises(SettingError) as caught:
        filters.parse(text)
    assert reason in str(caught.value)


@given(st.text(max_size=30))
def test_any_text_is_a_filter_or_refused_in_a_sentence(text: str) -> None:
    try:
        condition = filters.parse(text)
    except SettingError:
        pass
    else:
        for each in RUNS:
            assert condition(each) in (True, False)


@given(st.integers(0, 10_000))
def test_an_accuracy_is_what_the_table_shows(correct: int) -> None:
    right = dataclasses.replace(RUNS[0], result={"test_accuracy": correct / 10_000})
    shown = f"{correct / 100:.2f}%"
    for sign, holds in (("=", True), (">=", True), ("<=", True), (">", False), ("<", False)):
        assert filters.parse(f"test{sign}{shown}")(right) is holds
    assert not filters.parse(f"test!={shown}")(right)
