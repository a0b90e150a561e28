"""Fixtures of the tests of figures."""

import pytest

from core.figures import page


@pytest.fixture(autouse=True)
def pictures_are_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw at a third of the resolution, which takes two thirds of the time."""
    monkeypatch.setattr(page, "DPI", 100)
