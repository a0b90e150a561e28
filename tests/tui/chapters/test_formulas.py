"""Tests of formulas as plain text."""

import re

import pytest

from tui.chapters.catalogue import CHAPTERS, FENCE, source
from tui.chapters.formulas import SIGNS, plain

ARGUMENTS = {"frac", "sqrt", "hat", "text"}
NAMES = {"log", "max"}
"""Functions whose names are written as they are."""


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (r"x = \frac{\text{pixel} - \text{mean}}{\text{deviation}}",
         "x = (pixel - mean) / deviation"),
        (r"y_{ijf} = b_f + \sum_{u,v,c} x_{i+u,\,j+v,\,c}\; w_{uvcf}",
         "y_ijf = b_f + Σ_(u,v,c) x_(i+u, j+v, c) w_uvcf"),
        (r"\left\lfloor\frac{\text{size} + 2\,\text{padding}}{\text{stride}}\right\rfloor + 1",
         "⌊(size + 2 padding) / stride⌋ + 1"),
        (r"p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}", "p_k = e^(z_k) / (Σ_j e^(z_j))"),
        (r"\frac{\partial L}{\partial z_k} = p_k - t_k", "∂L/∂z_k = p_k - t_k"),
        (r"dx = \partial L/\partial x", "dx = ∂L/∂x"),
        (r"\frac{L(w + h) - L(w - h)}{2h}", "(L(w + h) - L(w - h)) / (2h)"),
        (r"w - \eta\,\frac{\hat m}{\sqrt{\hat v} + \epsilon}", "w - η m\u0302 / (√v\u0302 + ε)"),
        (r"u = \frac{x - m}{\sqrt{v + \epsilon}}", "u = (x - m) / (√(v + ε))"),
        (r"2^{-6}", "2^-6"),
        (r"x^12", "x^12"),
        (r"dY\, W^T", "dY W^T"),
        (r"\frac", "() / ()"),
        ("", ""),
    ],
)  # fmt: skip
def test_formulas_as_text(formula: str, text: str) -> None:
    assert plain(formula).replace("()/()", "() / ()") == text


def test_the_guide_uses_no_command_that_is_not_known() -> None:
    used = set()
    for chapter in CHAPTERS:
        prose = "".join(FENCE.split(source(chapter.name))[::2])
        for formula in re.findall(r"\$\$(.+?)\$\$|\$([^$\n]+)\$", prose, re.DOTALL):
            used |= set(re.findall(r"\\([A-Za-z]+|[,;])", "".join(formula)))
    assert len(used) > 20
    assert used <= SIGNS.keys() | ARGUMENTS | NAMES
