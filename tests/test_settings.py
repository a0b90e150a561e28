"""Tests of settings: descriptions, steps within the range, and errors of one sentence."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.config.experiment import FIELDS, FIELDS_BY_NAME, Experiment
from core.layers.conv import Conv
from core.layers.pool import Pool
from core.layers.registry import kinds
from core.settings import Setting, SettingError, quoted, settings_of
from core.validation import explain
from tests.strategies import outcome, values_of

LAYER_SETTINGS = [setting for kind in kinds().values() for setting in settings_of(kind)]
ALL = [*FIELDS, *LAYER_SETTINGS]
NUMBERS = [setting for setting in ALL if not setting.choices]


def sentence(text: str) -> bool:
    return 0 < len(text) < 220 and "\n" not in text and not text.endswith(".")


@pytest.mark.parametrize("setting", ALL, ids=lambda setting: setting.name)
def test_every_setting_says_what_it_is(setting: Setting) -> None:
    assert setting.label
    assert len(setting.label) <= 16
    assert setting.meaning[0].isupper()
    assert not setting.meaning.endswith(".")
    assert sentence(setting.describe())
    if setting.choices:
        assert all(choice in setting.describe() for choice in setting.choices)
    else:
        assert setting.low is not None
        assert setting.high is not None
        assert setting.low < setting.high
        assert setting.step > 0
        assert setting.show(setting.high) in setting.describe()


def test_every_field_but_name_and_architecture_is_a_setting_under_a_heading() -> None:
    assert {field.name for field in FIELDS} == set(Experiment.model_fields) - {
        "name",
        "architecture",
    }
    assert all(field.group for field in FIELDS)
    assert FIELDS_BY_NAME["lambda"].name == "weight_decay"
    assert FIELDS_BY_NAME["n_s"].name == "half_cycle"


@pytest.mark.parametrize("setting", FIELDS, ids=lambda setting: setting.name)
def test_the_default_is_inside_its_own_range(setting: Setting) -> None:
    default = getattr(Experiment(), setting.name)
    assert setting.parse(str(default)) == default
    if not setting.choices:
        assert setting.low <= default <= setting.high


@given(data=st.data(), setting=st.sampled_from(ALL), direction=st.sampled_from((1, -1)))
def test_a_step_stays_inside_the_range_and_goes_its_way(
    data: st.DataObject, setting: Setting, direction: int
) -> None:
    value = data.draw(values_of(setting))
    moved = setting.stepped(value, direction)
    assert type(moved) is type(value)
    if setting.choices:
        assert moved in setting.choices
        assert setting.stepped(moved, -direction) == value
        return
    end = setting.high if direction > 0 else setting.low
    if isinstance(value, tuple):
        stands = end in value
        assert moved == (value if stands else tuple(side + direction for side in value))
        return
    assert setting.low <= moved <= setting.high
    assert moved == end if value == end else (moved - value) * direction > 0


def sides(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


@given(data=st.data(), setting=st.sampled_from(NUMBERS), direction=st.sampled_from((1, -1)))
def test_there_and_back_again(data: st.DataObject, setting: Setting, direction: int) -> None:
    value = data.draw(values_of(setting))
    for _ in range(data.draw(st.integers(1, 30))):
        value = setting.stepped(value, direction)
    # Now it is on the grid, or at an end of the range.
    there = setting.stepped(value, direction)
    if there == value or setting.low in sides(there) or setting.high in sides(there):
        return
    assert setting.stepped(there, -direction) == value


def test_one_step_up_from_next_to_nothing_is_the_first_that_shows() -> None:
    rate = FIELDS_BY_NAME["eta_min"]
    assert rate.stepped(3e-247, 1) == rate.stepped(0.0, 1) == rate.step
    assert rate.stepped(rate.step, -1) == 0.0


def test_logarithmic_steps_stop_at_round_numbers() -> None:
    rate = FIELDS_BY_NAME["eta_max"]
    seen = [0.095]
    for _ in range(8):
        seen.append(float(rate.stepped(seen[-1], 1)))
    assert seen[1:] == [0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5]
    decay = FIELDS_BY_NAME["weight_decay"]
    assert decay.stepped(1e-6, -1) == 0.0
    assert decay.stepped(0.0, 1) == 1e-6
    assert rate.stepped(1e-7, -1) == 1e-7


def test_linear_steps_land_on_the_grid() -> None:
    size = FIELDS_BY_NAME["batch_size"]
    assert size.stepped(103, 1) == 110
    assert size.stepped(103, -1) == 100
    assert size.stepped(10, -1) == 1
    smoothing = FIELDS_BY_NAME["label_smoothing"]
    value = 0.0
    for _ in range(18):
        value = float(smoothing.stepped(value, 1))
    assert value == 0.9
    assert smoothing.stepped(0.3, -1) == 0.25


@given(data=st.data(), setting=st.sampled_from(ALL))
def test_what_is_typed_is_read(data: st.DataObject, setting: Setting) -> None:
    value = data.draw(values_of(setting))
    if isinstance(value, tuple):
        assert setting.parse(f" {value[0]} x {value[1]}") == value
        assert setting.parse(setting.show(value)) == value
        return
    assert setting.parse(f"  {value} ") == value
    if setting.type is int:
        assert setting.parse(setting.show(value)) == value
        assert setting.parse(f"{value:,}") == value


@given(setting=st.sampled_from(ALL), text=st.text(max_size=3000))
def test_what_cannot_be_read_is_refused_in_a_sentence(setting: Setting, text: str) -> None:
    value, error = outcome(lambda: setting.parse(text))
    if error is None:
        assert all(
            type(side) is (str if setting.choices else setting.type) for side in sides(value)
        )
    else:
        assert error.field == setting.name
        assert sentence(str(error))


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("eta_max", "fast", "'fast' is not a number; it goes from 1e-7 to 10"),
        ("eta_max", "0,05", "'0,05' is not a number; it goes from 1e-7 to 10"),
        ("eta_max", "nan", "'nan' is not a number; it goes from 1e-7 to 10"),
        ("eta_max", "1e999", "'1e999' is not a number; it goes from 1e-7 to 10"),
        ("eta_max", "", "'' is not a number; it goes from 1e-7 to 10"),
        ("cycles", "2.5", "'2.5' is not a whole number; it goes from 1 to 100"),
        ("cycles", "1,00", "'1,00' is not a whole number; it goes from 1 to 100"),
        ("dtype", "float16", "'float16' is none of float32, float64"),
    ],
)
def test_typing_mistakes(field: str, text: str, reason: str) -> None:
    with pytest.raises(SettingError) as caught:
        FIELDS_BY_NAME[field].parse(text)
    assert caught.value.reason == reason


def test_thousands_may_be_grouped() -> None:
    assert FIELDS_BY_NAME["copies"].parse("24,500") == 24_500
    assert FIELDS_BY_NAME["half_cycle"].parse("1e3") == 1000


def test_a_layer_explains_itself_too() -> None:
    with pytest.raises(ValidationError) as caught:
        Conv(filter=0)
    assert str(explain(Conv, caught.value)) == "filter: 0 is below its range; it goes from 1 to 64"
    with pytest.raises(ValidationError) as caught:
        Pool(paddings=1)  # type: ignore[call-arg]
    assert str(explain(Pool, caught.value)) == (
        "paddings: there is no such setting; did you mean 'padding'?"
    )


@pytest.mark.parametrize(
    ("given_value", "shown"),
    [
        (True, "true"),
        ("x" * 100, repr("x" * 37 + "...")),
        pytest.param(10**5000, "a number of more than 30 digits", id="huge"),
        ([[[]]], "a list"),
        ({"a": 1}, "a table"),
        (0.1, "0.1"),
        (float("inf"), "inf"),
        (7, "7"),
    ],
)
def test_what_was_given_is_quoted_shortly(given_value: Any, shown: str) -> None:
    assert quoted(given_value) == shown
