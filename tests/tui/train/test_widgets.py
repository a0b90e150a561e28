"""Tests of the computations of the Train pane's widgets."""

from dataclasses import replace
from itertools import pairwise
from math import isclose, isnan, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config.experiment import Experiment
from core.figures import page
from core.figures import run as figures
from core.runs.session import Session
from core.training.events import Edited, Evaluated, Finished, Result, Started, UpdateDone
from core.training.smoothing import decay_factor, smoothed
from core.training.thinning import thinned
from core.training.timeline import Edit
from tui.train import text as run_text
from tui.train.pace import Pace
from tui.train.view import RunReader
from tui.widgets import axis
from tui.widgets.curve_drawing import spaced
from tui.worker.messages import JobState

finite = st.floats(-1e6, 1e6)


def test_the_pace_looks_back_on_the_last_moments_only():
    pace = Pace(span=2.0)
    assert isnan(pace.per_second)
    for second in range(10):
        pace.add(float(second), 100 * second if second < 5 else 400 + 10 * (second - 4))
    assert pace.per_second == pytest.approx(10)
    pace.clear()
    assert isnan(pace.per_second)


def test_the_axis_of_updates_grows_in_steps():
    assert [axis.updates_shown(done, 4800) for done in (0, 600, 601, 2400, 2401, 4800)] == [
        600, 600, 1200, 2400, 4800, 4800,
    ]  # fmt: skip


@given(st.lists(st.integers(0, 1000), unique=True, max_size=50), st.integers(1, 100))
def test_markers_keep_their_distance_and_stay_where_they_are(positions, gap):
    x = np.array(sorted(positions), dtype=float)
    at = [x[row] for row in spaced(x, gap)]
    assert not len(x) or at[0] == x[0]
    assert all(b - a >= gap for a, b in pairwise(at))
    half = x[: len(x) // 2]
    assert at[: len(spaced(half, gap))] == [half[row] for row in spaced(half, gap)]


def started(updates: int = 1000, **settings: object) -> Session:
    session = Session(Experiment.of({"name": "small", "max_updates": updates, **settings}))
    every = session.experiment.evaluate_every
    session.history.add(Started("synthetic", "built in", 10, updates, 100, 50, 0, every))
    return session


def test_a_view_does_not_change_while_the_history_grows():
    session = started()
    reader = RunReader(session)
    assert reader.view().done == 0
    for update in range(1, 301):
        session.history.add(UpdateDone(update, 0.1, 2.0 / update, 3.0))
    session.history.add(Evaluated(300, 1.0, 0.5, nan, 0.1))
    session.history.add(Evaluated(400, 1.0, 0.5, 1.5, 0.4))
    session.history.add(Evaluated(500, 1.0, 0.5, 1.5, 0.3))
    session.history.add(Evaluated(501, 1.0, 0.5, 1.5, 0.9))  # the evaluation at the stop
    view = reader.view()
    for update in range(301, 3000):
        session.history.add(UpdateDone(update, 0.1, 5.0, 3.0))
    reader.view()
    assert (view.done, view.epoch, view.best) == (300, 3.0, (0.4, 400))
    assert view.evaluated.tolist() == [300, 400, 500]
    assert view.at_stop is not None
    assert view.at_stop["validation_accuracy"] == 0.9
    assert run_text.best(view)[0] == "best 40.0 % at 400 · at the stop 90.0 %"
    _, _, above, _ = run_text.glances(view, False)["validation"]
    assert above[0] == "validation 30.0 %"
    assert len(view.update) == len(view.loss) == 300
    assert view.loss.max() <= 2.0


@pytest.mark.parametrize("done", [3000, 41_000])
def test_the_screen_shows_the_numbers_that_the_exported_figure_does(done):
    session = started(41_000, half_cycle=20_500)
    rng = np.random.default_rng(0)
    for update, loss in enumerate((1 + rng.random(done)).tolist(), 1):
        session.history.add(UpdateDone(update, 0.1, loss, loss + 0.4))
    reader = RunReader(session)
    reader.view()
    view = reader.view()
    lines = figures.loss_figure(session.history, "").axes[0].lines
    [drawn] = [line for line in lines if line.get_label() == "training, smoothed over 500"]
    assert view.span == 500
    x, y = thinned(view.update, view.loss, page.BUCKETS)
    assert np.array_equal(drawn.get_xdata(), x)
    assert drawn.get_ydata() == pytest.approx(y, rel=1e-12)
    few_x, few_y = thinned(view.update, view.loss, 78)  # thinned to the number of columns
    assert np.interp(few_x, view.update, view.loss) == pytest.approx(few_y, rel=1e-12)
    assert (few_x[0], few_x[-1], few_y.min(), few_y.max()) == (x[0], x[-1], y.min(), y.max())


def test_a_run_that_an_edit_makes_longer_is_smoothed_over_more_from_its_start():
    session = started(4800)
    for update in range(1, 3001):
        session.history.add(UpdateDone(update, 0.1, 1 + update % 7, 1.0))
    reader = RunReader(session)
    assert reader.view().span == 50
    session.history.add(Edited(Edit(3000, {"cycles": 9}), 41_000))
    view = reader.view()
    assert view.span == 500
    assert view.loss == pytest.approx(
        smoothed(session.history.updates.read()["loss"], decay_factor(500))
    )


def test_the_cycle_is_said_in_words():
    session = started(half_cycle=200, cycles=2)
    assert RunReader(session).view().cycle == "cycle 1 of 2"
    for update in range(1, 402):
        session.history.add(UpdateDone(update, 0.1, 1.0, 1.0))
    assert RunReader(session).view().cycle == "cycle 2 of 2"
    assert RunReader(started(schedule="constant")).view().cycle == "constant"


def result(updates: int) -> Result:
    return Result("small", "synthetic", 0, updates, 2.0, 10, 0.61, 0.54, 0.56, 1.0, 1.3)


def test_a_stop_before_the_first_evaluation_is_no_best():
    session = started()
    session.history.add(Evaluated(50, 1.0, 0.5, 1.5, 0.123))
    view = RunReader(session).view()
    assert view.best is None
    assert run_text.best(view) == ["at the stop 12.3 %"]


def test_a_title_says_what_was_measured_at_a_stop_before_it_leaves_out_the_rest():
    numbers = ("training", "35.5 %"), ("validation", "34.1 %")
    made = run_text.titles("Accuracy", *numbers, at_stop="37.0 %")
    assert made[0] == "Accuracy ─ training 35.5 % · validation 34.1 % · at the stop 37.0 %"
    assert made[1] == "Accuracy ─ validation 34.1 % · at the stop 37.0 %"
    assert made[2:] == run_text.titles("Accuracy", *numbers)


def test_the_test_accuracy_says_where_it_was_measured():
    assert run_text.tested(result(2), 2) == ("test 56.0 %",)
    assert run_text.tested(result(1), 2) == (
        "test at the stop 56.0 %", "test at stop 56.0 %", "at stop 56.0 %"
    )  # fmt: skip
    unknown = replace(result(1), train_accuracy=nan, validation_accuracy=nan, test_accuracy=nan)
    assert run_text.tested(unknown, 2)[0] == "at the stop: not measured"
    session = started(updates=2)
    assert "at the stop: not measured" in run_text.describe(session, Finished(unknown, True))
    ends = "training 61.0 %, validation 54.0 %, test 56.0 %"
    assert f"at the stop: {ends}" in run_text.describe(session, Finished(result(1), True))
    assert ends in run_text.describe(session, Finished(result(2), False))


def test_each_state_has_its_word():
    session = started(updates=2)
    word = run_text.standing
    assert word(JobState.RUNNING, session, False)[1] == "runs"
    assert word(JobState.PAUSED, session, False)[1] == "paused"
    assert word(JobState.STOPPING, session, False)[1] == "stopping…"
    assert word(JobState.IDLE, session, True)[1] == "failed"
    session.history.add(UpdateDone(1, 0.1, 1.0, 1.0))
    session.history.add(UpdateDone(2, 0.1, 1.0, 1.0))
    assert word(JobState.RUNNING, session, False)[1] == "tests"
    session.history.add(Finished(result(2), False))
    assert word(JobState.RUNNING, session, False)[1] == "saves"
    assert word(JobState.IDLE, session, False)[1] == "finished"
    for other in (JobState.FETCHING, JobState.CHECKING, JobState.MEASURING, JobState.LOADING):
        assert word(other, session, False)[1] == "finished"
    session.history.add(Finished(result(1), True))
    assert word(JobState.IDLE, session, False)[1] == "stopped"
    signs = {word(state, session, False)[0] for state in JobState}
    assert len(signs) > 1


def test_the_progress_tells_the_time_to_go_only_while_it_runs():
    view = RunReader(started()).view()
    assert run_text.progress(view, ("●", "runs"), 100.0, nan)[0] == (
        "update 0 of 1,000 · epoch 0.0 · 10 s to go"
    )
    assert "… to go" in run_text.progress(view, ("●", "runs"), nan, nan)[0]
    assert run_text.progress(view, ("‖", "paused"), 100.0, nan)[0].endswith(" · paused")
    assert run_text.progress(view, ("✓", "finished"), 1.0, 3.6)[0].endswith("finished after 4 s")
    lengths = [len(words) for words in run_text.progress(view, ("●", "runs"), 1.0, nan)]
    assert lengths == sorted(lengths, reverse=True)
    assert isclose(view.fraction, 0)
