"""What is printed while a study runs."""

import io
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from core.runs.studies.records import TrialState
from core.sweeps.execution.executor import AtWork
from core.sweeps.execution.progress import Best, Progress
from tests.runs.studies.made import trial
from tests.sweeps.at_work import HALVING, study
from tests.sweeps.execution.test_agenda import RECORD
from tui.cli import progress_bar
from tui.cli.sweep import bar, text

MADE = study(trials=4, **HALVING)
FIRST = trial(RECORD, 0, state=TrialState.RUNNING, settings={"eta_max": 0.018, "batch_size": 20})
WORKERS = (AtWork("w1", "here", "trial 0, seed 0", (0, 0)), AtWork("w2", "here", "idle"))


def progress(*trials: Any, **values: Any) -> Progress:
    usual = {"workers": (), "best": None, "images_per_second": 0.0, "to_go": None}
    return Progress(RECORD, trials, **{**usual, **values})


def ended(**values: Any) -> str:
    return text.ended(MADE, replace(FIRST, seconds=12.3, **values))


def test_a_trial_that_is_over_is_a_line_with_what_it_tried_and_how_far_it_came() -> None:
    what = "trial 0, seed 0 (eta_max 0.018, batch_size 20)"
    finished = {"state": TrialState.FINISHED, "rung": 3, "accuracy": 0.5578}
    assert ended(**finished, reason="trained to the end") == (
        f"{what}: finished, 55.8 % at the end, 12 s"
    )
    pruned = {"state": TrialState.PRUNED, "rung": 1, "accuracy": 0.3}
    why = "place 3 of 4 at rung 1, 2 go on"
    assert ended(**pruned, reason=why) == f"{what}: pruned, 30.0 % at rung 1 of 3, 12 s; {why}"
    diverged = ended(state=TrialState.DIVERGED, reason="diverged before rung 1")
    assert diverged == f"{what}: diverged, 12 s; diverged before rung 1"
    lost = ended(state=TrialState.FAILED, reason="its worker died 3 times")
    assert lost == f"{what}: failed, 12 s; its worker died 3 times"


def test_without_a_terminal_there_is_a_line_for_each_trial_and_remark(
    capsys: pytest.CaptureFixture[str],
) -> None:
    over = replace(FIRST, state=TrialState.FINISHED, rung=3, accuracy=0.5)
    with bar.StudyBar(MADE) as shown:
        shown.show(progress(FIRST, workers=WORKERS))
        shown.show(progress(FIRST, notes=("worker w2 died",)))
        shown.show(progress(over))
        shown.show(progress(over))
    out, err = capsys.readouterr()
    assert not out
    assert err.splitlines() == [
        "study rates: 5 trainings",
        "worker w2 died",
        "trial 0, seed 0 (eta_max 0.018, batch_size 20): finished, 50.0 % at the end, 0 s",
    ]


def test_how_far_it_is_in_words() -> None:
    best = Best(replace(FIRST, number=3), 0.5578, 2)
    at = progress(
        replace(FIRST, state=TrialState.PRUNED), best=best, images_per_second=12345.0, to_go=185.0
    )
    # Four trials and the second seed of one finalist.
    assert bar.in_words(MADE, at) == (
        "1 of 5 trainings, best 55.8 % (trial 3), 12,345 images/s, 3 m 05 s to go"
    )


def test_a_terminal_shows_who_works(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(
        progress_bar, "Console", lambda **_: Console(file=out, force_terminal=True, width=80)
    )
    with bar.StudyBar(MADE) as shown:
        shown.show(progress(FIRST, workers=WORKERS, share=0.42))
    assert "42 %" in out.getvalue()
    assert "0 of 5 trainings" in out.getvalue()
    assert "worker w1: trial 0, seed 0" in out.getvalue()
    assert "w2" not in out.getvalue()
