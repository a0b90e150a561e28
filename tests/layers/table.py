"""The table of layers that the shared tests go through, and strategies to draw others.

A new kind needs one row here at least.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from core.layers.registry import kinds, parse
from core.layers.spec import LayerSpec
from core.nn.arrays import Shape
from core.nn.layer import ShapeError
from core.settings import Setting, settings_of

ROWS: list[tuple[dict[str, Any], Shape, Shape]] = [
    ({"kind": "conv", "filter": 3, "filters": 4}, (5, 6, 3), (3, 4, 4)),
    ({"kind": "conv", "filter": 3, "filters": 4, "padding": 1, "stride": 2}, (5, 6, 3), (3, 3, 4)),
    ({"kind": "conv", "filter": 2, "filters": 3, "stride": 2}, (5, 6, 3), (2, 3, 3)),
    ({"kind": "conv", "filter": [3, 5], "filters": 2, "padding": [1, 2]}, (4, 6, 2), (4, 6, 2)),
    ({"kind": "conv", "filter": 3, "filters": 2, "dilation": 2}, (7, 6, 2), (3, 2, 2)),
    ({"kind": "conv", "filters": 2, "dilation": [1, 2], "padding": 2}, (5, 5, 2), (7, 5, 2)),
    ({"kind": "conv", "filters": 2, "dilation": [2, 1], "padding": 2}, (5, 5, 2), (5, 7, 2)),
    ({"kind": "conv", "filters": 6, "groups": 2, "padding": 1}, (5, 6, 4), (5, 6, 6)),
    ({"kind": "conv", "filters": 4, "groups": 4, "stride": 2}, (5, 6, 4), (2, 2, 4)),
    ({"kind": "conv", "filters": 4, "groups": 2, "dilation": 2}, (7, 6, 2), (3, 2, 4)),
    ({"kind": "conv", "filters": 64, "padding": 1}, (6, 6, 64), (6, 6, 64)),
    ({"kind": "conv1d", "filter": 3, "filters": 4, "padding": 1}, (5, 2), (5, 4)),
    ({"kind": "conv1d", "filter": 2, "filters": 4, "stride": 2}, (5, 6, 3), (2, 4)),
    ({"kind": "pool"}, (5, 6, 3), (2, 3, 3)),
    ({"kind": "pool", "filter": 3, "stride": 2, "padding": 1}, (5, 6, 3), (3, 3, 3)),
    ({"kind": "pool", "filter": [1, 3], "stride": 1, "padding": [0, 1]}, (4, 5, 2), (4, 5, 2)),
    ({"kind": "pool", "filter": 3, "stride": 2, "padding": 1}, (6, 2), (3, 2)),
    ({"kind": "avgpool", "filter": 2, "stride": 2}, (5, 6, 3), (2, 3, 3)),
    ({"kind": "avgpool", "filter": [3, 2], "stride": 1, "padding": [1, 0]}, (4, 5, 2), (4, 4, 2)),
    ({"kind": "avgpool", "filter": 2, "stride": 1, "padding": 1}, (6, 2), (7, 2)),
    ({"kind": "globalpool"}, (5, 6, 3), (3,)),
    ({"kind": "globalpool"}, (5, 3), (3,)),
    ({"kind": "batchnorm"}, (4, 3, 2), (4, 3, 2)),
    ({"kind": "batchnorm"}, (5,), (5,)),
    ({"kind": "layernorm"}, (4, 3, 5), (4, 3, 5)),
    ({"kind": "layernorm"}, (6, 3), (6, 3)),
    ({"kind": "layernorm"}, (7,), (7,)),
    ({"kind": "relu"}, (4, 3, 2), (4, 3, 2)),
    ({"kind": "leakyrelu", "slope": 0.1}, (4, 3, 2), (4, 3, 2)),
    ({"kind": "gelu"}, (4, 3, 2), (4, 3, 2)),
    ({"kind": "dropout", "probability": 0.3}, (4, 3, 2), (4, 3, 2)),
    ({"kind": "flatten"}, (4, 3, 2), (24,)),
    ({"kind": "linear", "units": 4}, (6,), (4,)),
    (
        {"kind": "residual", "layers": [{"kind": "conv", "filters": 3, "padding": 1}]},
        (4, 5, 3),
        (4, 5, 3),
    ),
    (
        {
            "kind": "residual",
            "layers": [
                {"kind": "conv", "filters": 4, "padding": 1, "stride": 2},
                {"kind": "batchnorm"},
                {"kind": "relu"},
                {"kind": "residual", "layers": [{"kind": "gelu"}, {"kind": "dropout"}]},
            ],
        },
        (5, 6, 3),
        (3, 3, 4),
    ),
    ({"kind": "residual", "layers": [{"kind": "linear", "units": 4}]}, (6,), (4,)),
    (
        {"kind": "residual", "layers": [{"kind": "conv1d", "filters": 4, "stride": 2}]},
        (7, 3),
        (3, 4),
    ),
]
"""Settings of a layer as in a file, shape of an input image, shape of its output."""


def spec_of(settings: dict[str, Any]) -> LayerSpec:
    """Return the description of one layer."""
    (spec,) = parse([settings])
    return spec


def small(setting: Setting) -> st.SearchStrategy[Any]:
    """Generate small values of a setting, and small pairs."""
    if setting.choices:
        return st.sampled_from(setting.choices)
    low, high = setting.low or 0, setting.high or 0
    if setting.type is float:
        return st.floats(low, high).map(lambda value: round(value, 3))
    numbers = st.integers(int(low), int(min(high, low + 3)))
    return numbers | st.tuples(numbers, numbers).map(list) if setting.pair else numbers


@st.composite
def layers(draw: st.DrawFn, shape: Shape, only: Callable[[str], bool] = bool) -> LayerSpec | None:
    """Generate a layer of any kind that takes inputs of `shape`; None if the one drawn does not."""
    kind = draw(st.sampled_from([kind for kind in kinds() if only(kind)]))
    if kind == "residual":
        return draw(residuals(shape))
    values = {each.name: draw(small(each)) for each in settings_of(kinds()[kind])}
    if values.get("groups", 1) != 1:
        # Freely drawn, they hardly ever divide channels and filters.
        values["groups"] = draw(st.sampled_from([g for g in (1, 2, 3) if shape[-1] % g == 0]))
        values["filters"] = values["groups"] * draw(st.integers(1, 2))
    spec = spec_of({"kind": kind, **values})
    return spec if fits(spec, shape) else None


@st.composite
def residuals(draw: st.DrawFn, shape: Shape, depth: int = 2) -> LayerSpec | None:
    """Generate a residual layer of one to three layers, with others in it."""
    inner, now = list[LayerSpec](), shape
    for _ in range(draw(st.integers(1, 3))):
        if depth > 1 and draw(st.booleans()):
            one = draw(residuals(now, depth - 1))
        else:
            one = draw(layers(now, lambda kind: kind not in ("residual", "flatten", "globalpool")))
        if one is not None and not (one.takes_vectors and len(now) > 1):
            inner.append(one)
            now = one.build(now, True).output_shape
    if not inner:
        return None
    spec = spec_of({"kind": "residual", "layers": inner})
    return spec if fits(spec, shape) else None


def fits(spec: LayerSpec, shape: Shape) -> bool:
    """Return whether a layer takes inputs of `shape`."""
    try:
        spec.build(shape, True)
    except ShapeError:
        return False
    return True


@st.composite
def cases(draw: st.DrawFn, kind: str) -> tuple[LayerSpec, Shape] | None:
    """Generate a layer of one kind and the shape of its input; None if they do not fit."""
    sides = st.integers(1, 6)
    images, steps, vectors = (
        st.tuples(sides, sides, sides),
        st.tuples(sides, sides),
        st.tuples(sides),
    )
    shape = draw(images | steps | vectors)
    # Most draws of a window do not fit: a few are tried.
    tries = (draw(layers(shape, lambda each: each == kind)) for _ in range(8))
    return next(((spec, shape) for spec in tries if spec is not None), None)
