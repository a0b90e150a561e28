"""The words of the screen that are no settings, which explain themselves, and what they mean."""

import re
from typing import NamedTuple


class Term(NamedTuple):
    """A word of the screen."""

    word: str
    meaning: str
    pattern: str = ""
    """Regular expression of its forms on the screen; the word itself if empty."""


TERMS = (
    # Layers and costs
    Term("/2, /4 …", "stride: how far the window moves from one place to the next", r", /\d+\b"),
    Term("+1, +2 …", "padding: that many zeros around the image on each side", r", \+\d+\b"),
    Term("4x4/10/50", "short form: side and number of the filters, then hidden units",
         r"\d+x\d+/\d+/\d+"),
    Term("params", "numbers that are learned: weights, biases, scales and shifts",
         r"params|parameters"),
    Term("mult-adds", "multiplications with their additions for one image",
         r"mult(iply)?-adds|madds"),
    Term("flatten", "lays the values of all places and channels in one row; costs nothing"),
    # Training
    Term("update", "one step of all weights, from the gradient of one batch", r"updates?\b"),
    Term("epoch", "as many updates as it takes to see every training image once", r"epochs?\b"),
    Term("loss", "cross entropy: mean of -ln(probability of the right class)"),
    Term("validation", "images kept out of training, by which settings are chosen",
         r"valid(ation|\.|…)?\b"),
    Term("■ 85.2 %", "measured when a key stopped the run; counts for no best", r"■ +\d"),
    # Gradients
    Term("norm-wise", "||a - b|| / (||a|| + ||b||), a by hand and b by the reference; it decides"),
    Term("largest rel", "largest |a - b| / (|a| + |b|) of all entries", "largest rel|max rel"),
    Term("cosine", "a . b / (||a|| ||b||): 1 where both point the same way",
         r"cosine(?= +(flips|redrawn|v\^T))"),
    Term("flips", "winners of ReLU and pooling that are not the reference's: rounding turned them",
         "flips|FLIP"),
    Term("kink", "where ReLU or a maximum has no slope: differences across it mean nothing",
         r"kinks?\b|redrawn"),
    Term("v^T J u", "slope along random directions through the whole tensor, against the gradient",
         r"v\^T J u"),
    # Benchmark
    Term("its best", "PyTorch in the fastest of several ways to write the same network",
         "its best|x best"),
    Term("GEMM floor", "the time of the bare matrix products alone: nothing can be faster",
         "GEMM floor|over floor|/floor"),
    Term("x PyTorch", "PyTorch's time over this one: above 1 this network is faster",
         "x PyTorch|x torch"),
    Term("GFLOP/s", "thousand million multiplications and additions a second"),
    Term("published", "seconds of a whole run as published, NumPy : PyTorch, on other machines"),
    # Reproduce
    Term("±", "sample standard deviation over the seeds"),
)  # fmt: skip


def on_screen(text: str) -> list[Term]:
    """Return the terms that occur in a text, in the order of the table."""
    return [term for term in TERMS if re.search(term.pattern or re.escape(term.word), text)]
