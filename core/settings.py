"""Declaration of settings.

A setting is declared once, as a pydantic field returned by `setting`. Its meaning, unit, range and
step size are stored with the field, so that the app, the command line, the files and the validation
use the same definition.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from math import isfinite
from typing import Any, Literal, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ValidationError,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, InitErrorDetails, core_schema

from core import format as fmt
from core import steps
from core.text_out import visible

Scale = Literal["linear", "log"]
Pair = tuple[int, int]
"""Numbers for the vertical and the horizontal direction."""
Value = int | float | str | Pair

GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")
"""An integer with commas as thousands separators, as the app shows it; 0,05 does not match."""

BY = re.compile(r"\s*[xX\N{MULTIPLICATION SIGN}]\s*")
"""Separator of two numbers, as in 3x5."""


class SettingError(ValueError):
    """A setting has an invalid value.

    Attributes:
        field: name of the setting.
        reason: one sentence for the user, without the name.

    """

    def __init__(self, field: str, reason: str) -> None:
        self.field, self.reason = visible(field), visible(reason)
        super().__init__(f"{self.field}: {self.reason}" if field else self.reason)

    def __reduce__(self) -> tuple[type["SettingError"], tuple[str, str]]:
        """Support pickling, for another process."""
        return type(self), (self.field, self.reason)


class Settings(BaseModel):
    """Base class of models of settings: immutable, without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _no_truth_values(cls, values: Any) -> Any:
        # pydantic accepts true as 1, which is never intended here.
        for name, value in values.items() if isinstance(values, dict) else ():
            of = cls.model_fields[name].annotation if name in cls.model_fields else None
            if isinstance(value, bool) and of in (int, float, str):
                kind = "string_type" if of is str else "int_type"
                wrong = InitErrorDetails(type=kind, loc=(name,), input=value)
                raise ValidationError.from_exception_data(cls.__name__, [wrong])
        return values


def setting(
    default: Any,
    meaning: str,
    *,
    label: str,
    group: str = "",
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    step: float = 1,
    scale: Scale = "linear",
    symbol: str = "",
    also: tuple[str, ...] = (),
    pair: bool = False,
) -> Any:
    """Declare a setting.

    Args:
        default: default value; `...` makes the setting required.
        meaning: one sentence for the user, without a full stop.
        label: a few words for a column of settings, at most 16 characters.
        group: heading of the group of settings.
        unit: unit of the value, empty for a pure number.
        low: minimum; with a pair, of each number.
        high: maximum; with a pair, of each number.
        step: change per key press; on a logarithmic scale the smallest value above 0.
        scale: scale of the steps.
        symbol: alternative name, such as the symbol in the literature.
        also: its names elsewhere, which are not accepted, but answered by this one.
        pair: whether it takes two numbers as well, vertical and horizontal; its annotation is
            `int | Pair`, and the model validates it by `Setting.checked`.

    """
    extra: JsonDict = {
        "low": low,
        "high": high,
        "label": label,
        "group": group,
        "unit": unit,
        "step": step,
        "scale": scale,
        "symbol": symbol,
        "also": list(also),
        "pair": pair,
    }
    if pair:
        return Field(default, description=meaning, json_schema_extra=extra)
    return Field(default, ge=low, le=high, description=meaning, json_schema_extra=extra)


@dataclass(frozen=True)
class OneOf:
    """Annotation of a text that must be one of some words, which may become more.

    Args:
        words: returns the words, in the order in which they are shown.
    """

    words: Callable[[], tuple[str, ...]]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Return the schema of a text that is checked first."""
        return core_schema.no_info_before_validator_function(self._checked, handler(source))

    def _checked(self, given: Any) -> Any:
        if given not in self.words():
            raise ValueError(f"{quoted(given)} is none of {listed(self.words())}")
        return given


@dataclass(frozen=True)
class Setting:
    """The description of one setting of a model."""

    name: str
    label: str
    group: str
    meaning: str
    unit: str
    type: type
    low: float | None
    high: float | None
    step: float
    scale: Scale
    symbol: str
    also: tuple[str, ...]
    """Its names in other programs."""
    words: Callable[[], tuple[str, ...]]
    """Returns its choices; none if it is not a choice."""
    pair: bool = False
    """Whether it takes two numbers, vertical and horizontal, or one for both."""

    @property
    def choices(self) -> tuple[str, ...]:
        """The words that it can be; empty if it is not a choice."""
        return self.words()

    def stepped(self, value: Value, direction: int) -> Value:
        """Return the next value up (+1) or down (-1) from `value`, within the range.

        Choices wrap around. Numbers move to the setting's grid, so that a step up and a step down
        return to the grid even from a value between its points.
        """
        if self.choices:
            at = self.choices.index(str(value))
            return self.choices[(at + direction) % len(self.choices)]
        if isinstance(value, tuple):
            down, across = (int(self._moved(side, direction)) for side in value)
            # Both move, or none does, so that a step up and a step down end where they began.
            return (down, across) if down != value[0] and across != value[1] else value
        return self._moved(value, direction)

    def _moved(self, value: int | float | str, direction: int) -> int | float:
        number = float(value)
        moved = (
            steps.logarithmic(number, direction, self.step)
            if self.scale == "log"
            else steps.linear(number, direction, self.step)
        )
        if self.low is not None:
            moved = max(self.low, moved)
        if self.high is not None:
            moved = min(self.high, moved)
        return round(moved) if self.type is int else float(moved)

    def parse(self, text: str) -> Value:
        """Return the value of `text`.

        Raises:
            SettingError: if it is not of the setting's type.

        """
        text = text.strip()
        if self.choices:
            if text not in self.choices:
                raise SettingError(self.name, f"{quoted(text)} is none of {listed(self.choices)}")
            return text
        if self.pair and len(sides := BY.split(text)) == 2:
            down, across = (int(self._number(side)) for side in sides)
            return down if down == across else (down, across)
        return self._number(text)

    def _number(self, text: str) -> int | float:
        if self.type is int and GROUPED.fullmatch(text):
            text = text.replace(",", "")
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if self.type is int and not (isfinite(number) and number == round(number)):
            raise SettingError(
                self.name, f"{quoted(text)} is not a whole number{self.range_words()}"
            )
        if not isfinite(number):
            raise SettingError(self.name, f"{quoted(text)} is not a number{self.range_words()}")
        return round(number) if self.type is int else number

    def checked(self, value: Any) -> int | Pair:
        """Return a number, or a pair of different numbers, for a setting that takes pairs.

        Raises:
            ValueError: if it is neither, or out of range; the message is the end of a sentence.
        """
        if isinstance(value, str) and len(sides := BY.split(value)) == 2:
            value = [int(side) if side.isdecimal() else side for side in sides]
        if not isinstance(value, list | tuple):
            return self._whole(value)
        if len(value) != 2:
            raise ValueError(
                f"a list of {len(value)} is not one number, nor two for height and width"
            )
        down, across = map(self._whole, value)
        return down if down == across else (down, across)

    def _whole(self, value: Any) -> int:
        try:
            if isinstance(value, bool):
                raise ValueError
            number = int(value) if int(value) == float(value) else None
        except (TypeError, ValueError, OverflowError):
            number = None
        if number is None:
            raise ValueError(f"{quoted(value)} is not a whole number{self.range_words()}")
        low, high = self.low or 0, self.high or 0
        if not low <= number <= high:
            side = "below" if number < low else "above"
            raise ValueError(f"{quoted(number)} is {side} its range{self.range_words()}")
        return number

    def show(self, value: Value) -> str:
        """Return `value` as text, without the unit."""
        if self.choices:
            return str(value)
        if isinstance(value, tuple):
            return "x".join(map(str, value))
        if self.type is int:
            return f"{value:,}" if self.name != "seed" else str(value)
        return fmt.number(float(value))

    def describe(self) -> str:
        """Return meaning, unit and range in one line."""
        return f"{self.meaning} ({self.range_and_unit()})"

    def range_and_unit(self) -> str:
        """Return the choices, or the range and the unit."""
        if self.choices:
            return listed(self.choices)
        unit = f", {self.unit}" if self.unit else ""
        pair = "; or two, as 3x5" if self.pair else ""
        return f"{self.show(self.low or 0)} to {self.show(self.high or 0)}{unit}{pair}"

    def range_words(self) -> str:
        """Return the range as the end of a sentence, or "" if there is none."""
        if self.low is None or self.high is None:
            return ""
        return f"; it goes from {self.show(self.low)} to {self.show(self.high)}"


@cache
def settings_of(model: type[BaseModel]) -> tuple[Setting, ...]:
    """Return the settings of a model in the order of their declaration."""
    return tuple(
        _setting(name, field)
        for name, field in model.model_fields.items()
        if isinstance(field.json_schema_extra, dict)
    )


def quoted(given: Any) -> str:
    """Return user input as text short enough for a sentence."""
    if isinstance(given, bool):
        return str(given).lower()
    if isinstance(given, dict):
        return "a table"
    if isinstance(given, list | tuple):
        return "a list"
    if isinstance(given, int) and abs(given) >= 10**30:
        return "a number of more than 30 digits"
    if isinstance(given, float):
        return f"{given:.10g}"
    if isinstance(given, str):
        return repr(given if len(given) <= 40 else f"{given[:37]}...")
    return str(given)


def listed(words: tuple[str, ...]) -> str:
    """Return words separated by commas."""
    return ", ".join(words)


def _setting(name: str, field: FieldInfo) -> Setting:
    extra = field.json_schema_extra
    assert isinstance(extra, dict)
    low, high, also = extra["low"], extra["high"], extra["also"]
    assert isinstance(also, list)
    assert low is None or isinstance(low, int | float)
    assert high is None or isinstance(high, int | float)
    words: Callable[[], tuple[str, ...]] = tuple
    kind = field.annotation
    if get_origin(kind) is Literal:
        words, kind = partial(get_args, kind), str
    elif extra["pair"]:
        kind = int
    for mark in field.metadata:
        words = mark.words if isinstance(mark, OneOf) else words
    assert isinstance(kind, type)
    return Setting(
        name=name,
        meaning=field.description or "",
        type=kind,
        low=low,
        high=high,
        words=words,
        pair=bool(extra["pair"]),
        label=str(extra["label"]),
        group=str(extra["group"]),
        unit=str(extra["unit"]),
        step=float(str(extra["step"])),
        scale="log" if extra["scale"] == "log" else "linear",
        symbol=str(extra["symbol"]),
        also=tuple(map(str, also)),
    )
