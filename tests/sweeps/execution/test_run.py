"""A study comes to the same end whatever happens on the way."""

import dataclasses
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from core.data.dataset import Dataset
from core.errors import StoreError
from core.runs import database
from core.runs.doctor.check import examine
from core.runs.folder import RunLock, running
from core.runs.records import RunState, new_run
from core.runs.session import Session
from core.runs.store import Store
from core.runs.studies.records import StudyState, TrialState
from core.sweeps.definition.study import Study
from core.sweeps.execution import loop as loops
from core.sweeps.execution.executor import Ended, Job
from core.sweeps.execution.progress import Progress
from core.sweeps.execution.run import Sweep, is_over
from core.training.control import Control
from core.training.piece import train_piece
from tests.runs.made import EXPERIMENT, loader, record_edit
from tests.sweeps.at_work import HALVING, outcome, study, swept


class KilledError(BaseException):
    """Ends the process, as it were: nothing is cleaned up after it."""


class Direct:
    """Trains a piece when it is asked for what has ended, on the calling thread.

    Args:
        dataset: the images.
        slots: number of pieces that it takes at a time.
        length: maximum number of updates of a piece.
        last_first: whether the piece that came last ends first.
    """

    def __init__(
        self, dataset: Dataset, slots: int = 1, length: int = 7, last_first: bool = False
    ) -> None:
        self.slots, self._dataset = slots, dataset.without_test()
        self._length, self._last_first = length, last_first
        self.jobs: list[Job] = []
        self.trained: list[tuple[tuple[int, int], int]] = []

    def submit(self, job: Job) -> None:
        self.jobs.append(job)

    def wait(self, timeout: float) -> list[Ended]:
        if not self.jobs:
            return []
        return [self.end(self.jobs.pop(-1 if self._last_first else 0))]

    def end(self, job: Job) -> Ended:
        done = job.state.updates if job.state else 0
        self.trained.append((job.key, done))
        piece = train_piece(
            self._dataset,
            job.timeline,
            job.state,
            min(job.until, done + self._length),
            evaluated=job.evaluated,
            best=job.best,
        )
        return Ended(job.key, "worker", piece, None, False)

    def hurry(self) -> None:
        pass

    def abandon(self) -> None:
        self.jobs.clear()

    def workers(self) -> list[Any]:
        return []

    def notes(self) -> list[str]:
        return []


def run(dataset: Dataset, root: Path, made: Any, executor: Any, **more: Any) -> Sweep:
    """Run a study to wherever it comes."""
    sweep = Sweep(made, Store(root), **more)
    sweep.run(sweep.load(loader(dataset)), executor)
    return sweep


def states(sweep: Sweep) -> dict[tuple[int, int], TrialState]:
    assert sweep.record is not None
    return {trial.key: trial.state for trial in sweep.store.trials(sweep.record)}


def test_all_trials_and_then_the_finalists(small: Dataset, tmp_path: Path) -> None:
    seen: list[Progress] = []
    sweep = swept(small, tmp_path, study(), listen=seen.append)
    record = sweep.record
    assert record is not None
    assert (record.state, record.reason, record.trials, record.tells) == (
        StudyState.FINISHED, "", 6, 6,
    )  # fmt: skip
    tells = sweep.store.tells(record)
    assert [tell.key for tell in tells[:4]] == [(0, 0), (1, 0), (2, 0), (3, 0)]
    best = sorted(tells[:4], key=lambda tell: (-(tell.accuracy or 0), tell.trial))[:2]
    assert [tell.key for tell in tells[4:]] == [(tell.trial, 1) for tell in best]
    for trial in sweep.store.trials(record):
        assert trial.run is not None
        made = sweep.store.get(trial.run)
        assert (made.state, made.updates) == (RunState.FINISHED, 20)
        assert made.settings["eta_max"] == trial.settings["eta_max"]
        assert made.settings["seed"] == trial.seed
        assert made.result is not None
        assert made.result["test_accuracy"] is None
        assert made.id.startswith(f"rates-{trial.number}-")
    assert seen[-1].record == record
    assert seen[-1].best is not None
    assert seen[-1].best.seeds == 2
    assert not running(tmp_path)
    assert examine(sweep.store).findings == []


def test_halving_pauses_at_a_rung_and_goes_on_from_there(small: Dataset, tmp_path: Path) -> None:
    executor = Direct(small)
    sweep = run(small, tmp_path, study(**HALVING), executor)
    assert sweep.record is not None
    of_first = [state for (_, seed), state in states(sweep).items() if seed == 0]
    assert sorted(state.value for state in of_first) == ["finished", "pruned", "pruned", "pruned"]
    # Every piece begins where the one before it ended.
    assert len(executor.trained) == len(set(executor.trained))
    plain = run(small, tmp_path / "plain", study(pruning="none", finalists=1), Direct(small))
    assert plain.record is not None
    whole = outcome(plain.store, plain.record)
    for key, found in outcome(sweep.store, sweep.record).items():
        if found[1] is TrialState.FINISHED and key in whole:
            assert found[-1] == whole[key][-1]
    for trial in sweep.store.trials(sweep.record):
        made = sweep.store.get(trial.run or 0)
        if trial.state is TrialState.PRUNED:
            assert made.state is RunState.STOPPED
            assert made.reason == f"pruned by its study: {trial.reason}"


@pytest.mark.parametrize("pruning", [{}, HALVING, {"pruning": "median"}], ids=["", "half", "med"])
def test_the_number_of_workers_changes_nothing(
    small: Dataset, tmp_path: Path, pruning: dict[str, Any]
) -> None:
    made = study(trials=6, **pruning)
    one = run(small, tmp_path / "1", made, Direct(small))
    three = run(small, tmp_path / "3", made, Direct(small, 3, length=4, last_first=True))
    assert one.record is not None
    assert three.record is not None
    assert outcome(one.store, one.record) == outcome(three.store, three.record)


def killed(
    dataset: Dataset, root: Path, made: Study, at: int, monkeypatch: pytest.MonkeyPatch
) -> bool:
    """Run a study until the process ends before its commit number `at`; return whether it did."""
    writing, left, works = database.writing, [at], list[Any]()
    loop = loops.Loop.run

    def counting(connection: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            raise KilledError
        return writing(connection)

    def begin(work: Any) -> None:
        works.append(work)
        loop(work)

    with monkeypatch.context() as patch, suppress(KilledError):
        patch.setattr(database, "writing", counting)
        patch.setattr(loops.Loop, "run", begin)
        patch.setattr(loops.Loop, "give_up", lambda *given: None)
        run(dataset, root, made, Direct(dataset, 2))
    for work in works:
        for held in work._held.values():
            held.release()
    return left[0] <= 0


def test_killed_at_every_commit_it_comes_to_the_same_end(
    small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = study(trials=2, updates=12, **HALVING)
    sweep = run(small, tmp_path / "whole", made, Direct(small, 2))
    assert sweep.record is not None
    expected, at = outcome(sweep.store, sweep.record), 1
    while killed(small, root := tmp_path / str(at), made, at, monkeypatch):
        store = Store(root)
        told = store.tells(store.study("latest")) if store.studies() else []
        executor = Direct(small, 2)
        again = run(small, root, made, executor)
        assert again.record is not None
        assert again.record.state is StudyState.FINISHED
        assert outcome(again.store, again.record) == expected
        assert again.store.tells(again.record)[: len(told)] == told
        assert len(again.store.runs()) == len(expected)
        assert len(executor.trained) == len(set(executor.trained))
        assert not running(root)
        assert examine(again.store).findings == []
        at += 1
    assert at > 15


def test_stopped_it_goes_on_with_the_same_command(small: Dataset, tmp_path: Path) -> None:
    made = study(**HALVING)
    whole = swept(small, tmp_path / "whole", made)
    assert whole.record is not None
    control = Control()

    def stop(progress: Progress) -> None:
        if progress.record.tells == 2:
            control.stop()

    sweep = swept(small, tmp_path / "cut", made, control=control, listen=stop)
    assert sweep.record is not None
    assert (sweep.record.state, sweep.record.reason) == (StudyState.STOPPED, "it was stopped")
    assert not running(tmp_path / "cut")
    assert all(one.state is not RunState.RUNNING for one in sweep.store.runs())
    again = swept(small, tmp_path / "cut", made)
    assert again.record is not None
    assert outcome(again.store, again.record) == outcome(whole.store, whole.record)
    assert again.record.seconds > sweep.record.seconds


def test_progress_is_told_while_nothing_ends(
    small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Busy(Direct):
        waits = 0

        def wait(self, timeout: float) -> list[Ended]:
            self.waits += 1
            return [] if self.waits <= 5 else super().wait(timeout)

    seen: list[Progress] = []
    monkeypatch.setattr(loops, "SHOW_S", 0.0)
    run(small, tmp_path, study(trials=1, finalists=0), Busy(small), listen=seen.append)
    # Once when it is handed out, and once for each wait.
    assert [trial.updates for each in seen[:6] for trial in each.trials] == [0] * 6
    assert seen[0].share == 0
    assert seen[-1].share == 1


def test_another_process_stops_it_through_the_store(small: Dataset, tmp_path: Path) -> None:
    other = Store(tmp_path)

    def stop(progress: Progress) -> None:
        if progress.record.tells == 1:
            other.change_study(progress.record, state=StudyState.STOPPED)

    sweep = swept(small, tmp_path, study(), listen=stop)
    assert sweep.record is not None
    assert sweep.record.state is StudyState.STOPPED
    assert sweep.record.tells < 6


def test_paused_it_trains_nothing_until_it_goes_on(small: Dataset, tmp_path: Path) -> None:
    control, seen = Control(), []

    def listen(progress: Progress) -> None:
        seen.append(progress)
        if (
            progress.record.tells == 1
            and not control.paused
            and not any(each.record.state is StudyState.PAUSED for each in seen)
        ):
            control.pause()
        elif progress.record.state is StudyState.PAUSED:
            assert not running(tmp_path)
            threading.Timer(0.5, control.resume).start()

    sweep = swept(small, tmp_path, study(), control=control, listen=listen)
    assert sweep.record is not None
    assert sweep.record.state is StudyState.FINISHED
    assert [each.record.state for each in seen].count(StudyState.PAUSED) == 1


def test_why_trials_were_put_aside_is_forgotten_when_they_may_go_on(
    small: Dataset, tmp_path: Path
) -> None:
    control, seen = Control(), []

    def listen(progress: Progress) -> None:
        seen.append(progress)
        paused = [each.record.state is StudyState.PAUSED for each in seen]
        if any(trial.updates for trial in progress.trials) and not any(paused):
            control.pause()
        elif paused[-1]:
            control.resume()

    executor = Direct(small, slots=3)
    sweep = run(small, tmp_path, study(), executor, control=control, listen=listen)
    assert sweep.record is not None
    assert sweep.record.state is StudyState.FINISHED
    at = [each.record.state for each in seen].index(StudyState.PAUSED)
    parked = [trial for trial in seen[at].trials if trial.state is TrialState.PARKED]
    assert {trial.reason for trial in parked} == {"its study is paused"}
    assert seen[at + 1].record.state is StudyState.RUNNING
    assert {trial.reason for trial in seen[at + 1].trials} == {""}


class Mortal(Direct):
    """Loses the worker of a trial some times.

    Args:
        deaths: how often, for each trial.
    """

    def __init__(self, dataset: Dataset, deaths: dict[int, int]) -> None:
        super().__init__(dataset)
        self.deaths = deaths

    def end(self, job: Job) -> Ended:
        left = self.deaths.get(job.key[0], 0)
        if left and job.state is not None:
            self.deaths[job.key[0]] = left - 1
            return Ended(job.key, "worker", None, StoreError("gone"), True)
        return super().end(job)


def test_a_trial_survives_two_deaths_and_not_a_third(small: Dataset, tmp_path: Path) -> None:
    plain = run(small, tmp_path / "plain", study(seeds=[0]), Direct(small))
    seen: list[Progress] = []
    mortal = Mortal(small, {0: 2, 1: 3})
    sweep = run(small, tmp_path / "mortal", study(seeds=[0]), mortal, listen=seen.append)
    assert plain.record is not None
    assert sweep.record is not None
    whole, found = (outcome(each.store, each.record) for each in (plain, sweep))
    assert found[0, 0] == whole[0, 0]
    trials = {trial.number: trial for trial in sweep.store.trials(sweep.record)}
    assert (trials[0].deaths, trials[1].deaths) == (2, 3)
    assert (trials[1].state, trials[1].reason) == (TrialState.FAILED, "its worker died 3 times")
    failed = sweep.store.get(trials[1].run or 0)
    assert (failed.state, failed.reason) == (RunState.FAILED, "its worker died 3 times")
    assert sweep.record.state is StudyState.FINISHED
    goes_on = [
        trial
        for each in seen
        for trial in each.trials
        if trial.number == 0 and trial.state is TrialState.RUNNING and trial.worker
    ]
    assert goes_on
    assert {trial.reason for trial in goes_on} == {""}, "that its worker died is over then"


def test_deaths_are_counted_over_restarts(small: Dataset, tmp_path: Path) -> None:
    control = Control()

    def stop(progress: Progress) -> None:
        if any(trial.deaths == 2 for trial in progress.trials):
            control.stop()

    made = study(seeds=[0], trials=2)
    run(small, tmp_path, made, Mortal(small, {0: 2}), control=control, listen=stop)
    sweep = run(small, tmp_path, made, Mortal(small, {0: 1}))
    assert states(sweep)[0, 0] is TrialState.FAILED


def test_a_death_is_told_and_is_no_reason_once_the_trial_has_gone_on(
    small: Dataset, tmp_path: Path
) -> None:
    seen: list[Progress] = []
    run(small, tmp_path, study(trials=2, seeds=[0]), Mortal(small, {0: 1}), listen=seen.append)
    notes = [note for each in seen for note in each.notes]
    assert notes == ["worker worker died; trial 0, seed 0 goes on with another"]
    reasons = [trial.reason for each in seen for trial in each.trials if trial.deaths]
    assert reasons[0] == "worker worker died; it goes on with another"
    assert reasons.count(reasons[0]) < 3
    assert reasons[-1] == "trained to the end"


def test_what_a_stop_or_pause_puts_aside_is_parked_until_the_study_goes_on(
    small: Dataset, tmp_path: Path
) -> None:
    control, seen, again = Control(), list[Progress](), list[Progress]()

    def listen(progress: Progress) -> None:
        seen.append(progress)
        if progress.record.state is StudyState.PAUSED:
            control.resume()
        elif any(trial.updates for trial in progress.trials):
            once = any(each.record.state is StudyState.PAUSED for each in seen)
            control.stop() if once else control.pause()

    made = study(seeds=[0])
    run(small, tmp_path, made, Direct(small, 2, length=3), control=control, listen=listen)
    at_rest = [each for each in seen if each.record.state is not StudyState.RUNNING]
    assert [each.record.state for each in at_rest] == [StudyState.PAUSED, StudyState.STOPPED]
    for each, why in zip(at_rest, ("is paused", "was stopped"), strict=True):
        assert {(trial.state.label, trial.reason) for trial in each.trials} == {
            ("parked", f"its study {why}")
        }
    run(small, tmp_path, made, Direct(small, 2), listen=again.append)
    for each in (*seen, *again):
        if each.record.state is StudyState.RUNNING:
            assert not any("its study" in trial.reason for trial in each.trials)
            assert not any(trial.state is TrialState.PARKED for trial in each.trials)


def test_at_a_rung_is_called_another_thing_than_a_paused_study(
    small: Dataset, tmp_path: Path
) -> None:
    seen: list[Progress] = []
    run(small, tmp_path, study(**HALVING), Direct(small), listen=seen.append)
    words = {trial.state.label for each in seen for trial in each.trials}
    assert "at-rung" in words
    assert "paused" not in words


def test_what_cannot_be_trained_fails_alone(small: Dataset, tmp_path: Path) -> None:
    class Short(Direct):
        def end(self, job: Job) -> Ended:
            if job.key[0] == 2:
                return Ended(job.key, "worker", None, MemoryError(), False)
            return super().end(job)

    sweep = run(small, tmp_path, study(**HALVING), Short(small))
    assert sweep.record is not None
    (failed,) = [t for t in sweep.store.trials(sweep.record) if t.state is TrialState.FAILED]
    assert (failed.number, failed.reason) == (2, "there is not enough memory for it")
    assert sweep.record.state is StudyState.FINISHED


def test_a_diverged_trial_is_a_result(small: Dataset, tmp_path: Path) -> None:
    space = {"weight_decay": {"choice": [0.0, 1.0]}}
    fixed = {"eta_max": 1.0, "eta_min": 1.0, "architecture": "32x32/40/60"}
    made = study(trials=2, seeds=[0], space=space, fixed=fixed, updates=800)
    sweep = run(small, tmp_path, made, Direct(small, length=800))
    assert sweep.record is not None
    (wild,) = [t for t in sweep.store.trials(sweep.record) if t.settings["weight_decay"] == 1.0]
    (tell,) = [t for t in sweep.store.tells(sweep.record) if t.trial == wild.number]
    assert (wild.state, tell.accuracy, tell.loss) == (TrialState.DIVERGED, None, None)
    assert sweep.store.get(wild.run or 0).state is RunState.FAILED


def test_tpe_is_followed_from_the_record(small: Dataset, tmp_path: Path) -> None:
    made = study(trials=13, sampler="tpe", seeds=[0], updates=4)
    whole = run(small, tmp_path / "whole", made, Direct(small))
    control = Control()

    def stop(progress: Progress) -> None:
        if progress.record.tells == 11:
            control.stop()

    run(small, tmp_path / "cut", made, Direct(small), control=control, listen=stop)
    again = run(small, tmp_path / "cut", made, Direct(small))
    assert whole.record is not None
    assert again.record is not None
    assert outcome(again.store, again.record) == outcome(whole.store, whole.record)
    settings = [tuple(trial.settings.items()) for trial in whole.store.trials(whole.record)]
    assert len(set(settings)) == 13


def test_a_space_that_is_exhausted_ends_the_study(small: Dataset, tmp_path: Path) -> None:
    made = study(trials=9, seeds=[0], updates=4, space={"batch_size": {"choice": [20, 40]}})
    sweep = run(small, tmp_path, made, Direct(small))
    assert sweep.record is not None
    assert (sweep.record.state, sweep.record.trials) == (StudyState.FINISHED, 2)


def test_a_run_that_was_deleted_begins_again_and_is_told_once(
    small: Dataset, tmp_path: Path
) -> None:
    control = Control()

    def stop(progress: Progress) -> None:
        if progress.record.tells == 4:
            control.stop()

    made = study(**HALVING)
    whole = run(small, tmp_path / "whole", made, Direct(small))
    sweep = run(small, tmp_path / "cut", made, Direct(small), control=control, listen=stop)
    assert sweep.record is not None
    for trial in sweep.store.trials(sweep.record):
        if trial.state is not TrialState.PRUNED:
            sweep.store.purge(sweep.store.delete(sweep.store.get(trial.run or 0)))
    again = run(small, tmp_path / "cut", made, Direct(small))
    assert whole.record is not None
    assert again.record is not None
    expected, found = (outcome(each.store, each.record) for each in (whole, again))
    finished = [key for key, each in expected.items() if each[1] is TrialState.FINISHED]
    assert {key: found[key] for key in finished} == {key: expected[key] for key in finished}
    assert again.record.tells == whole.record.tells


def test_a_run_that_was_resumed_by_hand_counts(small: Dataset, tmp_path: Path) -> None:
    control = Control()

    def stop(progress: Progress) -> None:
        if progress.record.tells == 4:
            control.stop()

    made = study(**HALVING)
    whole = run(small, tmp_path / "whole", made, Direct(small))
    sweep = run(small, tmp_path / "cut", made, Direct(small), control=control, listen=stop)
    begun = [run.id for run in sweep.store.runs()]
    for found in sweep.store.runs():
        Session.resume(found, threads=1, store=sweep.store).run(load=loader(small))
    executor = Direct(small)
    again = run(small, tmp_path / "cut", made, executor)
    assert not [key for key, _ in executor.trained if f"rates-{key[0]}-1" in begun and not key[1]]
    assert whole.record is not None
    assert again.record is not None
    told = [
        {(t.trial, t.seed, t.rung): (t.accuracy, t.update) for t in each.store.tells(each.record)}
        for each in (whole, again)
        if each.record is not None
    ]
    assert told[0] == told[1]


def test_a_run_that_was_edited_is_no_longer_its_trial(small: Dataset, tmp_path: Path) -> None:
    control, made, notes = Control(), study(**HALVING), list[str]()

    def stop(progress: Progress) -> None:
        if progress.record.tells == 4:
            control.stop()

    whole = run(small, tmp_path / "whole", made, Direct(small))
    sweep = run(small, tmp_path / "cut", made, Direct(small), control=control, listen=stop)
    for found in sweep.store.runs():
        record_edit(sweep.store, found, 15, eta_max=0.09)
    again = run(
        small, tmp_path / "cut", made, Direct(small),
        listen=lambda progress: notes.extend(progress.notes),
    )  # fmt: skip
    assert whole.record is not None
    assert again.record is not None
    expected, found = (outcome(each.store, each.record) for each in (whole, again))
    finished = [key for key, each in expected.items() if each[1] is TrialState.FINISHED]
    assert {key: found[key] for key in finished} == {key: expected[key] for key in finished}
    assert any("was edited and is no longer trial" in note for note in notes)


def test_a_run_that_another_process_trains_is_tried_again(
    small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loops, "RETRY_S", 0.2)
    control = Control()
    first = run(
        small, tmp_path, study(), Direct(small), control=control,
        listen=lambda progress: control.stop() if progress.trials else None,
    )  # fmt: skip
    lock = RunLock(first.store.folder(first.store.find("latest")))
    notes: list[str] = []

    def listen(progress: Progress) -> None:
        notes.extend(progress.notes)
        if progress.record.tells == 3:
            lock.release()

    again = run(small, tmp_path, study(), Direct(small), listen=listen)
    assert again.record is not None
    assert (again.record.state, again.record.tells) == (StudyState.FINISHED, 6)
    assert "another process works on rates-0-1; stop it there first" in notes


def test_another_study_of_the_name_is_refused(small: Dataset, tmp_path: Path) -> None:
    swept(small, tmp_path, study(trials=2, seeds=[0]))
    with pytest.raises(StoreError, match="there is a study rates already, which differs in trials"):
        swept(small, tmp_path, study(trials=3, seeds=[0]))
    other = dataclasses.replace(small, test=small.train)
    with pytest.raises(StoreError, match="the study rates began with other images"):
        swept(other, tmp_path, study(trials=2, seeds=[0]))


def test_one_process_at_a_time_works_on_a_study(small: Dataset, tmp_path: Path) -> None:
    sweep = swept(small, tmp_path, study(wall_seconds=1e-6))
    assert sweep.record is not None
    lock = Store(tmp_path).lock_study(sweep.record)
    with pytest.raises(StoreError, match="another process works on"):
        Sweep(sweep.study, Store(tmp_path)).load(loader(small))
    lock.release()


def test_a_refused_command_changes_nothing_of_a_study_at_work(
    small: Dataset, tmp_path: Path
) -> None:
    with Sweep(study(), Store(tmp_path)) as sweep:
        sweep.load(loader(small))
        with pytest.raises(StoreError, match="another process works on"):
            Sweep(study(wall_seconds=1.0), Store(tmp_path)).load(loader(small))
        record = Store(tmp_path).study("rates")
        assert Study.of(record.definition) == study()


def test_a_stop_while_workers_start_counts(small: Dataset, tmp_path: Path) -> None:
    other = Store(tmp_path)
    with Sweep(study(), Store(tmp_path)) as sweep:
        images = sweep.load(loader(small))
        record = other.study("rates")
        assert other.is_at_work(record)
        other.change_study(record, state=StudyState.STOPPED, reason="it was stopped")
        made = sweep.run(images, Direct(small))
    assert (made.state, made.trials) == (StudyState.STOPPED, 0)
    assert not other.is_at_work(record)


def test_a_study_that_gets_no_workers_says_so(small: Dataset, tmp_path: Path) -> None:
    def nowhere(sweep: Sweep) -> None:
        with sweep:
            sweep.load(loader(small))
            raise StoreError("there are no workers")

    with pytest.raises(StoreError, match="no workers"):
        nowhere(Sweep(study(), Store(tmp_path)))
    record = Store(tmp_path).study("rates")
    assert (record.state, record.reason) == (StudyState.FAILED, "there are no workers")
    assert not Store(tmp_path).is_at_work(record)


def test_a_stop_while_it_comes_to_pause_counts(small: Dataset, tmp_path: Path) -> None:
    class Slow(Direct):
        def hurry(self) -> None:
            other = Store(tmp_path)
            other.change_study(other.study("rates"), state=StudyState.STOPPED, reason="stop")

    control = Control()
    control.pause()
    watchdog = threading.Timer(20.0, control.stop)
    watchdog.start()
    sweep = run(small, tmp_path, study(), Slow(small), control=control)
    assert not control.stopping
    watchdog.cancel()
    assert sweep.record is not None
    assert sweep.record.state is StudyState.STOPPED


def test_another_process_ends_a_pause(small: Dataset, tmp_path: Path) -> None:
    control = Control()
    control.pause()

    def listen(progress: Progress) -> None:
        if progress.record.state is StudyState.PAUSED:
            other = Store(tmp_path)
            other.change_study(other.study("rates"), state=StudyState.RUNNING, reason="")

    watchdog = threading.Timer(20.0, control.stop)
    watchdog.start()
    sweep = run(small, tmp_path, study(), Direct(small), control=control, listen=listen)
    watchdog.cancel()
    assert sweep.record is not None
    assert (sweep.record.state, control.paused) == (StudyState.FINISHED, False)


def test_its_time_ends_a_study_and_without_a_result_it_has_failed(
    small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = 3600.0
    sweep = swept(small, tmp_path, study(wall_seconds=1e-6))
    assert sweep.record is not None
    assert (sweep.record.state, sweep.record.trials) == (StudyState.FAILED, 0)
    assert sweep.record.reason == (
        "its time of 1e-06 s was over before a trial was trained to its end"
    )
    again = swept(small, tmp_path, study(wall_seconds=1e-6))
    assert again.record is not None
    assert (again.record.state, again.record.trials) == (StudyState.FAILED, 0)

    asked = iter([0.0])
    with monkeypatch.context() as patch:  # between two lines of the loop
        patch.setattr(loops.Loop, "_elapsed", lambda loop: next(asked, limit))
        between = run(small, tmp_path / "between", study(wall_seconds=limit), Direct(small))
    assert between.record is not None
    assert between.record.reason.startswith("its time of 1 h 00 m was over before a trial")

    monkeypatch.setattr(
        loops.Loop, "_elapsed", lambda loop: limit * (loop._account.record.tells >= 3)
    )
    sweep = run(small, tmp_path / "later", study(wall_seconds=limit), Direct(small))
    assert sweep.record is not None
    assert (sweep.record.state, sweep.record.tells) == (StudyState.FINISHED, 3)
    assert sweep.record.reason == "its time of 1 h 00 m ended it after 3 of 6 trainings"


def test_a_result_that_comes_as_time_ends_counts(
    small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time is over while the last piece of the only trained trial is out."""

    class Slow(Direct):
        asked = 0

        def wait(self, timeout: float) -> list[Ended]:
            self.asked += 1
            return super().wait(timeout) if self.asked > 1 else []

    monkeypatch.setattr(loops.Loop, "_elapsed", lambda loop: 3600.0 * bool(loop._begun))
    made = study(trials=2, seeds=[0], wall_seconds=1800.0)
    sweep = run(small, tmp_path, made, Slow(small, length=1_000))
    assert sweep.record is not None
    assert sweep.record.tells == 1
    assert (sweep.record.state, sweep.record.reason) == (
        StudyState.FINISHED, "its time of 30 m 00 s ended it after 1 of 2 trainings",
    )  # fmt: skip


def test_a_study_that_its_time_ended_goes_on_with_more_time(
    small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes to the same as one that had the time from the start."""
    whole = run(small, tmp_path / "whole", study(), Direct(small))
    assert whole.record is not None
    limit, root = 3600.0, tmp_path / "cut"
    with monkeypatch.context() as patch:
        patch.setattr(
            loops.Loop, "_elapsed", lambda loop: limit * (loop._account.record.tells >= 3)
        )
        cut = run(small, root, study(wall_seconds=limit), Direct(small)).record
    assert cut is not None
    assert is_over(cut, study(wall_seconds=limit))
    for more in (study(wall_seconds=cut.seconds + 1), study()):
        assert not is_over(cut, more)
    sweep = run(small, root, study(), Direct(small))
    assert sweep.record is not None
    assert Study.of(sweep.record.definition) == study()
    assert outcome(sweep.store, sweep.record) == outcome(whole.store, whole.record)
    assert is_over(sweep.record, study())


def test_an_error_leaves_everything_in_order(small: Dataset, tmp_path: Path) -> None:
    class Broken(Direct):
        def wait(self, timeout: float) -> list[Ended]:
            if len(self.trained) == 2:
                raise StoreError("the scheduler is gone")
            return super().wait(timeout)

    with pytest.raises(StoreError, match="the scheduler is gone"):
        run(small, tmp_path, study(), Broken(small, 2))
    store = Store(tmp_path)
    record = store.study("latest")
    assert (record.state, record.reason) == (StudyState.FAILED, "the scheduler is gone")
    assert not running(tmp_path)
    assert not store.is_at_work(record)
    assert {trial.state for trial in store.trials(record)} == {TrialState.PARKED}
    again = run(small, tmp_path, study(), Direct(small))
    assert again.record is not None
    assert again.record.state is StudyState.FINISHED


@pytest.mark.parametrize(("parameters", "seconds"), [(0, 3.0), (1_200_000, 8.0), (10**9, 10.0)])
def test_pieces_of_large_networks_are_longer_but_a_stop_waits_for_them(
    parameters: int, seconds: float
) -> None:
    run = new_run(
        "a",
        EXPERIMENT,
        **dict.fromkeys(("updates_per_epoch", "batch_size", "total"), 1),
        parameters=parameters,
        data=None,
        source="",
        machine={},
    )
    assert loops.piece_seconds(run) == seconds <= loops.GRACE_S
