"""Studies played through on recorded curves."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from bench import halving
from core.errors import UserError
from core.sweeps.definition.study import Study
from core.sweeps.simulate import Curve, read, simulate
from tests.sweeps.made import study

ROOT = Path(__file__).parents[2]
STUDY = ROOT / "docs" / "studies" / "best-short.toml"
AGAIN = STUDY.with_name("best-short-again.toml")
CURVES = ROOT / "tests" / "fixtures" / "studies" / "small-curves.csv"
"""Validation accuracies of the 24 trials of best-short, measured with the network 4x4/10/50."""


@pytest.mark.parametrize(
    ("definition", "recorded"),
    [(STUDY, CURVES), (AGAIN, AGAIN.with_name("best-short-again-curves.csv"))],
    ids=["small network", "best-short"],
)
def test_halving_finds_nearly_the_best_for_a_part_of_the_updates(
    definition: Path, recorded: Path
) -> None:
    made = Study.read(definition).changed(pruning="halving")
    curves = read(recorded)
    played = {simulate(made, curves, np.random.default_rng(order)) for order in range(20)}
    assert len(played) == 1, "the order of results changes nothing"
    (one,) = played
    assert one.regret <= 0.3
    assert one.share <= 0.4


def test_without_pruning_all_is_trained_and_the_best_is_found() -> None:
    made = Study.read(STUDY)
    one = simulate(made, read(CURVES), np.random.default_rng(0))
    assert (one.regret, one.share) == (0, 1)


def test_what_is_lost_and_trained_is_counted() -> None:
    made = study(
        trials=4, finalists=1, pruning={"kind": "halving", "first": 0.5, "factor": 2}, epochs=2
    )
    # Number 3 would be the best, but is the worst halfway.
    ends = [0.50, 0.52, 0.51, 0.60]
    halfway = [0.45, 0.44, 0.43, 0.30]
    curves = {k: Curve((50, 100), (halfway[k], ends[k])) for k in range(4)}
    one = simulate(made, curves, np.random.default_rng(0))
    assert one.best == 1
    assert one.regret == pytest.approx(8)
    assert one.share == pytest.approx((4 * 50 + 2 * 50) / 400)
    with pytest.raises(ValueError, match="the study has 4 trials, not the 3 with curves"):
        simulate(made, {k: curves[k] for k in range(3)}, np.random.default_rng(0))


def test_curves_are_read_from_csv_and_json(tmp_path: Path) -> None:
    rows = [{"trial": 0, "update": 20, "validation_accuracy": 0.5, "more": 1},
            {"trial": 0, "update": 10, "validation_accuracy": 0.4}]  # fmt: skip
    path = tmp_path / "curves.json"
    path.write_text(json.dumps(rows))
    curve = read(path)[0]
    assert curve == Curve((10, 20), (0.4, 0.5))
    assert [curve.at(update) for update in (5, 10, 19, 20, 99)] == [0.4, 0.4, 0.4, 0.5, 0.5]
    table = tmp_path / "curves.csv"
    table.write_text("trial,update,validation_accuracy\n0,20,0.5\n0,10,0.4\n")
    assert read(table) == read(path)


@pytest.mark.parametrize(
    "text", ["", "trial,update\n0,1\n", "trial,update,validation_accuracy\na,b,c\n"]
)
def test_what_holds_no_curves_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "curves.csv"
    path.write_text(text)
    with pytest.raises(UserError, match="holds no curves"):
        read(path)


def test_the_script_says_what_is_lost_and_saved(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["halving", str(STUDY), str(CURVES)]
    monkeypatch.setattr(sys, "argv", arguments)
    halving.main()
    assert "regret 0." in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", [*arguments, "--first", "0.5", "--factor", "2"])
    with pytest.raises(SystemExit, match=r"more than 0\.3 points or 40 %"):
        halving.main()
    monkeypatch.setattr(sys, "argv", ["halving", "missing.toml", str(CURVES)])
    with pytest.raises(SystemExit, match=r"cannot read missing\.toml"):
        halving.main()


def test_curves_of_other_seeds_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "curves.csv"
    rows = ["0,1,10,0.4", "0,1,20,0.5", "0,2,10,0.9", "1,1,10,0.3"]
    path.write_text("\n".join(["trial,seed,update,validation_accuracy", *rows]))
    assert read(path) == {0: Curve((10, 20), (0.4, 0.5)), 1: Curve((10,), (0.3,))}
