"""The hyperparameter search: reproducible, recorded, and without the test images."""

import sys
from pathlib import Path

import numpy as np
import pytest

from core.data import source, synthetic
from core.data.dataset import Dataset, Split
from core.training.events import Event
from core.training.trainer import Trainer
from search import __main__ as search
from search import record as records
from search.record import Record
from search.study import Study
from search.trial import train

STUDIES = sorted((Path(search.__file__).parent / "studies").glob("*.toml"))
TINY = Study(
    name="tiny",
    preset="arch-2",
    trials=3,
    finalists=2,
    seeds=(0, 1),
    epochs=0.2,
    validation_size=100,
    fixed={"cycles": 1, "architecture": "8x8/3/5"},
    space={"eta_max": {"log": [0.01, 0.1]}, "batch_size": {"choice": [50, 100]}},
)


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: str(path.stem))
def test_every_study_can_be_run_and_gives_every_trial_the_same_epochs(path: Path) -> None:
    study = Study.read(path)
    for trial in range(study.trials):
        experiment = study.experiment(trial, 0)
        images = experiment.total_updates * experiment.batch_size
        assert images / (50_000 - study.validation_size) == pytest.approx(study.epochs, rel=0.01)
        assert study.drawn(trial) == study.drawn(trial)
    assert len({str(study.drawn(trial)) for trial in range(study.trials)}) > study.trials // 2


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: str(path.stem))
def test_what_is_on_record_is_what_the_study_draws(path: Path) -> None:
    study = Study.read(path)
    rows = Record(study).rows
    assert rows
    for row in rows:
        drawn = study.drawn(int(row["trial"]))
        assert {name: row[name] for name in drawn} == {n: str(v) for n, v in drawn.items()}
        experiment = study.experiment(int(row["trial"]), int(row["seed"]))
        assert int(row["updates"]) == experiment.total_updates


def test_draws_stay_in_their_bounds() -> None:
    rates = [TINY.drawn(trial)["eta_max"] for trial in range(200)]
    assert 0.01 <= min(rates) < 0.012
    assert 0.085 < max(rates) <= 0.1
    assert np.median(rates) == pytest.approx(0.0316, rel=0.25), "even in the logarithm"


def test_a_trial_never_sees_the_test_images(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = synthetic.load(100)
    forbidden = whole.test.images.tobytes()
    asked: list[Dataset] = []

    def load(name: str, path: Path | None, validation_size: int) -> Dataset:
        return whole

    def run(self: Trainer, *_: object) -> Event | None:
        asked.append(self.dataset)
        return None

    monkeypatch.setattr(source, "load", load)
    monkeypatch.setattr(Trainer, "run", run)
    row = train(TINY, 0, 0, None)
    for split in (asked[0].train, asked[0].validation, asked[0].test):
        assert isinstance(split, Split)
        assert split.images.tobytes() != forbidden
    assert row["validation_accuracy"] == "0"


def test_a_search_goes_on_where_it_was_and_ranks_by_the_mean(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(records, "RECORDS", tmp_path)
    record = Record(TINY)
    for trial, accuracy in ((0, 0.5), (1, 0.7)):
        record.add({"trial": str(trial), "seed": "0", "validation_accuracy": str(accuracy)})
    again = Record(TINY)
    first, others = (again.lacks(jobs) for jobs in _stages(again))
    assert first == [(2, 0)]
    assert others == [(1, 1), (0, 1)]
    again.add({"trial": "0", "seed": "1", "validation_accuracy": "0.98"})
    assert again.ranked((0, 1)) == [(0.74, 0)]
    assert again.ranked((0,)) == [(0.7, 1), (0.5, 0)]


def test_the_finalists_stay_while_they_are_trained_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(records, "RECORDS", tmp_path)
    record = Record(TINY)
    for trial, accuracy in ((0, 0.5), (1, 0.7), (2, 0.49)):
        record.add({"trial": str(trial), "seed": "0", "validation_accuracy": str(accuracy)})
    record.add({"trial": "1", "seed": "1", "validation_accuracy": "0.2"})
    assert _stages(Record(TINY))[1] == [(1, 1), (0, 1)]


def _stages(record: Record) -> list[list[tuple[int, int]]]:
    return list(search.stages(TINY, record))


def test_the_command_trains_and_records(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(records, "RECORDS", tmp_path)
    study = tmp_path / "tiny.toml"
    study.write_text(
        'preset = "arch-2"\ntrials = 1\nfinalists = 1\nseeds = [0]\nepochs = 0.2\n'
        'validation_size = 100\n[fixed]\narchitecture = "8x8/3/5"\ncycles = 1\n'
        "[space]\neta_max = { linear = [0.01, 0.02] }\n"
    )
    monkeypatch.setattr(sys, "argv", ["search", str(study), "--jobs", "1"])
    monkeypatch.setattr(search, "ProcessPoolExecutor", _Here)
    monkeypatch.setattr("search.__main__.train", lambda study, trial, seed, data: {
        "trial": str(trial), "seed": str(seed), "validation_accuracy": "0.5",
    })  # fmt: skip
    search.main()
    assert (tmp_path / "tiny.csv").read_text() == "trial,seed,validation_accuracy\n0,0,0.5\n"


class _Here:
    """A pool that calls functions immediately, in this process."""

    def __init__(self, *_: object) -> None:
        pass

    def __enter__(self) -> "_Here":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def submit(self, work, *arguments):  # type: ignore[no-untyped-def]
        from concurrent.futures import Future

        done: Future[object] = Future()
        done.set_result(work(*arguments))
        return done
