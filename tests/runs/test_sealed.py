"""Records with valid checksums and invalid values are reported as such."""

from math import inf, nan
from typing import Any

import numpy as np
import pytest

from core.errors import DamagedError
from core.runs import queries
from core.runs.store import Store
from tests.runs.sealing import seal, sentence, two_runs


@pytest.fixture
def kept() -> Store:
    return two_runs()


def told(kept: Store, changes: dict[str, Any]) -> str:
    assert seal(kept.root, "runs", "number = 1", changes)
    with pytest.raises(DamagedError) as caught:
        kept.runs()
    return sentence(caught.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"started": 1e300}, "'started' of run number 1 cannot be"),
        ({"started": inf}, "'started' of run number 1 cannot be"),
        ({"seconds": -1.0}, "'seconds' of run number 1 cannot be"),
        ({"total": "y"}, "'total' of run number 1 cannot be"),
        ({"total": 0}, "'total' of run number 1 cannot be"),
        ({"updates_per_epoch": 0}, "'updates_per_epoch' of run number 1 cannot be"),
        ({"updates": -1}, "'updates' of run number 1 cannot be"),
        ({"updates": 41}, "cannot have taken 41 updates of 40"),
        ({"evaluations": 2**60}, "'evaluations' of run number 1 cannot be"),
        ({"result": None}, "cannot have finished without a result"),
        ({"result": "{}"}, "is missing or unknown"),
        ({"result": "NaN"}, "'result' of run number 1 cannot be"),
        ({"settings": '{"eta_max": {"a": 1}}'}, "'eta_max' cannot be a table"),
        ({"settings": '{"eta_max": "high"}'}, "'eta_max' cannot be 'high'"),
        ({"settings": '{"x": [[]]}'}, "'x' cannot be a list"),
        ({"machine": '{"cpu": []}'}, "'cpu' cannot be a list"),
        ({"machine": "[]"}, "'machine' of run number 1 cannot be"),
        ({"best_update": None}, "half of a best accuracy"),
        ({"best_accuracy": 1.5}, "'best_accuracy' of run number 1 cannot be"),
        ({"state": "crashed"}, "cannot have written that it crashed"),
        ({"marked": 7}, "'marked' of run number 1 cannot be"),
        ({"name": "x" * 200_000}, "'name' of run number 1 cannot be"),
        ({"id": "x" * 300}, "'id' of run number 1 cannot be"),
        ({"note": b"\xff"}, "'note' of run number 1 cannot be"),
    ],
)
def test_what_no_run_has_is_told(kept: Store, changes: dict[str, Any], words: str) -> None:
    assert words in told(kept, changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"at": 1e300}, "'at' of event 1"),
        ({"at": -1.0}, "'at' of event 1"),
        ({"update": -1}, "'update' of event 1"),
        ({"kind": "x" * 5000}, "'kind' of event 1"),
        ({"content": "5"}, "'content' of event 1"),
        ({"content": '{"changes": 5}'}, "the changes cannot be 5"),
        ({"content": '{"changes": {"eta_max": []}}'}, "'eta_max' cannot be a list"),
        ({"content": '{"changes": {"eta_max": 99}}'}, "has edits that cannot be"),
        ({"content": '{"changes": {"seed": 5}}'}, "it cannot change while a run trains"),
        ({"content": "{}"}, "an edit of arch-2-2 has no changes"),
        ({"content": b"{}"}, "expected text, not bytes"),
        ({"update": 4000}, "update 4000 is not from 0 to 39"),
    ],
)
def test_what_no_edit_is_is_told(kept: Store, changes: dict[str, Any], words: str) -> None:
    run = kept.runs()[0]
    assert seal(kept.root, "events", "run = 2 AND number = 1", changes)
    for ask in (kept.edits, kept.history):
        with pytest.raises(DamagedError, match="is damaged") as caught:
            ask(run)
        assert words in str(caught.value)


def test_points_of_another_type_are_told(kept: Store) -> None:
    assert seal(kept.root, "chunks", "run = 1 AND kind = 'updates'", {"points": "text"})
    with pytest.raises(DamagedError, match="points are of another type"):
        kept.history(kept.runs()[1])


def test_an_error_of_this_program_is_not_taken_for_damage(
    kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "from_row", lambda row: row.no_such_attribute)
    with pytest.raises(AttributeError):
        kept.runs()


@pytest.mark.parametrize("at", [nan, inf, 30.5, 41.0])
def test_an_evaluation_of_no_update_is_told(kept: Store, at: float) -> None:
    table = np.array([[10.0, 20, 30, 40], *[[0.5] * 4] * 4])
    table[0, 3] = at
    changes = {"points": table.tobytes()}
    assert seal(kept.root, "chunks", "run = 1 AND kind = 'evaluations'", changes)
    with pytest.raises(DamagedError, match="evaluations of arch-2-1"):
        kept.history(kept.runs()[1])


def test_names_do_not_steer_a_terminal(kept: Store) -> None:
    assert seal(kept.root, "runs", "number = 1", {"name": "a\x1b[2J", "note": "two\nlines\x07"})
    run = kept.runs()[1]
    assert (run.name, run.note) == ("a�[2J", "two\nlines�")
