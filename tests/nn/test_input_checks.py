"""Tests of the arrays that networks and losses accept, and of the errors for all others."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided

from core.data.dataset import Split
from core.nn.avgpool import AveragePool2d
from core.nn.batchnorm import BatchNorm
from core.nn.conv import Conv2d
from core.nn.conv1d import Conv1d
from core.nn.dropout import Dropout
from core.nn.flatten import Flatten
from core.nn.globalpool import GlobalAveragePool
from core.nn.kernels.patchify import Patchify
from core.nn.kernels.winograd import Winograd
from core.nn.layer import Mode, ShapeError
from core.nn.linear import Linear
from core.nn.loss import SoftmaxCrossEntropy
from core.nn.network import Network
from core.nn.pool import MaxPool2d
from core.nn.relu import ReLU
from tests.nn.harness import normal, passes, ready

SHAPE = (6, 4, 2)
FIRST = {
    "patchify": Patchify(SHAPE, 2, 3),
    "precut": Patchify(SHAPE, 2, 3).precut(),
    "conv": Conv2d(SHAPE, 3, 3),
    "padded": Conv2d(SHAPE, 3, 3, 1, 1),
    "winograd": Winograd(SHAPE, 3, 3, 1, 1),
    "conv1d": Conv1d(SHAPE, 2, 3),
    "pool": MaxPool2d(SHAPE, 2),
    "avgpool": AveragePool2d(SHAPE, 2),
    "globalpool": GlobalAveragePool(SHAPE),
    "batchnorm": BatchNorm(SHAPE),
    "relu": ReLU(SHAPE),
    "dropout": Dropout(SHAPE, 0.5),
    "flatten": Flatten(SHAPE),
    "linear": Linear((48,), 3),
}
BATCH = 4


def reversed_(x):
    return x[..., ::-1]


def every_second(x):
    return np.repeat(x, 2, axis=-1)[..., ::2]


def turned(x):
    return np.ascontiguousarray(x.T).T


def of_one_more(x):
    return np.concatenate([x, x[:1]])


def masked(x):
    return np.ma.masked_array(x, x > 0)


def mapped(x):
    return x.view(np.memmap)


BAD = {
    "integers": (lambda x: x.astype(np.int32), TypeError, "are int32, not float32; astype"),
    "bytes": (lambda x: x.astype(np.uint8), TypeError, "are uint8, not float32"),
    "booleans": (lambda x: x > 0, TypeError, "are bool, not float32"),
    "float64": (lambda x: x.astype(np.float64), TypeError, "are float64, not float32"),
    "other byte order": (lambda x: x.astype(x.dtype.newbyteorder()), TypeError, "are >f4, not"),
    "objects": (lambda x: x.astype(object), TypeError, "are object, not float32"),
    "list": (lambda x: x.tolist(), TypeError, "is list, not numpy.ndarray; np.asarray makes"),
    "nothing": (lambda x: None, TypeError, "is NoneType, not numpy.ndarray"),
    "masked": (masked, TypeError, "is MaskedArray, not numpy.ndarray"),
    "memmap": (mapped, TypeError, "is memmap, not numpy.ndarray"),
    "negative stride": (reversed_, ValueError, r"not C-contiguous: shape .* strides \(.*-"),
    "odd stride": (every_second, ValueError, "not C-contiguous.*; np.ascontiguousarray copies"),
    "Fortran order": (turned, ValueError, "are not C-contiguous"),
    "one more": (of_one_more, ShapeError, "there are 5 .* instead of 4; Network.resize sets"),
    "one less": (lambda x: x[:3], ShapeError, "there are 3 .* instead of 4"),
    "none": (lambda x: x[:0], ShapeError, "there are 0 .* instead of 4"),
    "flat": (lambda x: x.reshape(-1), ShapeError, r"have shape \(\d+,\) instead of \(4, "),
    "a number": (lambda x: np.array(x.sum()), ShapeError, r"have shape \(\) instead"),
    "one axis more": (lambda x: x[..., None], ShapeError, r"have shape \(4, .*, 1\) instead of"),
    "images last": (lambda x: np.moveaxis(x, 0, -1).copy(), ShapeError, r", 4\) instead of \(4, "),
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("kind", FIRST)
def test_what_a_network_cannot_take_is_refused(kind, bad):
    make, error, words = BAD[bad]
    network = Network([FIRST[kind]], BATCH, np.float32, input_gradient=True)
    x = normal(1, BATCH, *network.input_shape).astype(np.float32)
    with pytest.raises(error, match=words) as caught:
        network.forward(make(x), Mode.TRAINING)
    assert str(caught.value).count("images") >= 1
    network.forward(x, Mode.TRAINING)
    dy = normal(2, BATCH, *network.output_shape).astype(np.float32)
    with pytest.raises(error, match=words) as caught:
        network.backward(make(dy))
    assert "gradients by the output" in str(caught.value)
    network.backward(dy)


def test_channels_first_are_refused_where_they_have_as_many_numbers():
    network = Network([Conv2d((4, 4, 2), 3, 3)], BATCH, np.float32)
    with pytest.raises(
        ShapeError, match=r"images have shape \(4, 2, 4, 4\) instead of \(4, 4, 4, 2"
    ):
        network.forward(np.zeros((BATCH, 2, 4, 4), np.float32), Mode.TRAINING)


def test_a_matrix_is_refused():
    network = Network([Linear((6,), 3)], BATCH, np.float32)
    with pytest.raises(TypeError, match=r"is matrix, not numpy\.ndarray"):
        network.forward(np.zeros((BATCH, 6), np.float32).view(np.matrix), Mode.TRAINING)


@pytest.mark.parametrize("kind", FIRST)
def test_what_may_only_be_read_lies_askew_or_is_not_finite_is_taken(kind):
    network = ready(FIRST[kind], BATCH)
    x, dy = normal(1, BATCH, *network.input_shape), normal(2, BATCH, *network.output_shape)
    expected = passes(network, x, dy)
    for array in (x, dy):
        array.flags.writeable = False
    askew = []
    for array in (x, dy):
        memory = np.empty(array.nbytes + 1, np.uint8)
        askew.append(memory[1:].view(array.dtype).reshape(array.shape))
        askew[-1][...] = array
        assert not askew[-1].flags.aligned
    for given in ((x, dy), askew):
        for found, wanted in zip(passes(network, *given), expected, strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=1e-13)
    with np.errstate(all="ignore"):
        network.forward(np.full(x.shape, np.nan), Mode.TRAINING)


THIN = {
    "conv": Conv2d((5, 4, 1), 2, 3),
    "conv of a line": Conv2d((1, 5, 2), (1, 2), 3),
    "conv of a column": Conv2d((5, 1, 2), (2, 1), 3),
    "conv of a line of one": Conv2d((1, 5, 1), (1, 3), 1),
    "conv of a pixel": Conv2d((1, 1, 1), 1, 1, 2),
    "padded": Conv2d((5, 4, 1), 3, 1, 1, 1),
    "winograd": Winograd((5, 4, 1), 3, 1),
    "padded winograd": Winograd((1, 4, 1), 3, 1, 1, 1),
    "patchify": Patchify((4, 4, 1), 2, 1),
    "patchify of a column": Patchify((4, 1, 1), (2, 1), 1),
    "patchify of pixels": Patchify((4, 4, 1), 1, 1),
    "conv1d": Conv1d((5, 1), 2, 1),
    "conv1d of an image": Conv1d((5, 1, 1), 2, 1),
    "pool": MaxPool2d((4, 4, 1), 2),
    "overlapping pool": MaxPool2d((4, 1, 1), (2, 1), 1),
    "avgpool": AveragePool2d((4, 4, 1), 2),
    "globalpool": GlobalAveragePool((4, 1, 1)),
    "batchnorm": BatchNorm((1, 4, 1)),
    "relu": ReLU((4, 1, 1)),
    "flatten": Flatten((4, 1, 1)),
    "linear": Linear((1,), 1),
}


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("stride", [-8, 0, 1_000_000])
@pytest.mark.parametrize("kind", THIN)
def test_along_an_axis_of_one_any_stride_is_taken(kind, stride, batch):
    # Such arrays count as C-contiguous: a reversed axis of length 1, or `image[None]`.
    network = ready(THIN[kind], batch)
    x, dy = normal(1, batch, *network.input_shape), normal(2, batch, *network.output_shape)
    expected = passes(network, x, dy)

    def odd(array):
        strides = zip(array.shape, array.strides, strict=True)
        return as_strided(array, strides=[stride if n == 1 else step for n, step in strides])

    assert odd(x).flags.c_contiguous
    for found, wanted in zip(passes(network, odd(x), odd(dy)), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("mode", ["training", None, True, "TRAINING"])
def test_what_is_no_mode_is_refused(mode):
    network = ready(BatchNorm((3,)), 2)
    with pytest.raises(TypeError, match=rf"{mode!r} is no mode; Mode\.TRAINING and"):
        network.forward(normal(1, 2, 3), mode)


def test_a_backward_pass_needs_a_training_pass_of_as_many_images():
    network = ready(BatchNorm((3,)), 4)
    x, dy = normal(1, 4, 3), normal(2, 4, 3)
    refused = pytest.raises(ValueError, match="goes back over a forward pass in training")
    with refused:
        network.backward(dy)
    network.forward(x, Mode.TRAINING)
    first = network.backward(dy).copy()
    np.testing.assert_array_equal(network.backward(dy), first)  # any number of times
    network.resize(4)
    np.testing.assert_array_equal(network.backward(dy), first)
    network.forward(x, Mode.EVALUATION)
    with refused:
        network.backward(dy)
    network.forward(x, Mode.TRAINING)
    network.resize(2)
    with refused:
        network.backward(dy[:2])
    with pytest.raises(ShapeError, match="there are 4 images instead of 2"):
        network.forward(x, Mode.TRAINING)
    with refused:
        network.backward(dy[:2])
    network.forward(x[:2], Mode.TRAINING)
    with pytest.raises(ShapeError, match="there are 4 gradients by the output instead of 2"):
        network.backward(dy)
    network.resize(4)
    with refused:
        network.backward(dy)


def test_a_network_that_cannot_compute_is_refused():
    for dtype in (np.int32, bool, object, "S4", "datetime64[s]"):
        with pytest.raises(TypeError, match="computes in real or complex numbers, not in"):
            Network([Linear((4,), 10)], 1, dtype)
    for batch in (0, -1):
        with pytest.raises(ShapeError, match=f"for 1 image at least, not {batch}"):
            Network([Linear((4,), 10)], batch, np.float32)
    long = np.zeros(100, np.float32)
    for vector in (long[::2], long[::-2]):
        for name in ("parameters", "gradients"):
            with pytest.raises(ValueError, match=f"the {name[:-1]} vector has strides"):
                Network([Linear((4,), 10)], 1, np.float32, **{name: vector})
    with pytest.raises(TypeError, match="parameter vector is memmap"):
        Network([Linear((4,), 10)], 1, np.float32, long[:50].view(np.memmap))
    with pytest.raises(TypeError, match="parameter vector is >f4, the network float32"):
        Network([Linear((4,), 10)], 1, np.float32, np.zeros(50, ">f4"))


def test_a_loss_that_cannot_compute_is_refused():
    for classes, batch in ((0, 4), (-1, 4), (3, 0)):
        with pytest.raises(ShapeError, match=f"at least, not {classes} and {batch}"):
            SoftmaxCrossEntropy(classes, batch, np.float32)
    for dtype in (np.int32, bool, object):
        with pytest.raises(TypeError, match="computes in real or complex numbers, not in"):
            SoftmaxCrossEntropy(3, 4, dtype)


LOGITS = normal(1, 4, 3).astype(np.float32)


@pytest.mark.parametrize(
    ("labels", "error", "words"),
    [
        (np.array([0, 1, 3, 0]), ValueError, "a label 3; labels go from 0 to 2"),
        (np.array([0, 1, 2, 10**12]), ValueError, "a label 1000000000000; labels go"),
        (np.array([-1, 1, 2, 0]), ValueError, "a label -1; labels go from 0 to 2"),
        (np.array([-1, 1, 2, 0], np.int8), ValueError, "a label -1;"),
        (np.array([0, 1, 255, 0], np.uint8), ValueError, "a label 255;"),
        (np.array([0, 1, 2**64 - 1, 0], np.uint64), ValueError, "a label 18446744073709551615;"),
        (np.array([0.0, 1.0, 2.0, 0.0]), TypeError, "labels are float64, not integers"),
        (np.array([True, False, True, True]), TypeError, "labels are bool, not integers"),
        (np.array(["0", "1", "2", "0"]), TypeError, "labels are <U1, not integers"),
        (np.array([0, 1, 2, 0], object), TypeError, "labels are object, not integers"),
        (np.ma.masked_array([0, 1, 2, 0]), TypeError, "labels is MaskedArray, not numpy"),
        ([0, 1, 2.5, 0], TypeError, "labels are float64, not integers"),
        ([0, 1, 2], ShapeError, r"labels have shape \(3,\) instead of \(4,\)"),
        (np.array([0, 1, 2]), ShapeError, r"labels have shape \(3,\) instead of \(4,\)"),
        (np.array([0, 1, 2, 0, 1]), ShapeError, r"labels have shape \(5,\) instead of \(4,\)"),
        (np.array([1]), ShapeError, r"labels have shape \(1,\) instead of \(4,\)"),
        (np.array(1), ShapeError, r"labels have shape \(\) instead of \(4,\)"),
        (1, ShapeError, r"labels have shape \(\) instead of \(4,\)"),
        (np.eye(4, 3, dtype=int), ShapeError, r"labels have shape \(4, 3\) instead of \(4,\)"),
        (np.zeros((4, 1), int), ShapeError, r"labels have shape \(4, 1\) instead of \(4,\)"),
    ],
)
def test_what_are_no_labels_is_refused(labels, error, words):
    loss = SoftmaxCrossEntropy(3, 6, np.float32)
    loss.forward(LOGITS, np.array([0, 1, 2, 0]))
    with pytest.raises(error, match=words):
        loss.forward(LOGITS, labels)
    # The results of the previous pass are no longer valid.
    with pytest.raises(ValueError, match="no logits and labels yet"):
        loss.backward(1.0)


@pytest.mark.parametrize(
    "labels",
    [
        [0, 1, 2, 0],
        *(np.array([0, 1, 2, 0], dtype) for dtype in "bBhHiIlLqQ"),
        np.array([0, 1, 2, 0], ">i4"),
        np.array([0, 5, 2, 1, 1, 2, 0, 0])[[0, 0, 3, 0, 2, 0, 0, 0]][::2],
        np.array([0, 2, 1, 0])[::-1],
    ],
)
def test_integers_of_all_kinds_are_labels(labels):
    loss = SoftmaxCrossEntropy(3, 6, np.float32)
    gradients = []
    for given in (np.array([0, 1, 2, 0]), labels):
        loss.forward(LOGITS, given)
        gradients.append(loss.backward(1.0).copy())
    np.testing.assert_array_equal(*gradients)


@pytest.mark.parametrize(
    ("logits", "error", "words"),
    [
        (LOGITS.astype(np.float64), TypeError, "logits are float64, not float32"),
        (LOGITS.astype(int), TypeError, "logits are int64, not float32"),
        (LOGITS[:, :1].copy(), ShapeError, r"logits have shape \(4, 1\) instead of \(4, 3\)"),
        (LOGITS[:, [0, 1, 2, 0]].copy(), ShapeError, r"shape \(4, 4\) instead of \(4, 3\)"),
        (LOGITS[:, 0].copy(), ShapeError, r"logits have shape \(4,\) instead of \(4, 3\)"),
        (np.tile(LOGITS, (2, 1)), ShapeError, "8 images do not fit a loss of 1 to 6 images"),
        (LOGITS[:0], ShapeError, "0 images do not fit a loss of 1 to 6 images"),
        (LOGITS[:, ::-1], ValueError, "logits are not C-contiguous"),
        (LOGITS.view(np.memmap), TypeError, "logits is memmap"),
        (LOGITS.tolist(), TypeError, "logits is list"),
    ],
)
def test_what_are_no_logits_is_refused(logits, error, words):
    labels = np.array([0, 1, 2, 0, 1, 2, 0, 1])[: len(logits)]
    with pytest.raises(error, match=words):
        SoftmaxCrossEntropy(3, 6, np.float32).forward(logits, labels)


@pytest.mark.parametrize("smoothing", [-0.1, 1.0, 2.0, float("nan"), float("inf")])
def test_a_smoothing_out_of_its_range_is_refused(smoothing):
    with pytest.raises(ValueError, match=r"a smoothing of .* is not from 0 to below 1"):
        SoftmaxCrossEntropy(3, 4, np.float32).forward(LOGITS, np.array([0, 1, 2, 0]), smoothing)


def test_a_loss_has_no_answer_before_it_was_asked():
    loss = SoftmaxCrossEntropy(3, 4, np.float32)
    for ask in (loss.sums, loss.correct, lambda: loss.backward(1.0)):
        with pytest.raises(ValueError, match="no logits and labels yet"):
            ask()


def test_images_and_labels_of_a_split_are_as_many():
    images = np.zeros((4, 32, 32, 3), np.uint8)
    for count in (0, 1, 3, 5):
        with pytest.raises(ValueError, match=f"4 images cannot have {count} labels"):
            Split(images, np.zeros(count, np.int64))
