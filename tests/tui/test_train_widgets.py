"""What the Train pane's widgets work out before they draw."""

from dataclasses import replace
from itertools import pairwise
from math import isclose, isnan, log10, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.experiment import Experiment
from core.runs.session import Session
from core.training.events import Evaluated, Finished, Result, Started, UpdateDone
from tui.jobs import JobState
from tui.widgets import axis, run_words, units
from tui.widgets.chart import spaced
from tui.widgets.run_view import RunReader
from tui.widgets.series import Pace, Smoother, smoothing_span, thinned

finite = st.floats(-1e6, 1e6)
anything = st.one_of(finite, st.sampled_from([nan, float("inf"), -float("inf")]))


@given(st.lists(anything, max_size=400), st.integers(1, 60))
def test_thinning_keeps_the_extremes_of_the_whole_and_invents_nothing(values, buckets):
    y = np.array(values, dtype=float)
    x = np.arange(len(y), dtype=float)
    few_x, few_y = thinned(x, y, buckets)
    assert len(few_x) <= 2 * buckets
    assert np.all(np.diff(few_x) > 0)
    assert np.array_equal(few_y, y[few_x.astype(int)])
    good = y[np.isfinite(y)]
    assert len(few_y) >= min(1, len(good))
    if len(good):
        assert (few_y.min(), few_y.max()) == (good.min(), good.max())


@given(st.lists(finite, min_size=1, max_size=400), st.integers(1, 30))
def test_every_bucket_keeps_its_minimum_and_maximum(values, buckets):
    y = np.array(values)
    few = set(thinned(np.arange(len(y)), y, buckets)[0].tolist())
    size = -(-len(y) // buckets)
    for start in range(0, len(y), size):
        part = y[start : start + size]
        kept = [y[row] for row in few if start <= row < start + size]
        assert (min(kept), max(kept)) == (part.min(), part.max())


def test_few_points_are_left_alone():
    x, y = np.arange(6.0), np.array([3.0, 1, 2, 5, 4, 0])
    assert np.array_equal(thinned(x, y, 3)[1], y)


@given(st.lists(anything, max_size=60), st.integers(1, 20), st.data())
def test_the_smoother_gives_the_same_in_pieces_as_at_once(values, span, data):
    y = np.array(values, dtype=float)
    cut = data.draw(st.integers(0, len(values)))
    smoother = Smoother(span)
    first = smoother.extend(y[:cut]).copy()
    pieces = smoother.extend(y)
    assert np.array_equal(pieces, Smoother(span).extend(y), equal_nan=True)
    assert np.array_equal(pieces[:cut], first, equal_nan=True)


def test_the_smoother_is_a_weighted_mean_without_a_bias_to_zero():
    smoothed = Smoother(2).extend(np.array([4.0, 1.0, nan, 2.0]))
    expected = [4.0, (2 * 1 + 4) / 3, (2 * 1 + 4) / 3, (4 * 2 + 2 * 1 + 4) / 7]
    assert smoothed == pytest.approx(expected)
    long = Smoother(50).extend(np.full(3000, 7.0))
    assert long == pytest.approx(np.full(3000, 7.0))


@pytest.mark.parametrize(("updates", "span"), [(1, 1), (159, 1), (4800, 50), (24_000, 200)])
def test_longer_runs_are_smoothed_over_more(updates, span):
    assert smoothing_span(updates) == span


def test_the_pace_looks_back_on_the_last_moments_only():
    pace = Pace(span=2.0)
    assert isnan(pace.per_second)
    for second in range(10):
        pace.add(float(second), 100 * second if second < 5 else 400 + 10 * (second - 4))
    assert pace.per_second == pytest.approx(10)
    pace.clear()
    assert isnan(pace.per_second)


@given(finite, finite, st.integers(3, 40))
def test_an_axis_holds_its_values_and_its_ticks(one, other, height):
    low, high = min(one, other), max(one, other)
    values = axis.values(low, high, height, "loss")
    slack = 1e-6 * max(1, abs(low), abs(high))
    assert values.low <= low + slack
    assert values.high >= high - slack
    assert values.low < values.high
    assert all(values.low - slack <= tick <= values.high + slack for tick in values.ticks)
    assert len(values.ticks) == len(values.labels) <= 9


@given(st.floats(1e-6, 1e6), st.floats(1, 1e6), st.integers(3, 40))
def test_a_logarithmic_axis_holds_its_values_and_its_ticks(low, factor, height):
    values = axis.values(low, low * factor, height, "loss", log=True)
    assert values.low < log10(low) <= log10(low * factor) < values.high + 1e-12
    assert all(values.low - 1e-9 <= tick <= values.high + 1e-9 for tick in values.ticks)
    assert len(values.ticks) == len(values.labels) <= 9


def test_ticks_are_round_and_say_their_unit():
    assert axis.values(1.1, 2.3, 12, "loss").labels == ("1.0", "1.5", "2.0", "2.5")[:4]
    for one in (0.0, 24.1, 45.5, 100.0):
        around = axis.values(one, one, 14, "percent")
        assert 0 <= around.low <= one < around.high
        assert one == 0 or around.low < one
        assert 2 <= len(set(around.labels)) == len(around.labels)
    assert axis.values(0.05, 0.05, 14, "rate").low == pytest.approx(0.045)
    assert axis.values(41, 62, 9, "percent").labels == ("40 %", "50 %", "60 %")
    assert axis.values(0.01, 40, 18, "loss", log=True).ticks[-1] == pytest.approx(log10(10))


@given(st.integers(1, 10**7), st.integers(10, 200))
def test_the_last_update_is_always_labelled_and_nothing_overlaps_it(last, width):
    updates = axis.updates(last, width)
    assert updates.labels[-1] == f"{last:,} updates"
    assert updates.ticks[-1] == last
    column = width / last
    for tick, label in zip(updates.ticks[:-1], updates.labels[:-1], strict=True):
        assert tick * column + len(label) / 2 < width - len(updates.labels[-1])


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


def test_numbers_have_units_and_missing_ones_say_so():
    assert units.percent(0.5434) == "54.3 %"
    assert (units.loss(1.2144), units.loss(nan)) == ("1.214", "…")
    assert (units.rate(0.041), units.rate(1e-5)) == ("0.0410", "1.0e-5")
    assert units.speed(1899.6, "updates") == "1,900 updates/s"
    assert units.speed(nan, "updates") == ""
    assert [units.duration(s) for s in (0.4, 59.4, 107.6, 4300, nan)] == [
        "0 s", "59 s", "1 m 48 s", "1 h 11 m", "…",
    ]  # fmt: skip


@pytest.mark.parametrize("width", range(1, 60))
def test_a_path_is_cut_behind_slashes_only(width):
    text = "loss.png, rate.png in /home/somebody/convsole/saved_models/arch-2-1/figures"
    folded = units.folded(text, width)
    assert folded.replace("\n", "") == text
    assert all(line.endswith("/") for line in folded.split("\n")[:-1])
    words = folded.replace("\n", " ").split(" ")
    assert all(len(word) <= width or "/" not in word[:width] for word in words)


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
    session.history.add(Evaluated(501, 1.0, 0.5, 1.5, 0.9))  # where it was stopped
    view = reader.view()
    for update in range(301, 3000):
        session.history.add(UpdateDone(update, 0.1, 5.0, 3.0))
    reader.view()
    assert (view.done, view.epoch, view.best) == (300, 3.0, (0.4, 400))
    assert view.evaluated.tolist() == [300, 400, 500]
    assert view.at_stop is not None
    assert view.at_stop["validation_accuracy"] == 0.9
    assert run_words.best(view)[0] == "best 40.0 % at 400 · at the stop 90.0 %"
    _, _, above, _ = run_words.glances(view, False)["validation"]
    assert above[0] == "validation 30.0 %"
    assert len(view.update) == len(view.loss) == 300
    assert view.loss.max() <= 2.0


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
    assert run_words.best(view) == ["at the stop 12.3 %"]


def test_a_title_says_what_was_measured_at_a_stop_before_it_leaves_out_the_rest():
    numbers = ("training", "35.5 %"), ("validation", "34.1 %")
    made = run_words.titles("Accuracy", *numbers, at_stop="37.0 %")
    assert made[0] == "Accuracy ─ training 35.5 % · validation 34.1 % · at the stop 37.0 %"
    assert made[1] == "Accuracy ─ validation 34.1 % · at the stop 37.0 %"
    assert made[2:] == run_words.titles("Accuracy", *numbers)


def test_the_test_accuracy_says_where_it_was_measured():
    assert run_words.tested(result(2), 2) == ("test 56.0 %",)
    assert run_words.tested(result(1), 2) == (
        "test at the stop 56.0 %", "test at stop 56.0 %", "at stop 56.0 %"
    )  # fmt: skip
    unknown = replace(result(1), train_accuracy=nan, validation_accuracy=nan, test_accuracy=nan)
    assert run_words.tested(unknown, 2)[0] == "at the stop: not measured"
    session = started(updates=2)
    assert "at the stop: not measured" in run_words.told(session, Finished(unknown, True))
    ends = "training 61.0 %, validation 54.0 %, test 56.0 %"
    assert f"at the stop: {ends}" in run_words.told(session, Finished(result(1), True))
    assert ends in run_words.told(session, Finished(result(2), False))


def test_each_state_has_its_word():
    session = started(updates=2)
    word = run_words.standing
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
    assert word(JobState.FETCHING, session, False)[1] == "finished"
    session.history.add(Finished(result(1), True))
    assert word(JobState.IDLE, session, False)[1] == "stopped"
    signs = {word(state, session, False)[0] for state in JobState}
    assert len(signs) > 1


def test_the_progress_tells_the_time_to_go_only_while_it_runs():
    view = RunReader(started()).view()
    assert run_words.progress(view, ("●", "runs"), 100.0, nan)[0] == (
        "update 0 of 1,000 · epoch 0.0 · 10 s to go"
    )
    assert "… to go" in run_words.progress(view, ("●", "runs"), nan, nan)[0]
    assert run_words.progress(view, ("‖", "paused"), 100.0, nan)[0].endswith(" · paused")
    assert run_words.progress(view, ("✓", "finished"), 1.0, 3.6)[0].endswith("finished after 4 s")
    lengths = [len(words) for words in run_words.progress(view, ("●", "runs"), 1.0, nan)]
    assert lengths == sorted(lengths, reverse=True)
    assert isclose(view.fraction, 0)
