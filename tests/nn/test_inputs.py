"""What a network and the loss take, and the sentence for everything else."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.nn.activation import ReLU
from core.nn.conv import Conv2d
from core.nn.flatten import Flatten
from core.nn.layer import Array, Mode, ShapeError
from core.nn.linear import Linear
from core.nn.loss import SoftmaxCrossEntropy
from core.nn.network import Network
from core.nn.patchify import Patchify
from core.nn.winograd import Winograd

SHAPE = (6, 6, 3)
FIRST = {
    "im2col": lambda: Conv2d(SHAPE, 3, 4),
    "patchify": lambda: Patchify(SHAPE, 3, 4),
    "winograd": lambda: Winograd(SHAPE, 3, 4),
}


@pytest.fixture(params=FIRST)
def network(request: pytest.FixtureRequest) -> Network:
    first = FIRST[request.param]()
    flat = Flatten(first.output_shape)
    layers = [first, ReLU(first.output_shape)]
    made = Network([*layers, flat, Linear(flat.output_shape, 5)], 4, np.float32)
    made.parameters[:] = np.random.default_rng(1).normal(0, 0.3, made.parameters.shape)
    return made


def images(*shape: int) -> Array:
    return np.random.default_rng(2).normal(0, 1, shape).astype(np.float32)


WRONG: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "bytes": (lambda: images(4, *SHAPE).astype(np.uint8), TypeError, "uint8.*float32"),
    "integers": (lambda: images(4, *SHAPE).astype(np.int64), TypeError, "int64.*float32"),
    "double": (lambda: images(4, *SHAPE).astype(np.float64), TypeError, "float64.*float32"),
    "half": (lambda: images(4, *SHAPE).astype(np.float16), TypeError, "float16.*float32"),
    "complex": (lambda: images(4, *SHAPE).astype(np.complex64), TypeError, "complex64.*float32"),
    "byte order": (lambda: images(4, *SHAPE).astype(">f4"), TypeError, ">f4.*float32"),
    "channels first": (lambda: images(4, 3, 6, 6), ShapeError, r"\(4, 3, 6, 6\).*\(4, 6, 6, 3\)"),
    "flat": (lambda: images(4, 108), ShapeError, r"\(4, 108\)"),
    "one more": (lambda: images(5, *SHAPE), ShapeError, r"\(5, 6, 6, 3\).*resize"),
    "one less": (lambda: images(3, *SHAPE), ShapeError, r"\(3, 6, 6, 3\).*resize"),
    "none": (lambda: images(0, *SHAPE), ShapeError, r"\(0, 6, 6, 3\)"),
    "a single image": (lambda: images(*SHAPE), ShapeError, r"\(6, 6, 3\)"),
    "mirrored": (lambda: images(4, *SHAPE)[:, :, ::-1], ValueError, "C-contiguous"),
    "every other": (lambda: images(8, *SHAPE)[::2], ValueError, "C-contiguous"),
    "a window": (lambda: images(4, 6, 8, 3)[:, :, 1:7], ValueError, "C-contiguous"),
    "Fortran order": (lambda: np.asfortranarray(images(4, *SHAPE)), ValueError, "C-contiguous"),
    "transposed": (lambda: images(4, 3, 6, 6).transpose(0, 2, 3, 1), ValueError, "C-contiguous"),
    "one image for all": (
        lambda: np.broadcast_to(images(*SHAPE), (4, *SHAPE)), ValueError, "C-contiguous"
    ),
    "a list": (lambda: images(4, *SHAPE).tolist(), TypeError, "is a list"),
    "masked": (lambda: np.ma.masked_less(images(4, *SHAPE), 0), TypeError, "is a MaskedArray"),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_what_would_be_taken_for_something_else_is_refused(network: Network, kind: str) -> None:
    make, error, words = WRONG[kind]
    before = network.forward(images(4, *SHAPE), Mode.TRAINING).copy()
    with pytest.raises(error, match=f"input .*{words}"):
        network.forward(make(), Mode.TRAINING)
    np.testing.assert_array_equal(network.forward(images(4, *SHAPE), Mode.TRAINING), before)


def test_what_is_read_only_or_lies_in_a_file_is_taken(network: Network, tmp_path: Any) -> None:
    x = images(4, *SHAPE)
    wanted = network.forward(x, Mode.EVALUATION).copy()
    kept = np.memmap(tmp_path / "x", np.float32, "w+", shape=x.shape)
    kept[:] = x
    np.testing.assert_array_equal(network.forward(kept, Mode.EVALUATION), wanted)
    x.flags.writeable = False
    np.testing.assert_array_equal(network.forward(x, Mode.EVALUATION), wanted)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: images(4, 6), ShapeError, r"\(4, 6\).*\(4, 5\)"),
        (lambda: images(3, 5), ShapeError, r"\(3, 5\).*\(4, 5\)"),
        (lambda: images(4, 5).astype(np.float64), TypeError, "float64.*float32"),
        (lambda: images(4, 10)[:, ::2], ValueError, "C-contiguous"),
    ],
)
def test_a_gradient_is_held_to_the_same(
    network: Network, make: Callable[[], Array], error: type[Exception], words: str
) -> None:
    network.forward(images(4, *SHAPE), Mode.TRAINING)
    with pytest.raises(error, match=f"gradient .*{words}"):
        network.backward(make())


def test_backward_follows_a_forward_pass_of_as_many_images(network: Network) -> None:
    with pytest.raises(ValueError, match="forward pass of the same 4 images"):
        network.backward(images(4, 5))
    network.forward(images(4, *SHAPE), Mode.TRAINING)
    network.resize(2)
    with pytest.raises(ValueError, match="forward pass of the same 2 images"):
        network.backward(images(2, 5))
    network.forward(images(2, *SHAPE), Mode.TRAINING)
    network.resize(2)
    network.backward(images(2, 5))


@pytest.mark.parametrize("dtype", [np.int64, np.int8, np.uint8, np.uint64, ">i4"])
def test_labels_of_any_integer_type_are_taken(dtype: Any) -> None:
    loss, logits = SoftmaxCrossEntropy(5, 4, np.float32), images(4, 5)
    loss.forward(logits, np.array([4, 0, 2, 1]))
    wanted = loss.backward(1.0).copy()
    loss.forward(logits, np.array([4, 9, 0, 9, 2, 9, 1, 9], dtype)[::2])
    np.testing.assert_array_equal(loss.backward(1.0), wanted)


@pytest.mark.parametrize(
    ("labels", "error", "words"),
    [
        (np.array([0, 1, 2, 5]), ValueError, "label 5 is not from 0 to 4"),
        (np.array([0, -1, 2, 4]), ValueError, "label -1 is not from 0 to 4"),
        (np.array([-1, 1, 2, 4], np.int8), ValueError, "label -1 is not from 0 to 4"),
        (np.array([1, 2**64 - 1, 2, 4], np.uint64), ValueError, f"label {2**64 - 1} is not"),
        (np.array([1, 255, 2, 4], np.uint8), ValueError, "label 255 is not from 0 to 4"),
        (np.array([1.0, 2.0, 3.0, 4.0]), TypeError, "float64"),
        (np.array([True, False, True, True]), TypeError, "bool"),
        (np.array([1]), ShapeError, r"\(1,\), but \(4,\)"),
        (np.array([1, 2, 3]), ShapeError, r"\(3,\), but \(4,\)"),
        (np.array([[1], [2], [3], [4]]), ShapeError, r"\(4, 1\), but \(4,\)"),
        (np.eye(4, 5, dtype=np.int64), ShapeError, r"\(4, 5\), but \(4,\)"),
    ],
)
def test_labels_that_no_class_has_are_refused(
    labels: Array, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        SoftmaxCrossEntropy(5, 4, np.float32).forward(images(4, 5), labels)


@pytest.mark.parametrize("shape", [(5, 5), (0, 5), (4, 4), (4, 1)])
def test_logits_have_a_row_an_image_and_a_column_a_class(shape: tuple[int, int]) -> None:
    labels = np.zeros(shape[0], np.int64)
    with pytest.raises(ShapeError, match=r"but \(N, 5\) is expected, N from 1 to 4"):
        SoftmaxCrossEntropy(5, 4, np.float32).forward(images(*shape), labels)
