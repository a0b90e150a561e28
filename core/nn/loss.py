"""The loss: softmax and cross-entropy in one."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.nn.layer import Array


class Sums(NamedTuple):
    """What a batch adds to the means over many; each a sum over its images.

    Real numbers, or complex ones where the logits are complex.
    """

    plain: Any
    """Cross-entropy against the labels as they are, in double precision."""
    smoothed: Any
    """Cross-entropy against the smoothed labels, which is what backward differentiates."""
    correct: int
    """Images whose likeliest class is the right one."""


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
        self._log = np.empty((batch, classes), self.dtype)
        self._probabilities = np.empty((batch, classes), self.dtype)
        self._dlogits = np.empty((batch, classes), self.dtype)
        self._starts = np.arange(batch, dtype=np.intp) * classes
        self._picked = np.empty(batch, np.intp)
        self.probabilities = self._probabilities[:0]
        """p of the latest forward pass."""

    def forward(self, logits: Array, labels: Array, smoothing: float = 0.0) -> Sums:
        """Return the sums over the images, and keep p.

        Args:
            logits: (N, K), N at most the batch.
            labels: integers (N,) from 0 to K - 1.
            smoothing: s, from 0 to below 1.
        """
        count = len(logits)
        log, p = self._log[:count], self._probabilities[:count]
        # Places of the right classes in the flat logits.
        picked = np.add(self._starts[:count], labels, out=self._picked[:count])
        real = logits.real
        np.subtract(logits, np.maximum.reduce(real, axis=1, keepdims=True), out=log)
        np.exp(log, out=p)
        total = np.add.reduce(p, axis=1, keepdims=True)
        np.divide(p, total, out=p)
        np.subtract(log, np.log(total), out=log)
        plain = -np.add.reduce(log.ravel()[picked], dtype=self.exact)
        smoothed = plain
        if smoothing:
            spread = -np.add.reduce(log, axis=None, dtype=self.exact) / self.classes
            smoothed = (1.0 - smoothing) * plain + smoothing * spread
        self.probabilities, self._right, self._smoothing = p, picked, smoothing
        return Sums(plain, smoothed, int(np.count_nonzero(real.argmax(axis=1) == labels)))

    def backward(self, scale: float) -> Array:
        """Return the gradient (N, K) of `scale` times the summed smoothed cross-entropy."""
        dlogits = self._dlogits[: len(self.probabilities)]
        np.multiply(self.probabilities, scale, out=dlogits)
        if self._smoothing:
            np.subtract(dlogits, scale * self._smoothing / self.classes, out=dlogits)
        dlogits.reshape(-1)[self._right] -= scale * (1.0 - self._smoothing)
        return dlogits
