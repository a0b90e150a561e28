"""Verdicts on claims: each claim can hold, and each can fail."""

from pathlib import Path

import pytest

from core.reproduce.claims import CLAIMS, Verdict, judge
from core.reproduce.plan import StudySettings, jobs
from core.reproduce.published import agrees
from core.reproduce.results import Findings, Measured, look
from core.reproduce.study import Study
from core.runs.session import store
from tests.reproduce import made
from tests.reproduce.made import FULL, QUICK, cifar10_of, complete, measured, record

HELD, NOT_HELD, NOT_JUDGED = Verdict.HELD, Verdict.NOT_HELD, Verdict.NOT_JUDGED


@pytest.fixture(autouse=True)
def cifar10(convsole_home: Path) -> None:
    cifar10_of(convsole_home / "data")


def study(settings: StudySettings = FULL, **changes: dict[str, float]) -> Findings:
    """A complete study in which the results of some networks differ from `ENDS`."""
    kept = complete(store(), settings)
    for job in jobs(settings, "cifar10"):
        of = changes.get(job.recipe.name.replace("-", "_"))
        if of is not None:
            # Slightly different, so that the spread is not zero.
            record(job, store(), kept, **{part: v + 0.1 * job.seed for part, v in of.items()})
    return look(settings, None, store())


def verdicts(found: Findings) -> dict[str, Verdict]:
    return {one.claim.name: one.verdict for one in judge(found)}


def test_all_hold_where_the_numbers_are_as_published() -> None:
    found = study()
    assert set(verdicts(found).values()) == {HELD}
    assert [one.claim for one in judge(found)] == list(CLAIMS)


@pytest.mark.parametrize(
    ("claim", "changes"),
    [
        ("scaling", {"arch_4": {"test": 60.0}}),
        ("scaling", {"arch_3": {"test": 56.0}}),
        ("scaling", {"arch_1": {"test": 57.0}}),
        ("expanding", {"final_constant": {"test": 69.5}}),
        ("smoothing", {"final_smoothed": {"test": 60.0}}),
        ("smoothing", {"final_smoothed": {"train": 99.9, "test": 64.0}}),
    ],
)
def test_one_that_does_not_hold(claim: str, changes: dict[str, dict[str, float]]) -> None:
    found = verdicts(study(**changes))
    assert found.pop(claim) is NOT_HELD
    assert set(found.values()) == {HELD}


def test_a_difference_within_the_spread_does_not_count() -> None:
    kept = complete(store())
    better = (69.9, 67.8, 69.4)  # final has about 68.9: above it once, below it twice
    for job in jobs(FULL, "cifar10"):
        if job.recipe.name == "final-constant":
            record(job, store(), kept, test=better[job.seed] - 0.5)
    found = look(FULL, None, store())
    beyond = found.beyond("final", "final-constant", "test")
    assert beyond is not None
    assert 0 < beyond.mean < beyond.margin
    assert verdicts(found)["expanding"] is NOT_HELD


def test_of_one_seed_a_difference_must_exceed_that_of_chance() -> None:
    one = FULL.changed(seeds=1)
    assert verdicts(study(one, final_constant={"test": 67.0}))["expanding"] is HELD
    assert verdicts(study(one, final_constant={"test": 68.0}))["expanding"] is NOT_HELD


@pytest.mark.parametrize(
    "milliseconds",
    [{"arch-6": (1.7, 1.61)}, {"arch-5": (1.08, 1.12)}, {"arch-7": (3.5, 4.0)}],
    ids=["slower", "too close", "dearer to widen"],
)
def test_a_wide_layer_that_puts_numpy_behind(
    milliseconds: dict[str, tuple[float, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made, "UPDATE_MS", made.UPDATE_MS | milliseconds)
    assert verdicts(study())["width"] is NOT_HELD


def test_the_published_seconds_stand_beside_the_fourth_claim() -> None:
    judged = next(one for one in judge(study()) if one.claim.name == "width")
    assert "arch-5 0.59 (0.77), arch-6 0.60 (0.51), arch-7 0.46 (0.58)" in judged.evidence
    assert "noisy" not in judged.evidence
    assert "0.51 to 0.77 of its time" in judged.claim.statement
    assert "longer by 22 and 17 s, in PyTorch by 148 and 144 s" in judged.claim.statement


def test_what_is_not_there_is_not_judged() -> None:
    kept = Study.of("full")
    for job in jobs(FULL, "cifar10"):
        if (job.recipe.name, job.seed) != ("final", 2):
            record(job, store(), kept)
    found = judge(look(FULL, None, store()))
    assert {one.claim.name: one.verdict for one in found} == {
        "scaling": HELD, "expanding": NOT_JUDGED, "smoothing": HELD, "width": NOT_JUDGED
    }  # fmt: skip
    assert found[1].evidence == "runs are missing: final"
    measured(kept, torch=False)
    assert verdicts(look(FULL, None, store()))["width"] is NOT_JUDGED


def test_a_quick_look_judges_nothing() -> None:
    complete(store(), QUICK)
    found = look(QUICK, None, store())
    assert found.finished
    assert set(verdicts(found).values()) == {NOT_JUDGED}


def test_when_an_accuracy_is_reproduced() -> None:
    assert agrees("test", 69.13, 67.7)
    assert not agrees("test", 69.13, 67.6)
    assert agrees("train", 54.38, 60.0)
    assert agrees("validation", 70.8, 66.9)
    assert not agrees("validation", 70.8, 66.7)
    assert not agrees("validation", 51.1, 55.2)


def test_mean_spread_and_margin() -> None:
    three = Measured((1.0, 2.0, 6.0))
    assert (three.mean, three.spread) == (3.0, pytest.approx(7**0.5))
    assert three.margin == pytest.approx(2 * (7 / 3) ** 0.5)
    alone = Measured((4.0,))
    assert (alone.spread, alone.margin) == (None, 1.4)


def test_rows_lay_measured_beside_published() -> None:
    found = study(arch_1={"train": 50.0})
    row = found.row("arch-1", "train")
    assert row.measured == Measured(tuple(map(pytest.approx, (50.0, 50.1, 50.2))))
    assert row.difference == pytest.approx(-4.28)
    assert row.agrees is False
    assert [row.agrees for row in found.rows()].count(True) == 14
