"""The pass over a network that a trace records."""

from functools import partial

import numpy as np

from core.data.dataset import Images, Split
from core.errors import ExplainError
from core.explain.recorder import Recorder
from core.explain.subject import Subject
from core.explain.trace import BYTES, INPUT, LOSS, SOFTMAX, Node, Trace
from core.nn.arrays import Array
from core.nn.layer import Mode
from core.nn.loss import SoftmaxCrossEntropy

FIRST_SHARD = 0
"""Index of the shard that a trace in training runs."""


def run(subject: Subject, image: Images, label: int, *, of: int | None = None) -> Trace:
    """Trace an image in evaluation, where it depends on no other.

    Args:
        subject: the network.
        image: uint8 (H, W, C), or whatever shape the images of its data set have.
        label: its class.
        of: the class whose logit is differentiated; None for the loss.

    Raises:
        ExplainError: if the image or a class does not fit the network.
        MemoryError: if the buffers do not fit.
    """
    return _run(subject, Split(image[None], np.array([label])), Mode.EVALUATION, 1.0, of)


def run_in_batch(subject: Subject, batch: Split, size: int, *, of: int | None = None) -> Trace:
    """Trace the first image of a batch in training, as the first shard of the next update.

    Dropout has the masks of that update, and batch normalisation the statistics of the shard.

    Args:
        subject: the network.
        batch: the images of the shard, of which the first is explained.
        size: number of images in the whole batch, of whose losses an update takes the mean.
        of: the class whose logit is differentiated; None for the loss.

    Raises:
        ExplainError: if the images or a class do not fit the network.
        MemoryError: if the buffers do not fit.
    """
    return _run(subject, batch, Mode.TRAINING, 1.0 / size, of)


def _run(subject: Subject, batch: Split, mode: Mode, scale: float, of: int | None) -> Trace:
    images, shape, smoothing = batch.images, subject.shape, subject.smoothing
    if images.dtype != np.uint8 or images.shape[1:] != shape:
        raise ExplainError(
            f"the network takes images of {' x '.join(map(str, shape))} bytes, not "
            f"{' x '.join(map(str, images.shape[1:]))} of {images.dtype}"
        )
    classes = len(subject.classes)
    for number in (*batch.labels, *([] if of is None else [of])):
        if not 0 <= number < classes:
            raise ExplainError(f"there is no class {number}; there are 0 to {classes - 1}")
    network = subject.network(len(images))
    if mode is Mode.TRAINING:
        network.sample(partial(subject.mask_generator, FIRST_SHARD))
    x = np.empty(images.shape, network.dtype)
    subject.normaliser.apply(images, x)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        recorder = Recorder(network, mode)
        logits, last = recorder.forward(x, subject.described(), INPUT)
        losses = _losses(logits, batch, smoothing)
        loss = SoftmaxCrossEntropy(classes, len(images), network.dtype)
        loss.forward(logits, batch.labels, smoothing)
        probabilities = loss.probabilities.copy()
        dx = recorder.backward(loss.backward(scale) if of is None else _one_hot(of, logits))
    nodes = [
        Node(BYTES, "the image", (), images, None, None),
        Node(INPUT, "normalised", (BYTES,), x, dx.copy(), None),
        *recorder.nodes(),
        Node(SOFTMAX, "probabilities", (last,), probabilities, None, None),
        Node(LOSS, "cross-entropy", (SOFTMAX,), losses, None, None),
    ]
    return Trace(
        subject=subject,
        mode=mode,
        image=0,
        labels=tuple(batch.labels.tolist()),
        smoothing=smoothing,
        scale=scale,
        of=of,
        nodes={node.name: node for node in nodes},
        weights={
            name: (value.copy(), gradient.copy())
            for name, (value, gradient) in network.tensors().items()
            if name in network.names
        },
    )


def _losses(logits: Array, batch: Split, smoothing: float) -> Array:
    """Return the loss of each image (N,)."""
    loss = SoftmaxCrossEntropy(logits.shape[1], 1, logits.dtype)
    losses = []
    for row, label in zip(logits, batch.labels, strict=True):
        loss.forward(row[None], np.array([label]), smoothing)
        losses.append(loss.sums().smoothed)
    return np.array(losses)


def _one_hot(of: int, logits: Array) -> Array:
    """Return the gradient of one logit of the first image."""
    gradient = np.zeros_like(logits)
    gradient[0, of] = 1.0
    return gradient
