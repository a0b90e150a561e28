"""Tests that every kind of layer passes: against its plain form, PyTorch, and itself."""

import inspect
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.layers.registry import kinds
from core.layers.spec import LayerSpec
from core.layers.torch_modules import ModuleBuilder, within
from core.layers.torch_reference import ReferencePass
from core.nn import chain, plain
from core.nn.arrays import Array, Shape
from core.nn.convolution import Convolution
from core.nn.dropout import Dropout
from core.nn.layer import Layer, Mode
from core.nn.network import Network
from core.nn.residual import SHORTCUT, Residual
from core.settings import settings_of
from tests.layers.table import ROWS, cases, spec_of
from tests.nn.harness import ready, torch_module

README = Path(__file__).parents[2] / "README.md"
TOLERANCE = {"float32": 2e-4, "float64": 1e-10, "complex128": 1e-10}
rows = pytest.mark.parametrize(
    ("values", "before", "after"), ROWS, ids=[f"{row[0]['kind']}-{n}" for n, row in enumerate(ROWS)]
)


def numbers(seed: int, shape: Shape, dtype: str) -> Array:
    rng = np.random.default_rng(seed)
    real = rng.standard_normal(shape)
    if dtype == "complex128":
        real = real + 1e-3j * rng.standard_normal(shape)
    return real.astype(dtype)


def made(spec: LayerSpec, shape: Shape, batch: int, dtype: str) -> Network:
    """Return a network of one layer with random parameters and masks."""
    network = ready(spec.build(shape, True), batch, np.dtype(dtype))
    network.sample(lambda number: np.random.default_rng(number))
    return network


def plain_pass(
    layer: Layer, spec: LayerSpec | None, x: Array, dy: Array, tensors: dict[str, Array]
) -> tuple[Array, dict[str, Array]]:
    """Return the output and the gradients of a layer by its plain form."""
    if isinstance(layer, Residual):
        return plain_residual(layer, spec, x, dy, tensors)
    forward, backward = plain.layer(layer.kind)
    known = {**(dict(spec) if spec is not None else {}), **tensors}
    if isinstance(layer, Dropout):
        known["mask"] = layer.mask
    wanted = inspect.signature(forward).parameters
    given_ = {name: value for name, value in known.items() if name in wanted}
    return forward(x, **given_), backward(dy, x, **given_)


def plain_residual(
    layer: Residual, spec: Any, x: Array, dy: Array, tensors: dict[str, Array]
) -> tuple[Array, dict[str, Array]]:
    steps, gradients, now = [], dict[str, Array](), x
    built = spec.built(layer.input_shape)
    for (name, part), one in zip(chain.numbered(layer.branch), built, strict=True):
        own = within(name, tensors)
        steps.append((name, part, one.spec, now, own))
        dummy = np.zeros((len(x), *part.output_shape), x.dtype)
        now, _ = plain_pass(part, one.spec, now, dummy, own)
    inner = now

    def branch_backward(dy: Array) -> Array:
        for name, part, one, before, own in reversed(steps):
            _, found = plain_pass(part, one, before, dy, own)
            dy = found.pop("x")
            gradients.update({f"{name}.{key}": value for key, value in found.items()})
        return dy

    forward, backward = plain.layer("residual")
    if layer.shortcut is None:
        result = backward(dy, x, branch_backward)
        return forward(x, lambda _: inner), {**gradients, **result}
    weight = {"weight": tensors[f"{SHORTCUT}.weight"]}
    short = layer.shortcut
    more: dict[str, Any] = {}
    if isinstance(short, Convolution):
        more["stride"] = short.stride if short.kind == "conv" else short.stride[0]
    work, back = plain.layer(short.kind)

    def shortcut_backward(dy: Array) -> Array:
        found = back(dy, x, **weight, **more)
        gradients[f"{SHORTCUT}.weight"] = found["weight"]
        return found["x"]

    result = backward(dy, x, branch_backward, shortcut_backward)
    return forward(x, lambda _: inner, lambda x: work(x, **weight, **more)), {**gradients, **result}


def check_plain(spec: LayerSpec, shape: Shape, batch: int, dtype: str, seed: int) -> None:
    network = made(spec, shape, batch, dtype)
    layer = network.layers[0]
    x = numbers(seed, (batch, *shape), dtype)
    dy = numbers(seed + 1, (batch, *layer.output_shape), dtype)
    y = network.forward(x, Mode.TRAINING).copy()
    dx = network.backward(dy)
    own = {key.partition(".")[2]: pair[0] for key, pair in network.tensors().items()}
    parameters = {p.name: own[p.name] for p in layer.parameters()}
    expected, gradients = plain_pass(layer, spec, x, dy, parameters)
    close = {"rtol": TOLERANCE[dtype], "atol": TOLERANCE[dtype]}
    assert y.dtype == np.dtype(dtype)
    np.testing.assert_allclose(y, expected, **close)
    np.testing.assert_allclose(dx, gradients["x"], **close)
    for key, (_, gradient) in network.tensors().items():
        name = key.partition(".")[2]
        if name in parameters:
            np.testing.assert_allclose(gradient, gradients[name], **close, err_msg=name)


@pytest.mark.parametrize("dtype", list(TOLERANCE))
@rows
def test_it_is_its_plain_form(
    values: dict[str, Any], before: Shape, after: Shape, dtype: str
) -> None:
    spec = spec_of(values)
    assert spec.build(before, True).output_shape == after
    check_plain(spec, before, 3, dtype, 1)


@pytest.mark.parametrize("kind", list(kinds()))
def test_drawn_ones_are_their_plain_form(kind: str) -> None:
    @settings(max_examples=30)
    @given(cases(kind), st.integers(2, 4), st.sampled_from(list(TOLERANCE)), st.integers(0, 99))
    def check(case: tuple[LayerSpec, Shape] | None, batch: int, dtype: str, seed: int) -> None:
        assume(case is not None)
        assert case is not None
        # Normalised over a few values, an output is the sign of a difference: all rounding.
        assume(dtype != "float32" or "norm" not in repr(case[0]))
        check_plain(*case, batch, dtype, seed)

    check()


@rows
def test_pytorch_agrees(values: dict[str, Any], before: Shape, after: Shape) -> None:
    torch, spec = torch_module(), spec_of(values)
    network = made(spec, before, 3, "float64")
    layer = network.layers[0]
    x, dy = numbers(1, (3, *before), "float64"), numbers(2, (3, *after), "float64")
    y = network.forward(x, Mode.TRAINING).copy()
    dx = network.backward(dy)
    leaves = {
        name: torch.from_numpy(pair[0].copy()).requires_grad_()
        for name, pair in network.tensors().items()
        if name in network.names
    }
    dropouts = [part for part in chain.leaves([layer]) if isinstance(part, Dropout)]
    masks = (torch.from_numpy(dropout.mask.copy()) for dropout in dropouts)
    start = torch.from_numpy(x).requires_grad_()
    expected, [taken] = ReferencePass(torch, leaves, masks).run([spec], start)
    expected.backward(torch.from_numpy(dy))
    close = {"rtol": 1e-10, "atol": 1e-11}
    np.testing.assert_allclose(y, expected.detach().numpy(), **close)
    np.testing.assert_allclose(dx, start.grad.numpy(), **close)
    for name, leaf in leaves.items():
        np.testing.assert_allclose(network.tensors()[name][1], leaf.grad.numpy(), **close)
    ours = layer.decisions()
    assert (ours is None) == (taken is None)
    if ours is not None:
        np.testing.assert_array_equal(ours, taken.numpy())


@rows
def test_the_module_for_the_benchmark_computes_the_same(
    values: dict[str, Any], before: Shape, after: Shape
) -> None:
    torch, spec = torch_module(), spec_of(values)
    network = Network([spec.build(before, True)], 2, np.float32)
    for name, (tensor, _) in network.tensors().items():
        if name.endswith(("weight", "bias")):
            tensor[...] = np.random.default_rng(1).standard_normal(tensor.shape)
        elif name.endswith(("gamma", "variance")):
            tensor.fill(1.0)
    tensors = {name: pair[0] for name, pair in network.tensors().items()}
    x = numbers(3, (2, *before), "float32")
    builder = ModuleBuilder(torch, before)
    module = builder.build([spec], tensors).eval()
    assert builder.shape == after
    found = module(torch.from_numpy(np.ascontiguousarray(np.moveaxis(x, -1, 1)))).detach().numpy()
    expected = network.forward(x, Mode.EVALUATION)
    if values["kind"] == "flatten":
        found, expected = np.sort(found), np.sort(expected)  # PyTorch's own order
    elif len(after) > 1:
        found = np.moveaxis(found, 1, -1)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=2e-4)


@rows
def test_buffers_are_reused(values: dict[str, Any], before: Shape, after: Shape) -> None:
    layer = spec_of(values).build(before, True)
    network = Network([layer], 5, np.float64, input_gradient=True)
    x, dy = numbers(1, (5, *before), "float64"), numbers(2, (5, *after), "float64")
    whole = network.forward(x, Mode.EVALUATION).copy()
    network.resize(2)
    assert network.forward(x[:2], Mode.TRAINING).shape == (2, *after)
    gradient = network.backward(dy[:2])
    assert gradient is not None
    assert gradient.shape == (2, *before)
    network.resize(5)
    np.testing.assert_allclose(network.forward(x, Mode.EVALUATION), whole, atol=1e-12)


@rows
def test_inputs_and_outputs_stay_as_they_are_however_often_it_goes_back(
    values: dict[str, Any], before: Shape, after: Shape
) -> None:
    network = made(spec_of(values), before, 3, "float64")
    x, dy = numbers(1, (3, *before), "float64"), numbers(2, (3, *after), "float64")
    for array in (x, dy):
        array.flags.writeable = False
    y = network.forward(x, Mode.TRAINING)
    before = y.copy()
    first = np.copy(network.backward(dy))
    gradients = network.gradients.copy()
    network.backward(2 * dy)
    np.testing.assert_array_equal(y, before)  # the next layer still needs it
    np.testing.assert_array_equal(network.backward(dy), first)
    np.testing.assert_array_equal(network.gradients, gradients)


@pytest.mark.parametrize("kind", list(kinds()))
def test_every_kind_describes_itself(kind: str) -> None:
    spec = kinds()[kind]
    assert any(row[0]["kind"] == kind for row in ROWS), f"tests/layers/table.py lacks {kind}"
    assert spec.words
    assert spec.formula
    assert f"`{kind}`" in README.read_text(encoding="utf-8"), f"the README lacks {kind}"
    for candidate in spec.candidates(10):
        assert candidate.kind == kind
        assert candidate.title()
        assert spec.model_validate(candidate.model_dump()) == candidate
    for setting in settings_of(spec):
        assert setting.meaning
        assert setting.label
    forward, _ = plain.layer(kind)
    layer = next(
        spec_of(values).build(shape, True) for values, shape, _ in ROWS if values["kind"] == kind
    )
    # The reader of the fast code is led to the plain one.
    pages = [sys.modules[each.__module__].__doc__ or "" for each in type(layer).__mro__]
    assert any(f"`{forward.__module__}.{forward.__name__}`" in page for page in pages)


def test_a_kind_without_a_plain_form_is_missed() -> None:
    with pytest.raises(LookupError, match="nonsense has no plain form"):
        plain.layer("nonsense")
