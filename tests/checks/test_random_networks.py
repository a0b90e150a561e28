"""Gradient checks of random networks against PyTorch and numerical references."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.checks import kinks, torch_reference
from core.checks.compare import compare, normwise
from core.checks.probes import Prober
from core.checks.settings import CheckSettings
from core.checks.subject import Material, Subject
from tests.checks.networks import Case, networks

pytest.importorskip("torch", reason="PyTorch is not installed; the comparison with it needs it")


def torch_pass(material: Material, subject: Subject) -> torch_reference.TorchPass:
    names = subject.network.names
    return torch_reference.differentiate(
        material.specs,
        {name: subject.tensor(name) for name in names},
        subject.decays,
        subject.x,
        material.labels,
        material.smoothing,
        material.weight_decay,
        subject.masks(),
    )


def both(material: Material, dtype: Any) -> tuple[Subject, dict[str, Any], Any]:
    subject = Subject(material, dtype)
    ours = subject.gradients()
    return subject, ours, torch_pass(material, subject)


@settings(max_examples=500)
@given(networks())
def test_drawn_networks_agree_with_pytorch_in_double_precision(case: Case) -> None:
    subject, ours, theirs = both(case.material(), np.float64)
    assert set(ours) == set(theirs.gradients)
    assert kinks.flips(subject.decisions(), theirs.decisions).sum() == 0
    for name, gradient in ours.items():
        assert gradient.shape == theirs.gradients[name].shape
        far = np.abs(gradient - theirs.gradients[name]).max()
        # If one normalisation cancels what another has added, only rounding errors remain.
        assert normwise(gradient, theirs.gradients[name]) <= 1e-10 or far <= 1e-14, name


@settings(max_examples=100)
@given(networks())
def test_drawn_networks_pass_or_flip_in_single_precision(case: Case) -> None:
    subject, ours, theirs = both(case.material(), np.float32)
    flips = kinks.flips(subject.decisions(), theirs.decisions).sum()
    for name, gradient in ours.items():
        assert gradient.dtype == np.float32
        # More than the tolerance of the check: the gradient of a layer of one unit is one sum,
        # and where its terms nearly cancel, their rounding is what is left.
        far = np.abs(gradient - theirs.gradients[name]).max()
        close = normwise(gradient, theirs.gradients[name]) <= 1e-4 or far <= 1e-6
        assert close or flips, name


@settings(max_examples=60)
@given(networks(), st.sampled_from(("complex", "central")))
def test_drawn_networks_agree_with_their_own_forward_pass(case: Case, reference: str) -> None:
    check = CheckSettings.of({"reference": reference, "entries": 5, "directions": 2})
    material = case.material()
    ours = Subject(material, np.float64)
    gradients = ours.gradients()
    prober = Prober(material, check, ours)
    for name, gradient in gradients.items():
        found = prober.probe(name)
        if not len(found.places):
            assert found.redrawn  # a tensor that lies in kinks altogether
            continue
        measured = compare(gradient, found.values, check.eps, found.places)
        # If all units are dead, only rounding errors remain.
        assert measured.normwise <= check.tolerance or measured.max_absolute <= 1e-10, name
        np.testing.assert_allclose(found.forward, found.backward, rtol=1e-6, atol=1e-8)
