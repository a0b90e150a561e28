"""What Hypothesis draws experiments from: the settings' own declarations."""

from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import strategies as st

from core.architecture import LAYER_KINDS
from core.experiment import FIELDS, MAX_UPDATES, Experiment
from core.settings import Setting, SettingError, settings_of

T = TypeVar("T")


def outcome(make: Callable[[], T]) -> tuple[T | None, SettingError | None]:
    """Return what `make` returns, or the refusal that it raises, and nothing but that."""
    try:
        return make(), None
    except SettingError as error:
        return None, error


def values_of(setting: Setting) -> st.SearchStrategy[Any]:
    """Draw any value that the setting allows, the ends of its range often."""
    if setting.choices:
        return st.sampled_from(setting.choices)
    assert setting.low is not None
    assert setting.high is not None
    if setting.type is int:
        return st.integers(int(setting.low), int(setting.high))
    return st.floats(setting.low, setting.high, allow_nan=False)


@st.composite
def layers(draw: st.DrawFn) -> dict[str, Any]:
    """Draw one layer as files write it, possible or not."""
    kind = draw(st.sampled_from(sorted(LAYER_KINDS)))
    numbers = {
        setting.name: draw(values_of(setting))
        for setting in settings_of(LAYER_KINDS[kind])
        if draw(st.booleans())
    }
    return {"kind": kind, **numbers}


@st.composite
def values(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the values of a whole experiment that is valid."""
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
    """Draw experiments; their architectures need not be possible."""
    return values().map(Experiment.of)
