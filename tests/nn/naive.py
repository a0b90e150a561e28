"""Reference layers as loops over scalars: slow, but obviously correct."""

import numpy as np


def conv(x, weight, bias, stride, padding):
    images, height, width, _ = x.shape
    kh, kw, _, filters = weight.shape
    (sh, sw), (ph, pw) = stride, padding
    down, across = (height + 2 * ph - kh) // sh + 1, (width + 2 * pw - kw) // sw + 1
    y = np.zeros((images, down, across, filters))
    for n, i, j, f in np.ndindex(y.shape):
        total = bias[f]
        for u, v in np.ndindex(kh, kw):
            row, column = i * sh + u - ph, j * sw + v - pw
            if 0 <= row < height and 0 <= column < width:
                for c in range(x.shape[3]):
                    total += x[n, row, column, c] * weight[u, v, c, f]
        y[n, i, j, f] = total
    return y


def conv_backward(x, weight, dy, stride, padding):
    (sh, sw), (ph, pw) = stride, padding
    dx, dweight, dbias = np.zeros(x.shape), np.zeros(weight.shape), np.zeros(weight.shape[3])
    for n, i, j, f in np.ndindex(dy.shape):
        dbias[f] += dy[n, i, j, f]
        for u, v, c in np.ndindex(weight.shape[:3]):
            row, column = i * sh + u - ph, j * sw + v - pw
            if 0 <= row < x.shape[1] and 0 <= column < x.shape[2]:
                dweight[u, v, c, f] += x[n, row, column, c] * dy[n, i, j, f]
                dx[n, row, column, c] += weight[u, v, c, f] * dy[n, i, j, f]
    return dx, dweight, dbias


def pool(x, window, stride):
    """Return y and, for each entry, the index in x from which its value comes."""
    (kh, kw), (sh, sw) = window, stride
    images, height, width, channels = x.shape
    y = np.zeros((images, (height - kh) // sh + 1, (width - kw) // sw + 1, channels))
    origin = {}
    for n, i, j, c in np.ndindex(y.shape):
        best, where = -np.inf, None
        for u, v in np.ndindex(kh, kw):
            value = x[n, i * sh + u, j * sw + v, c]
            if value > best:
                best, where = value, (n, i * sh + u, j * sw + v, c)
        y[n, i, j, c], origin[n, i, j, c] = best, where
    return y, origin


def pool_backward(x, dy, window, stride):
    dx = np.zeros(x.shape)
    for place, where in pool(x, window, stride)[1].items():
        dx[where] += dy[place]
    return dx


def cross_entropy(logits, labels, smoothing):
    """Return the summed losses (plain, smoothed) and the gradient of the second."""
    images, classes = logits.shape
    plain, smoothed, gradient = 0.0, 0.0, np.zeros(logits.shape)
    for n in range(images):
        p = np.exp(logits[n] - logits[n].max())
        p /= p.sum()
        for k in range(classes):
            target = (1 - smoothing) * (k == labels[n]) + smoothing / classes
            plain -= np.log(p[k]) * (k == labels[n])
            smoothed -= np.log(p[k]) * target
            gradient[n, k] = p[k] - target
    return plain, smoothed, gradient
