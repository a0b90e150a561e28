"""How long trials are, and what is said where that is not what their study says."""

from pathlib import Path

import pytest

from core.data.dataset import Dataset
from tests.sweeps.at_work import study, swept
from tests.sweeps.made import study as other

WHOLE = "half a cycle takes a whole number of updates, and its schedule has"


def test_a_length_that_is_kept_is_said_without_a_reason() -> None:
    made = other(epochs=None, updates=1200)
    assert made.length_in_words("cifar10", 45_000) == "a trial trains 1,200 updates"


@pytest.mark.parametrize(
    ("cycles", "trained", "words"), [(3, 198, "3 cycles"), (1, 200, ""), (7, 196, "7 cycles")]
)
def test_a_length_that_is_not_kept_is_said_with_the_reason(
    cycles: int, trained: int, words: str
) -> None:
    made = other(epochs=None, updates=200, fixed={"cycles": cycles})
    said = made.length_in_words("cifar10", 45_000)
    assert made.experiment(made.drawn(0), 0).total_updates == trained
    reason = f", not 200: {WHOLE} {words}" if words else ""
    assert said == f"a trial trains {trained} updates{reason}"


def test_trials_of_different_lengths_have_a_range() -> None:
    said = other(epochs=2, fixed={"cycles": 1}).length_in_words("cifar10", 45_000)
    assert said == "a trial trains 450 to 1,800 updates"


def test_it_is_said_when_a_study_begins(small: Dataset, tmp_path: Path) -> None:
    sweep = swept(small, tmp_path, study(trials=1, finalists=0, seeds=[0], updates=9))
    (run,) = sweep.store.runs()
    assert run.total != 9
    assert any(f"a trial trains {run.total} updates, not 9: " in each for each in sweep.notes)
