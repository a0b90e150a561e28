"""The loss: cross-entropy of the softmax.

In plain NumPy: `core.nn.plain.loss.cross_entropy`.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.nn.arrays import Array
from core.nn.input_checks import check_array, check_labels
from core.nn.layer import ShapeError


class Sums(NamedTuple):
    """Sums of losses over the images of a batch, real or complex as the logits."""

    plain: Any
    """Cross-entropy with the labels themselves, in double precision."""
    smoothed: Any
    """Cross-entropy with the smoothed labels, which backward differentiates."""


class SoftmaxCrossEntropy:
    """Cross-entropy -sum over k of t_k log p_k of the softmax p = exp(z) / sum exp(z).

    The target is t = (1 - s) onehot(label) + s / K: label smoothing s spreads a share s of the
    probability over all classes (Szegedy et al. 2016). In log-softmax form,

        log p_k = z_k - m - log sum over j of exp(z_j - m),   m = max over j of z_j,

    no exponential overflows and the argument of the logarithm is never zero. Its derivative is
    d log p_k / d z_j = [k = j] - p_j, and since the t_k sum to 1, dL/dz = p - t.

    Shapes: logits z (N, K), labels (N,), p and dlogits (N, K).

    Args:
        classes: K.
        batch: largest batch size.
        dtype: dtype of the logits. For complex128 the shift m is the largest real part.

    Raises:
        ShapeError: if `classes` or `batch` is below 1.
        TypeError: if the dtype is neither real nor complex floating point.
    """

    def __init__(self, classes: int, batch: int, dtype: npt.DTypeLike) -> None:
        if min(classes, batch) < 1:
            raise ShapeError(
                f"a loss needs 1 class and 1 image at least, not {classes} and {batch}"
            )
        self.classes = classes
        self.dtype = np.dtype(dtype)
        if self.dtype.kind not in "fc":
            raise TypeError(f"a loss computes in real or complex numbers, not in {self.dtype}")
        self.exact = np.result_type(self.dtype, np.float64)
        self._shifted = np.empty((batch, classes), self.dtype)
        self._probabilities = np.empty((batch, classes), self.dtype)
        self._total = np.empty((batch, 1), self.dtype)
        self._dlogits = np.empty((batch, classes), self.dtype)
        self._starts = np.arange(batch, dtype=np.intp) * classes
        self._picked = np.empty(batch, np.intp)
        self._unsigned = self._picked.view(np.uintp)
        self.probabilities = self._probabilities[:0]
        """p of the latest forward pass."""

    def forward(self, logits: Array, labels: Array, smoothing: float = 0.0) -> None:
        """Compute p, which `sums`, `correct` and `backward` use.

        Args:
            logits: C-contiguous (N, K) of the dtype of the loss, N from 1 to `batch`.
            labels: integers (N,) from 0 to K - 1.
            smoothing: s, from 0 to below 1.

        Raises:
            TypeError: if the type or dtype of logits or labels differs.
            ShapeError: if their shape differs, or N is out of range.
            ValueError: if a label is not a class, the smoothing is out of range, or the logits are
                not C-contiguous.
        """
        count, picked = len(logits), self._picked[: len(logits)]
        self.probabilities = self._probabilities[:0]
        if not 1 <= count <= len(self._picked):
            raise ShapeError(f"{count} images do not fit a loss of 1 to {len(self._picked)} images")
        check_array("logits", logits, (count, self.classes), self.dtype)
        check_labels(labels, picked, self._unsigned[:count], self.classes)
        if not 0.0 <= smoothing < 1.0:
            raise ValueError(f"a smoothing of {smoothing:g} is not from 0 to below 1")
        shifted, p = self._shifted[:count], self._probabilities[:count]
        # Indices of the true classes in the flat logits.
        np.add(self._starts[:count], picked, out=picked)
        np.subtract(logits, np.maximum.reduce(logits.real, axis=1, keepdims=True), out=shifted)
        np.exp(shifted, out=p)
        total = np.add.reduce(p, axis=1, keepdims=True, out=self._total[:count])
        np.divide(p, total, out=p)
        self.probabilities, self._right, self._smoothing = p, picked, smoothing

    def sums(self) -> Sums:
        """Return the sums over the images of the latest forward pass.

        Raises:
            ValueError: if there was no forward pass.
        """
        count, smoothing = self._count(), self._smoothing
        shifted = self._shifted[:count]
        # -log p_k = log_total - (z_k - m), here summed over all images.
        log_total = np.add.reduce(np.log(self._total[:count]), axis=None, dtype=self.exact)
        plain = log_total - np.add.reduce(shifted.reshape(-1).take(self._right), dtype=self.exact)
        smoothed = plain
        if smoothing:
            uniform = log_total - np.add.reduce(shifted, axis=None, dtype=self.exact) / self.classes
            smoothed = (1.0 - smoothing) * plain + smoothing * uniform
        return Sums(plain, smoothed)

    def correct(self) -> int:
        """Return how many images of the latest forward pass are classified correctly.

        Raises:
            ValueError: if there was no forward pass.
        """
        starts = self._starts[: self._count()]
        predicted = self.probabilities.real.argmax(axis=1)
        return int(np.count_nonzero(starts + predicted == self._right))

    def backward(self, scale: float) -> Array:
        """Return the gradient (N, K) of `scale` times the summed smoothed cross-entropy.

        Raises:
            ValueError: if there was no forward pass.
        """
        dlogits = self._dlogits[: self._count()]
        np.multiply(self.probabilities, scale, out=dlogits)
        if self._smoothing:
            np.subtract(dlogits, scale * self._smoothing / self.classes, out=dlogits)
        dlogits.reshape(-1)[self._right] -= scale * (1.0 - self._smoothing)
        return dlogits

    def _count(self) -> int:
        """Return the number of images in the latest forward pass."""
        if not (count := len(self.probabilities)):
            raise ValueError("the loss has been given no logits and labels yet")
        return count
