"""Tests that Hypothesis generates the same examples in every run."""

import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


def drawn() -> list[str]:
    """Return the examples of a test."""
    seen: list[str] = []

    @settings(max_examples=200)
    @given(st.integers() | st.text())
    def look(example: object) -> None:
        seen.append(repr(example))

    look()
    return seen


def test_nothing_is_random_and_nothing_is_remembered() -> None:
    assert settings.get_current_profile_name() == "same"
    for each in (settings(), settings(max_examples=3)):
        assert each.derandomize
        assert each.database is None
        assert each.deadline is None


def test_what_is_drawn_does_not_depend_on_what_was_imported_before(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = drawn()
    assert len(before) == 200
    path = tmp_path / "late.py"
    path.write_text("\n".join(f"A{n}, B{n} = 'word {n}', {10**6 + n}" for n in range(99)))
    late = ModuleType("late")
    late.__file__ = str(path)
    monkeypatch.setitem(sys.modules, "late", late)
    assert drawn() == before
