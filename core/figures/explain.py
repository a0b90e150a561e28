"""The figure of one explained value: what it sees, where it stands, and its largest products."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from core.data.colours import in_colour
from core.explain import Explained, Trace
from core.explain.explained import Term
from core.explain.trace import BYTES, INPUT
from core.figures.drawing import save
from core.figures.page import BLUE, GREY, INK, ORANGE, SMALL_TYPE, dress, sheet
from core.format import cut

WIDE, HIGH = 7.5, 2.9
"""Inches."""

GRADIENT = "gradient of "

PRODUCTS = 14
"""Number of products that are drawn."""

LEAST_BARS = 6
"""Number of bars that there is room for at least."""

MAP = LinearSegmentedColormap.from_list("signed", [ORANGE, "white", BLUE])
"""Signed values in the colours of the bars: blue above 0, orange below, white at 0."""

FRAME: dict[str, Any] = {
    "fill": False,
    "edgecolor": INK,
    "linewidth": 1.4,
    "path_effects": [withStroke(linewidth=2.8, foreground="white")],
}
"""A frame that is seen on any colour."""


def export(trace: Trace, found: Explained, gradients: bool, file: Path, about: str) -> Path:
    """Write the figure to a file.

    Args:
        trace: the pass.
        found: the value, its gradient, or the gradient of a parameter.
        gradients: whether `found` is a gradient.
        file: the output file.
        about: words for the image and the network.

    Raises:
        FigureError: if it cannot be drawn or written.
    """
    [written] = save({file: lambda: figure(trace, found, gradients, about)})
    return written


def figure(trace: Trace, found: Explained, gradients: bool, about: str) -> Figure:
    """Draw the picture that the terms stand in, that of the value, and the largest products."""
    place = ",".join(map(str, found.at))
    what = GRADIENT if gradients else ""
    title = f"{what}{found.layer} {place} = {found.value:.5g}: {about}"
    drawn = sheet(title, WIDE, HIGH, 112)
    left, middle, right = drawn.subplots(1, 3, width_ratios=(1, 1, 1.15))
    terms = sorted(found.terms(), key=lambda term: -abs(term.product))
    _source(left, trace, found, terms, gradients)
    _own(middle, trace, found, gradients)
    _products(right, found, terms)
    return drawn


def _source(axes: Axes, trace: Trace, found: Explained, terms: list[Term], gradients: bool) -> None:
    """Draw the picture in which the terms stand, and the window that they fill."""
    if not terms:
        axes.set_axis_off()
        return
    name, behind = terms[0].layer, GRADIENT if gradients else ""
    values = _values(trace, name, gradients)
    if values is None or values.ndim == 0:
        axes.set_axis_off()
        return
    if values.ndim == 1:
        _vector(axes, f"{behind}{name}", values)
        return
    picture = values.ndim == 3 and name in (INPUT, BYTES) and not gradients
    channel = terms[0].place[-1]
    if picture:
        axes.imshow(in_colour(trace.values(BYTES)) / 255, interpolation="nearest")
        axes.set_title("the image", fontsize=SMALL_TYPE, color=INK)
        _bare(axes)
    else:
        _map(axes, f"{behind}{name}, channel {channel}", _image(values[..., channel]))
    if values.ndim == 3:
        rows = [term.place[0] for term in terms]
        columns = [term.place[1] for term in terms]
    else:
        rows, columns = [term.place[0] for term in terms], [0]
    axes.add_patch(
        Rectangle(
            (min(columns) - 0.5, min(rows) - 0.5),
            max(columns) - min(columns) + 1, max(rows) - min(rows) + 1,
            **FRAME,
        )
    )  # fmt: skip


def _own(axes: Axes, trace: Trace, found: Explained, gradients: bool) -> None:
    """Draw the picture of the layer, and mark the value."""
    if found.layer in trace.weights:
        value, gradient = trace.weights[found.layer]
        tensor = gradient if gradients else value
        rows = tensor.reshape(-1, tensor.shape[-1])
        _map(axes, f"{GRADIENT}{found.layer}", rows, "auto")
        row = np.ravel_multi_index(found.at[:-1], tensor.shape[:-1]) if tensor.ndim > 1 else 0
        _mark(axes, int(row), found.at[-1])
        return
    values, behind = _values(trace, found.layer, gradients), GRADIENT if gradients else ""
    if values is None or values.ndim == 0:
        axes.set_axis_off()
    elif values.ndim == 1:
        _vector(axes, f"{behind}{found.layer}", values, found.at[0])
    else:
        *place, channel = found.at
        _map(axes, f"{behind}{found.layer}, channel {channel}", _image(values[..., channel]))
        _mark(axes, place[0], place[1] if len(place) > 1 else 0)


def _products(axes: Axes, found: Explained, terms: list[Term]) -> None:
    """Draw the largest products as bars, the rest and the bias below them."""
    shown, rest = terms[:PRODUCTS], terms[PRODUCTS:]
    names = [f"{cut(term.layer, 14)} {','.join(map(str, term.place))}" for term in shown]
    sizes = [term.product for term in shown]
    if rest:
        names.append(f"{len(rest):,} smaller")
        sizes.append(sum(term.product for term in rest))
    if found.bias:
        names.append("bias")
        sizes.append(found.bias)
    dress(axes, "")
    places = np.arange(len(sizes))
    colours = [BLUE if size >= 0 else ORANGE for size in sizes]
    axes.barh(places, sizes, color=colours, height=0.7)
    axes.axvline(0, color=GREY, linewidth=0.6)
    axes.set_yticks(places, names, fontsize=SMALL_TYPE - 1, parse_math=False)
    # One bar alone would fill the height.
    axes.set_ylim(max(len(sizes), LEAST_BARS) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.set_title("its largest products", fontsize=SMALL_TYPE, color=INK)
    axes.xaxis.set_major_locator(MaxNLocator(4))


def _values(trace: Trace, name: str, gradients: bool) -> npt.NDArray[Any] | None:
    """Return what is drawn of a node; None for a gradient that it has not."""
    if not gradients:
        return trace.values(name)
    return None if trace.node(name).dy is None else trace.gradients(name)


def _image(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return one channel of images, or of a sequence as an image of one column."""
    return values if values.ndim == 2 else values[:, None]


def _map(
    axes: Axes, title: str, values: npt.NDArray[Any], aspect: Literal["equal", "auto"] = "equal"
) -> None:
    largest = float(np.abs(values).max()) or 1.0
    axes.imshow(
        values, cmap=MAP, vmin=-largest, vmax=largest, interpolation="nearest", aspect=aspect
    )
    axes.set_title(title, fontsize=SMALL_TYPE, color=INK, parse_math=False)
    axes.set_xlabel(
        f"{values.min():.3g} to {values.max():.3g}; white is 0", fontsize=SMALL_TYPE, color=GREY
    )
    _bare(axes)


def _vector(axes: Axes, name: str, values: npt.NDArray[Any], at: int | None = None) -> None:
    dress(axes, "")
    places = np.arange(len(values))
    axes.vlines(places, 0, values, color=GREY, linewidth=max(0.5, min(6.0, 120 / len(values))))
    if at is not None:
        axes.plot([at], [values[at]], "o", color=INK, markersize=4)
    axes.axhline(0, color=GREY, linewidth=0.6)
    axes.set_title(name, fontsize=SMALL_TYPE, color=INK, parse_math=False)
    axes.set_xlabel("index", fontsize=SMALL_TYPE, color=GREY)


def _mark(axes: Axes, row: int, column: int) -> None:
    axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, **FRAME))


def _bare(axes: Axes) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(color=GREY, linewidth=0.6)
