"""Tests of the frozen view of a study."""

import csv
import io
import json
from dataclasses import replace
from math import isnan
from statistics import mean

import pytest

from core.runs.studies.records import StudyState, TrialState
from core.sweeps.analysis import snapshot
from core.sweeps.analysis.dimensions import Dimension, dimensions, shown, varying
from core.sweeps.analysis.places import matrix
from core.sweeps.definition.study import Study
from core.sweeps.execution.progress import best_of
from tests.sweeps.made_snapshot import (
    DEFINITION,
    SPACE,
    finalists,
    made,
    records,
    study,
    with_seeds,
)


def test_rows_stand_by_number_and_seed_whatever_the_order_of_the_records() -> None:
    trials, tells = records(12)
    again = [replace(trials[2], seed=1), *reversed(trials)]
    found = snapshot.of(study(12), again, tells, {3: "wide-3"})
    assert [row.key for row in found.rows][:4] == [(0, 0), (1, 0), (2, 0), (2, 1)]
    row = found.row(2, 1)
    assert row is not None
    assert row.run_id == "wide-3"
    assert found.row(2, 7) is None


def test_the_best_come_first_and_of_equal_ones_the_earlier() -> None:
    trials, tells = records(6)
    same = [replace(t, accuracy=0.5, rung=1, state=TrialState.PRUNED) for t in trials[:3]]
    better = replace(trials[4], accuracy=0.6, state=TrialState.FINISHED)
    none = replace(trials[5], accuracy=None)
    found = snapshot.of(study(6), [none, better, *reversed(same)], tells)
    assert [row.number for row in found.ranked] == [4, 0, 1, 2]
    assert found.accuracies == (0.5, 0.6)
    assert snapshot.of(study(0), []).accuracies is None


def test_finalists_are_ranked_by_the_mean_over_their_seeds() -> None:
    found = finalists()
    [first, second, third, *others] = found.ranked
    assert [row.seeds for row in (first, second, third)] == [3, 3, 3]
    assert all(row.seeds == 1 for row in others if row.state is TrialState.FINISHED)
    seeds = [row.accuracy for row in found.rows if row.number == first.number]
    assert first.mean == pytest.approx(mean(each for each in seeds if each is not None))
    assert {row.mean for row in found.rows if row.number == first.number} == {first.mean}
    # With the first seed alone the order was the other way round.
    assert (third.accuracy or 0) > (first.accuracy or 0)
    assert (others[0].mean or 0) > (first.mean or 0), "one seed alone may have been lucky"
    assert len({row.number for row in found.ranked}) == len(found.ranked)


def test_the_best_is_that_of_the_result() -> None:
    for count in (0, 3, 12, 40):
        trials, tells = with_seeds(count)
        found = snapshot.of(study(count), trials, tells)
        made = Study.of({**DEFINITION, "trials": max(count, 3)})
        result = best_of(made, trials, tells)
        if result is None:
            assert found.best is None
            continue
        assert found.best is not None
        assert found.best.number == result.trial.number
        assert (found.best.mean, found.best.seeds) == (result.accuracy, result.seeds)


def test_pictures_have_one_row_for_each_trial() -> None:
    found = finalists()
    assert found.several
    assert [row.key for row in found.trials] == [(number, 0) for number in range(40)]
    assert matrix(found).shape == (40, len(SPACE) + 1)
    assert not made(40).several


def test_a_trial_with_another_seed_than_all_names_it() -> None:
    trials, tells = records(3)
    found = snapshot.of(study(3), [*trials, replace(trials[2], seed=1)], tells)
    assert [found.title(row) for row in found.rows[1:]] == ["trial 1", "trial 2", "trial 2 seed 1"]


def test_what_a_study_plans_counts_the_seeds_of_its_finalists() -> None:
    assert made(40).planned == 40 + 3 * 2
    assert made(2).planned == 2 + 2 * 2
    assert made(6, seeds=[0]).planned == 6


def test_what_is_over_is_over_whichever_way() -> None:
    found = made(40)
    assert found.over == sum(
        row.state.value in ("pruned", "finished", "diverged", "failed") for row in found.rows
    )
    assert 0 < found.over < 40


def test_the_results_of_a_trial_are_its_own() -> None:
    found = made(20)
    row = found.ranked[0]
    told = found.told(row)
    assert [tell.rung for tell in told] == list(range(row.rung))
    assert {tell.trial for tell in told} == {row.number}
    waiting = next(row for row in found.rows if row.state is TrialState.WAITING)
    assert found.told(waiting) == ()


def test_the_table_has_every_setting_and_reads_back() -> None:
    found = made(10, space={**SPACE, "architecture": {"choice": [["a"], ["b", "c"]]}})
    rows = list(csv.DictReader(io.StringIO(found.csv())))
    assert len(rows) == 10
    assert set(SPACE) <= set(rows[0])
    assert rows[0]["eta_max"] == str(found.rows[0].settings["eta_max"])
    assert rows[0]["architecture"] == ""
    again = json.loads(json.dumps(found.as_json()))
    assert again["trials"][0]["trial"] == 0
    assert again["definition"]["space"] == dict(found.study.definition["space"])
    assert snapshot.of(study(0), []).csv().startswith("trial,seed,state")


def test_what_only_a_running_study_knows_is_empty_for_others() -> None:
    assert made(10).live.workers
    assert made(10, StudyState.STOPPED).live == snapshot.Live()


def test_places_on_axes() -> None:
    found = {one.name: one for one in dimensions(DEFINITION)}
    assert found["eta_max"].place(0.03) == pytest.approx(0.5)
    assert found["eta_max"].place(0.003) == 0
    assert found["momentum"].place(0.745) == pytest.approx(0.5)
    assert found["batch_size"].place(100) == 0.5
    assert found["largest_shift"].place(3) == 0.5
    for value in (None, 0, "words"):
        assert isnan(found["eta_max"].place(value))
    assert isnan(found["batch_size"].place(75))


def test_the_value_at_a_place_is_text() -> None:
    found = {one.name: one for one in dimensions(DEFINITION)}
    assert found["eta_max"].at(0.5) == "0.03"
    assert found["weight_decay"].at(0) == "1e-5"
    assert found["largest_shift"].at(0.5) == "3"
    assert found["augmentation"].at(1) == "fresh"
    assert found["batch_size"].at(0.5) == "100"


def test_whole_numbers_that_are_even_in_the_logarithm() -> None:
    [one] = dimensions({"space": {"copies": {"integer": [10, 1000], "log": True}}})
    assert (one.kind, one.log) == ("integer", True)
    assert one.place(100) == pytest.approx(0.5)
    assert one.at(0.5) == "100"


def test_ticks_are_round_numbers_between_the_ends_of_the_range() -> None:
    def labels(one: Dimension) -> list[str]:
        return [label for _, label in one.ticks()]

    assert labels(Dimension("a", "log", (), 0.003, 0.3, True)) == [
        "0.003", "0.005", "0.01", "0.02", "0.05", "0.1", "0.3"]  # fmt: skip
    assert labels(Dimension("a", "log", (), 1e-6, 1, True)) == [
        "1e-6", "1e-5", "0.0001", "0.001", "0.01", "0.1", "1"]  # fmt: skip
    assert labels(Dimension("a", "integer", low=0, high=60)) == [
        "0", "10", "20", "30", "40", "50", "60"]  # fmt: skip
    assert labels(Dimension("a", "choice", ("x", "y"))) == ["x", "y"]


def test_what_has_one_value_only_needs_no_axis() -> None:
    every = (
        Dimension("a", "choice", (1,)),
        Dimension("b", "log", low=1, high=1),
        Dimension("c", "choice", (1, 2)),
    )
    assert [one.name for one in varying(every)] == ["c"]


def test_values_are_shown_shortly() -> None:
    layers = [{"kind": "conv", "filter": 4, "filters": 10, "stride": 4}, {"kind": "relu"},
              {"kind": "linear", "units": 50}, {"kind": "relu"},
              {"kind": "linear", "units": 10}]  # fmt: skip
    assert shown(layers) == "4x4/10/50"
    assert shown(layers[:1]) == "1 layer"
    assert [shown(value) for value in (0.00012, 1e-5, 200, 123456, True, "fresh")] == [
        "0.00012", "1e-5", "200", "1.23e5", "true", "fresh"]  # fmt: skip
