"""Tests of trainings in pieces: the same to the bit as one that was never cut."""

import pickle
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.config.experiment import Experiment
from core.data.dataset import Dataset
from core.training import piece as pieces
from core.training.control import Control
from core.training.evaluation import Evaluator
from core.training.events import Evaluated, Event
from core.training.history import History
from core.training.piece import PieceResult, release, train_piece
from core.training.state import State
from core.training.timeline import Timeline
from core.training.trainer import Trainer
from tests.training.pieces import CASES, UPDATES, equal, experiment, few_of


@pytest.fixture(autouse=True)
def nothing_is_kept() -> Iterator[None]:
    release()
    yield
    release()
    assert pieces._kept == []


@pytest.fixture(scope="module")
def few(small: Dataset) -> Dataset:
    return few_of(small)


class Whole:
    """A run without a cut, with everything that its pieces must give."""

    def __init__(self, dataset: Dataset, made: Experiment) -> None:
        self.history = History()
        self.best: State | None = None
        highest = float("-inf")
        trainer = Trainer(made, dataset, 1)

        def listen(event: Event) -> None:
            nonlocal highest
            self.history.add(event)
            if isinstance(event, Evaluated) and event.validation_accuracy > highest:
                highest, self.best = event.validation_accuracy, trainer.state()

        trainer.run(Control(), listen)
        self.state = trainer.state()
        self.points = {name: table.points() for name, table in self.history.tables.items()}


@pytest.fixture(scope="module")
def wholes(few: Dataset) -> dict[str, Whole]:
    return {case: Whole(few, experiment(case)) for case in CASES}


def joined(parts: Sequence[PieceResult]) -> dict[str, Any]:
    return {
        name: np.concatenate([part.points[name] for part in parts], axis=1)
        for name in parts[0].points
    }


def same(parts: Sequence[PieceResult], whole: Whole) -> None:
    """Assert that pieces give every number of the whole, but for the seconds."""
    found = joined(parts)
    assert set(found) == set(whole.points)
    for name, wanted in whole.points.items():
        rows = slice(0, 4) if name == "updates" else slice(None)
        assert found[name].shape == wanted.shape, name
        assert found[name][rows].tobytes() == wanted[rows].tobytes(), name
    seconds = found["updates"][4]
    assert (np.diff(seconds) >= 0).all()
    assert equal(parts[-1].state, whole.state)
    best = next(part.best for part in reversed(parts) if part.best is not None)
    assert equal(best, whole.best)
    result, wanted_result = parts[-1].result, whole.history.result
    assert result is not None
    assert wanted_result is not None
    assert result.as_dict() | {"seconds": 0} == wanted_result.as_dict() | {"seconds": 0}


def follow(
    dataset: Dataset, made: Experiment, cuts: Sequence[int], moved: Sequence[bool], threads: int = 1
) -> list[PieceResult]:
    """Train in pieces that end at `cuts`; of those `moved` another process has the one before."""
    parts: list[PieceResult] = []
    state, evaluated, best = None, True, float("-inf")
    for cut, elsewhere in zip([*cuts, UPDATES], [*moved, False], strict=True):
        part = train_piece(
            dataset, Timeline(made), state, cut, evaluated=evaluated, best=best, threads=threads
        )
        assert part.state.updates == cut
        part = pickle.loads(pickle.dumps(part))
        parts.append(part)
        state, evaluated = part.state, part.evaluated
        best = max([best, *part.points["evaluations"][4]])
        if elsewhere:
            release()
    return parts


@pytest.mark.parametrize("case", CASES)
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cuts=st.sets(st.integers(1, UPDATES - 1), max_size=6), data=st.data())
def test_pieces_are_the_whole_however_it_is_cut(
    case: str, cuts: set[int], data: st.DataObject, few: Dataset, wholes: dict[str, Whole]
) -> None:
    ends = sorted(cuts)
    moved = [data.draw(st.booleans()) for _ in ends]
    same(follow(few, experiment(case), ends, moved), wholes[case])


def test_a_piece_for_every_update_is_the_whole(few: Dataset, wholes: dict[str, Whole]) -> None:
    cuts = range(1, UPDATES)
    same(follow(few, experiment("adamw"), cuts, [False] * len(cuts)), wholes["adamw"])


def test_a_lost_piece_is_trained_again_to_the_bit(few: Dataset, wholes: dict[str, Whole]) -> None:
    made = Timeline(experiment("momentum"))
    first = train_piece(few, made, None, 12)
    train_piece(few, made, first.state, 20)  # lost: its trainer is at another update than the state
    second = train_piece(few, made, first.state, 20)
    last = train_piece(few, made, second.state, UPDATES)
    # Every piece says what was its own best, for it was not told of those before.
    best = max((first, second, last), key=lambda part: part.points["evaluations"][4].max(initial=0))
    assert best.best is not None
    assert (
        joined([first, second, last])["updates"].shape == wholes["momentum"].points["updates"].shape
    )
    assert equal(last.state, wholes["momentum"].state)


def test_the_trainer_is_kept_for_the_same_run_alone(
    few: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[Trainer] = []
    begin = Trainer.__init__

    def counted(self: Trainer, *arguments: Any) -> None:
        begin(self, *arguments)
        built.append(self)

    monkeypatch.setattr(Trainer, "__init__", counted)
    made, other = Timeline(experiment("plain")), Timeline(experiment("plain", seed=6))
    state = train_piece(few, made, None, 5).state
    state = train_piece(few, made, state, 9).state
    assert len(built) == 1
    assert pieces._kept == built
    train_piece(few, other, None, 2)
    assert len(built) == 2
    assert pieces._kept == [built[1]]
    train_piece(few, made, state, 12)
    assert len(built) == 3
    # Nothing more is to be done with a run that is complete.
    assert train_piece(few, made, state, UPDATES).finished
    assert pieces._kept == []


def test_with_one_thread_there_is_no_other_process(few: Dataset) -> None:
    children = set(psutil.Process().children())
    train_piece(few, Timeline(experiment("plain")), None, 5)
    assert set(psutil.Process().children()) == children


def test_worker_processes_live_from_piece_to_piece_and_end_with_the_trainer(
    few: Dataset, wholes: dict[str, Whole], two_cores: type
) -> None:
    own = psutil.Process()
    before = set(own.children())
    made = Timeline(experiment("plain"))
    first = train_piece(few, made, None, 5, threads=2)
    workers = set(own.children()) - before
    second = train_piece(few, made, first.state, 9, threads=2)
    assert set(own.children()) - before == workers
    train_piece(few, Timeline(experiment("plain", seed=6)), None, 2, threads=1)
    assert set(own.children()) == before
    last = train_piece(few, made, second.state, UPDATES, threads=2)
    assert set(own.children()) == before
    assert equal(last.state, wholes["plain"].state)


def test_a_piece_ends_in_time(few: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Timeline(experiment("plain"))
    # With no time at all it trains one update, or a run would never end.
    assert train_piece(few, made, None, UPDATES, seconds=0).state.updates == 1
    monkeypatch.setattr(pieces, "MAX_UPDATES", 7)
    first = train_piece(few, made, None, UPDATES)
    assert first.state.updates == 7
    assert train_piece(few, made, first.state, 10).state.updates == 10


def test_the_time_of_a_piece_begins_when_its_trainer_is_built(
    few: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, begin = [0.0], Trainer.__init__

    def slow(self: Trainer, *arguments: Any) -> None:
        begin(self, *arguments)
        clock[0] += 100

    monkeypatch.setattr(Trainer, "__init__", slow)
    monkeypatch.setattr(pieces, "perf_counter", lambda: clock[0])
    part = train_piece(few, Timeline(experiment("plain")), None, 5, seconds=50)
    assert part.state.updates == 5
    assert part.seconds == 100


def test_a_complete_run_that_lacks_its_result_gets_it(
    few: Dataset, wholes: dict[str, Whole]
) -> None:
    made, whole = Timeline(experiment("plain")), wholes["plain"]
    part = train_piece(few, made, whole.state, UPDATES)
    assert part.finished
    assert part.points["updates"].shape[1] == 0
    assert part.points["evaluations"].tobytes() == whole.points["evaluations"][:, -1:].tobytes()


@pytest.mark.parametrize("at", [0, 5, 6, 20])
@pytest.mark.parametrize("way", ["interrupt", "stop"])
def test_an_interrupted_piece_is_continued_to_the_bit(
    at: int, way: str, few: Dataset, wholes: dict[str, Whole], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, control = Timeline(experiment("momentum")), Control()
    step = Trainer.step

    def stepped(self: Trainer, update: int, rate: float | None = None) -> Any:
        if update == at:
            getattr(control, way)()
        return step(self, update, rate)

    monkeypatch.setattr(Trainer, "step", stepped)
    first = train_piece(few, made, None, UPDATES, control=control)
    assert first.state.updates == at + 1
    assert not first.finished
    # An interruption leaves out the evaluation that is due after update 6; a stop does not.
    assert first.evaluated == (at != 5 or way == "stop")
    highest = max(first.points["evaluations"][4], default=float("-inf"))
    monkeypatch.setattr(Trainer, "step", step)
    second = train_piece(few, made, first.state, UPDATES, evaluated=first.evaluated, best=highest)
    same([first, second], wholes["momentum"])


def test_an_interruption_before_the_first_update_changes_nothing(
    few: Dataset, wholes: dict[str, Whole]
) -> None:
    made = Timeline(experiment("plain"))
    first = train_piece(few, made, None, 6)
    control = Control()
    control.interrupt()
    nothing = train_piece(few, made, first.state, 12, control=control, evaluated=first.evaluated)
    assert nothing.evaluated
    assert all(points.shape[1] == 0 for points in nothing.points.values())
    assert equal(nothing.state, first.state)


def test_an_interruption_of_the_last_evaluation_is_made_up_for(
    few: Dataset, wholes: dict[str, Whole], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, control, result = Timeline(experiment("plain")), Control(), Evaluator.result

    def cut(self: Evaluator, *arguments: Any) -> Any:
        control.interrupt()
        return result(self, *arguments)

    monkeypatch.setattr(Evaluator, "result", cut)
    first = train_piece(few, made, None, UPDATES, control=control)
    assert not first.finished
    assert first.state.updates == UPDATES
    monkeypatch.setattr(Evaluator, "result", result)
    highest = float(first.points["evaluations"][4].max())
    second = train_piece(few, made, first.state, UPDATES, evaluated=first.evaluated, best=highest)
    same([first, second], wholes["plain"])


def test_a_training_that_diverges_says_so(few: Dataset) -> None:
    made = experiment(
        "plain",
        architecture="4x4/10/50",
        eta_max=10,
        weight_decay=1.0,
        schedule="constant",
        half_cycle=500,
        max_updates=1000,
    )
    whole = Whole(few, made)
    part = train_piece(few, Timeline(made), None, 1000)
    assert part.failed is not None
    assert "no longer finite" in part.failed.reason
    assert not part.finished
    assert part.points["updates"][:4].tobytes() == whole.points["updates"][:4].tobytes()
    assert equal(part.state, whole.state)
    assert pieces._kept == []


def test_an_end_that_was_reached_already_is_an_error(few: Dataset) -> None:
    made = Timeline(experiment("plain"))
    state = train_piece(few, made, None, 5).state
    with pytest.raises(ValueError, match="from update 5 on cannot end at 5"):
        train_piece(few, made, state, 5)


def test_pieces_of_two_threads_take_turns(few: Dataset, wholes: dict[str, Whole]) -> None:
    found: dict[str, list[PieceResult]] = {}

    def train(case: str) -> None:
        found[case] = follow(few, experiment(case), [4, 8, 12, 16], [False] * 4)

    threads = [threading.Thread(target=train, args=(case,)) for case in ("plain", "adamw")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for case, parts in found.items():
        same(parts, wholes[case])


def test_test_images_that_are_not_there_are_not_measured(
    small: Dataset, few: Dataset, wholes: dict[str, Whole]
) -> None:
    result = wholes["plain"].history.result
    assert result is not None
    assert result.as_dict()["test_accuracy"] is None
    blind = small.without_test()
    assert blind.hash == small.hash
    assert len(blind.test) == 0
    assert blind.test.images.base is None
    assert blind.without_test().hash == small.hash
    for one, other in zip(
        (blind.training_sums().values, blind.training_sums().squares),
        (small.training_sums().values, small.training_sums().squares),
        strict=True,
    ):
        assert (one == other).all()
