"""The loss: softmax and cross-entropy in one."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.nn.layer import Array, ShapeError


class Sums(NamedTuple):
    """What a batch adds to the means over many; each a sum over its images.

    Real numbers, or complex ones where the logits are complex.
    """

    plain: Any
    """Cross-entropy against the labels as they are, in double precision."""
    smoothed: Any
    """Cross-entropy against the smoothed labels, which is what backward differentiates."""


class SoftmaxCrossEntropy:
    """Cross-entropy -sum over k of t_k log p_k of the softmax p = exp(z) / sum exp(z).

    The target is t = (1 - s) onehot(label) + s / K: with label smoothing s, a share s of the
    probability is spread over all classes (Szegedy et al. 2016). In log-softmax form,

        log p_k = z_k - m - log sum over j of exp(z_j - m),   m = max over j of z_j,

    no exponential overflows and no logarithm sees zero. Its derivative is d log p_k / d z_j =
    [k = j] - p_j, and since the t_k sum to 1, dL/dz = p - t.

    Shapes: logits z (N, K), labels (N,), p and dlogits (N, K).

    Args:
        classes: K.
        batch: the most images that ever come at once.
        dtype: of the logits. For complex128 the shift m is the largest real part.
    """

    def __init__(self, classes: int, batch: int, dtype: npt.DTypeLike) -> None:
        self.classes = classes
        self.dtype = np.dtype(dtype)
        self.exact = np.result_type(self.dtype, np.float64)
        self._shifted = np.empty((batch, classes), self.dtype)
        self._probabilities = np.empty((batch, classes), self.dtype)
        self._total = np.empty((batch, 1), self.dtype)
        self._dlogits = np.empty((batch, classes), self.dtype)
        self._starts = np.arange(batch, dtype=np.intp) * classes
        self._picked = np.empty(batch, np.intp)
        # The same memory: here a label below 0 is larger than any class.
        self._unsigned = self._picked.view(np.uintp)
        self._right, self._smoothing = self._picked[:0], 0.0
        self.probabilities = self._probabilities[:0]
        """p of the latest forward pass."""

    def forward(self, logits: Array, labels: Array, smoothing: float = 0.0) -> None:
        """Work out p, from which `sums`, `correct` and `backward` follow.

        Args:
            logits: (N, K), N at most the batch.
            labels: integers (N,) from 0 to K - 1.
            smoothing: s, from 0 to below 1.

        Raises:
            ShapeError: if logits and labels have other shapes.
            TypeError: if the labels are no integers.
            ValueError: if a label is not from 0 to K - 1.
        """
        count = len(logits)
        picked = self._pick(logits, labels)
        shifted, p = self._shifted[:count], self._probabilities[:count]
        np.subtract(logits, np.maximum.reduce(logits.real, axis=1, keepdims=True), out=shifted)
        np.exp(shifted, out=p)
        total = np.add.reduce(p, axis=1, keepdims=True, out=self._total[:count])
        np.divide(p, total, out=p)
        self.probabilities, self._right, self._smoothing = p, picked, smoothing

    def _pick(self, logits: Array, labels: Array) -> Array:
        """Return the places of the right classes in the flat logits."""
        count, labels = len(logits), np.asarray(labels)
        if logits.shape != (count, self.classes) or not 1 <= count <= len(self._picked):
            raise ShapeError(
                f"the logits have shape {logits.shape}, but (N, {self.classes}) is expected, "
                f"N from 1 to {len(self._picked)}"
            )
        if labels.shape != (count,):
            raise ShapeError(f"the labels have shape {labels.shape}, but ({count},) is expected")
        if labels.dtype.kind not in "iu":
            raise TypeError(f"the labels are {labels.dtype}, but integers are expected")
        picked = self._picked[:count]
        np.copyto(picked, labels, casting="same_kind")
        if np.maximum.reduce(self._unsigned[:count]) >= self.classes:
            wrong = next(label for label in labels.tolist() if not 0 <= label < self.classes)
            self._right, self.probabilities = self._picked[:0], self._probabilities[:0]
            raise ValueError(f"label {wrong} is not from 0 to {self.classes - 1}")
        return np.add(picked, self._starts[:count], out=picked)

    def sums(self) -> Sums:
        """Return the sums over the images of the latest forward pass."""
        count, smoothing = len(self.probabilities), self._smoothing
        shifted = self._shifted[:count]
        # Of all images together: -log p_k is this much more than -(z_k - m).
        above = np.add.reduce(np.log(self._total[:count]), axis=None, dtype=self.exact)
        plain = above - np.add.reduce(shifted.reshape(-1).take(self._right), dtype=self.exact)
        smoothed = plain
        if smoothing:
            spread = above - np.add.reduce(shifted, axis=None, dtype=self.exact) / self.classes
            smoothed = (1.0 - smoothing) * plain + smoothing * spread
        return Sums(plain, smoothed)

    def correct(self) -> int:
        """Return for how many images of the latest forward pass the right class is likeliest."""
        likeliest = self.probabilities.real.argmax(axis=1)
        return int(np.count_nonzero(self._starts[: len(likeliest)] + likeliest == self._right))

    def backward(self, scale: float) -> Array:
        """Return the gradient (N, K) of `scale` times the summed smoothed cross-entropy."""
        dlogits = self._dlogits[: len(self.probabilities)]
        np.multiply(self.probabilities, scale, out=dlogits)
        if self._smoothing:
            np.subtract(dlogits, scale * self._smoothing / self.classes, out=dlogits)
        dlogits.reshape(-1)[self._right] -= scale * (1.0 - self._smoothing)
        return dlogits
