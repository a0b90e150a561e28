"""Hypothesis strategies for experiments, from the declarations of the settings."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from hypothesis import strategies as st

from core.config.experiment import FIELDS, MAX_UPDATES, Experiment
from core.layers.registry import kinds
from core.settings import Setting, SettingError, settings_of

T = TypeVar("T")


def outcome(make: Callable[[], T]) -> tuple[T | None, SettingError | None]:
    """Return the result of `make`, or the `SettingError` that it raises."""
    try:
        return make(), None
    except SettingError as error:
        return None, error


def values_of(setting: Setting) -> st.SearchStrategy[Any]:
    """Generate valid values of a setting, often the ends of its range."""
    if setting.choices:
        return st.sampled_from(setting.choices)
    assert setting.low is not None
    assert setting.high is not None
    if setting.type is int:
        numbers = st.integers(int(setting.low), int(setting.high))
        return numbers | pairs(numbers) if setting.pair else numbers
    return st.floats(setting.low, setting.high, allow_nan=False)


def pairs(numbers: st.SearchStrategy[int]) -> st.SearchStrategy[int | tuple[int, int]]:
    """Generate pairs in the form in which settings hold them: equal numbers are one."""
    two = st.tuples(numbers, numbers)
    return two.map(lambda pair: pair if pair[0] != pair[1] else pair[0])


@st.composite
def layers(draw: st.DrawFn, depth: int = 2) -> dict[str, Any]:
    """Generate one layer as in a file, possible or not."""
    kind = draw(st.sampled_from(sorted(kinds())))
    if kind == "residual":
        inner = layers(depth - 1) if depth else st.just({"kind": "relu"})
        return {"kind": kind, "layers": draw(st.lists(inner, min_size=1, max_size=3))}
    numbers = {
        setting.name: draw(values_of(setting))
        for setting in settings_of(kinds()[kind])
        if draw(st.booleans())
    }
    return {"kind": kind, **numbers}


@st.composite
def values(draw: st.DrawFn) -> dict[str, Any]:
    """Generate the values of a valid experiment."""
    drawn = {setting.name: draw(values_of(setting)) for setting in FIELDS}
    drawn["eta_min"], drawn["eta_max"] = sorted((drawn["eta_min"], drawn["eta_max"]))
    drawn["eta_max"] = max(drawn["eta_max"], 1e-7)
    drawn["shards"] = min(drawn["shards"], drawn["batch_size"])
    drawn["max_updates"] = drawn["max_updates"] or draw(st.integers(1, MAX_UPDATES))
    printable = st.characters(exclude_categories=["C", "Z"])
    drawn["name"] = draw(st.text(printable, min_size=1, max_size=100))
    drawn["architecture"] = draw(
        st.lists(layers(), min_size=1, max_size=8)
        | st.sampled_from(("4x4/10/50", "2x2/3/50", "64x64/1024/4096"))
    )
    return drawn


def experiments() -> st.SearchStrategy[Experiment]:
    """Generate experiments, with architectures that need not be possible."""
    return values().map(Experiment.of)


plain = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([0, -1, 2**70, 1e300, "", "x" * 300, "\x1b[2J", "../../x", "a\0b"])
)
json_values = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
"""Any JSON value, including NaN, which Python supports."""


def places(document: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path to every value of a JSON document."""
    if above:
        yield above
    if isinstance(document, dict | list):
        entries = document.items() if isinstance(document, dict) else enumerate(document)
        for name, value in entries:
            yield from places(value, (*above, name))


@st.composite
def nearly(draw: st.DrawFn, document: Any) -> Any:
    """Generate a JSON document in which some values are changed, added or missing."""
    changed = copy.deepcopy(document)
    for way in draw(st.lists(st.sampled_from(list(places(document))), min_size=1, max_size=3)):
        *above, last = way
        inside = changed
        try:
            for step in above:
                inside = inside[step]
            if isinstance(inside, dict) and draw(st.booleans()):
                inside.pop(last, None)
            else:
                inside[last] = draw(json_values)
        except (IndexError, KeyError, TypeError):
            continue  # another change has taken its place
    return changed


def files(document: Any) -> st.SearchStrategy[bytes]:
    """Generate contents of a file that should contain `document`."""
    text = json.dumps(document).encode()
    return (
        st.binary(max_size=200)
        | json_values.map(lambda value: json.dumps(value).encode())
        | nearly(document).map(lambda value: json.dumps(value).encode())
        | st.integers(0, len(text)).map(lambda length: text[:length])
        | st.sampled_from([b"[", b'{"a":', b"9"]).map(lambda opening: opening * 20_000)
        | st.sampled_from([text, b'"\\ud800"'])
    )
