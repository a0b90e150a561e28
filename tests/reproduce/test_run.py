"""Running a study: it finishes, resumes where it was left, and repeats nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.benchmark import run as benchmarks
from core.benchmark.results import Benchmark
from core.data import home
from core.data.dataset import Dataset
from core.errors import StoreError
from core.reproduce import plan
from core.reproduce.plan import RECIPES, TIMING
from core.reproduce.results import Findings, look
from core.reproduce.run import Progress, Reproduction
from core.reproduce.study import Study, place
from core.runs.records import RunState
from core.runs.session import store
from core.training.timeline import Edit
from tests.benchmark.made import benchmark
from tests.reproduce.made import FULL, QUICK, cifar10_of, complete, measured, record, tiny
from tests.runs.made import loader

Begin = Callable[..., Reproduction]


@pytest.fixture
def begin(small: Dataset, monkeypatch: pytest.MonkeyPatch) -> Begin:
    """Make the quick study shorter still: small networks, few updates, invented times."""
    monkeypatch.setattr(plan, "QUICK_FACTOR", 800)
    monkeypatch.setattr(plan, "RECIPES", tiny(RECIPES))
    small = Dataset("synthetic", "built in", small.classes, small.train, *[small.test] * 2)

    def times(wanted: object, *_: object, **more: Callable[[], bool]) -> Benchmark:
        names = plan.timing(QUICK).architectures
        made = benchmark(names[:2] if more["cancelled"]() else names)
        object.__setattr__(made, "updates", plan.timing(QUICK).updates)
        return made

    monkeypatch.setattr(benchmarks, "run", times)
    return lambda **more: Reproduction(QUICK, threads=1, load=loader(small), **more)


def stop_at(work: Reproduction, key: str, part: float) -> None:
    def listen(at: Progress) -> None:
        if at.key == key and at.part >= part:
            work.control.stop()

    work.listen = listen


def ends(found: Findings) -> dict[str, tuple[float, ...]]:
    return {
        job.key: (came.train_loss, came.validation_loss, came.test_accuracy)
        for job in found.jobs
        if (came := found.result(job)) is not None
    }


def test_it_comes_to_its_end_as_if_it_had_not_been_interrupted(
    begin: Begin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = begin()
    stop_at(first, "final/0", 0.5)
    half = first.run()
    assert not half.finished
    stopped = half.runs["final/0"]
    assert stopped.state is RunState.STOPPED
    assert 0 < stopped.updates < stopped.total
    assert len(ends(half)) == 4
    second = begin()
    seen: list[str] = []
    second.listen = lambda at: seen.append(at.key)
    whole = second.run()
    assert whole.finished
    assert seen[0] == "final/0"
    assert whole.runs["final/0"].id == stopped.id
    assert len(store().runs()) == len(RECIPES)
    monkeypatch.setenv(home.HOME_VARIABLE, str(tmp_path))
    assert ends(begin().run()) == ends(whole)


def test_what_is_done_is_not_done_again(begin: Begin) -> None:
    done = begin().run()
    again = begin()
    seen: list[Progress] = []
    again.listen = seen.append
    assert ends(again.run()) == ends(done)
    assert seen == []
    anew = begin(anew=True).run()
    assert ends(anew) == ends(done)
    assert len(store().runs()) == 2 * len(RECIPES)
    assert not {run.id for run in anew.runs.values()} & {run.id for run in done.runs.values()}


def test_it_tells_how_far_it_is(begin: Begin) -> None:
    work, seen, news = begin(), [], []
    work.listen, work.news = seen.append, news.append
    work.run()
    shares = [at.share for at in seen]
    assert shares == sorted(shares)
    assert 0.9 < shares[-1] <= 1.0
    assert list(dict.fromkeys(at.key for at in seen)) == [
        TIMING, *(f"{recipe.name}/0" for recipe in RECIPES)
    ]  # fmt: skip
    assert all(at.to_go >= 0 for at in seen)
    assert "final, seed 0: update 30 of 30" in [at.doing for at in seen]
    begun = [found.runs["arch-1/0"].state for found in news if "arch-1/0" in found.runs]
    assert begun[:2] == [RunState.RUNNING, RunState.FINISHED]


def test_times_that_were_cancelled_are_not_kept(begin: Begin) -> None:
    work = begin()
    stop_at(work, TIMING, 0)
    found = work.run()
    assert found.timing is None
    assert found.runs == {}
    assert begin().run().finished


def test_runs_that_are_gone_or_not_as_wanted_are_run_again(begin: Begin) -> None:
    done = begin().run()
    gone, edited = done.runs["arch-1/0"], done.runs["arch-2/0"]
    store().delete(gone)

    def edit(connection: object) -> None:
        from core.runs import queries

        content = {"changes": {"weight_decay": 0.5}, "updates": edited.total}
        queries.add_event(connection, edited, 1, "edited", content)  # type: ignore[arg-type]

    store().writer.do(edit)
    assert store().edits(store().get(edited.number)) == (Edit(1, {"weight_decay": 0.5}),)
    after = look(QUICK, None, store())
    assert {job.key for job in after.jobs if after.result(job) is None} == {"arch-1/0", "arch-2/0"}
    again = begin().run()
    assert again.finished
    assert again.runs["arch-2/0"].id != edited.id


def test_a_run_that_fails_does_not_keep_the_others_from_their_end(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipes = tuple(
        plan.Recipe(one.name, one.preset, one.words, {"weight_decay": 10.0, "eta_max": 10.0})
        if one.name == "arch-2" else one
        for one in RECIPES[:3]
    )  # fmt: skip
    monkeypatch.setattr(plan, "RECIPES", recipes)
    monkeypatch.setattr(plan, "QUICK_FACTOR", 10)
    found = begin().run()
    assert [job.key for job in found.failed] == ["arch-2/0"]
    assert "no longer finite" in found.reasons["arch-2/0"]
    assert not found.finished
    assert set(ends(found)) == {"arch-1/0", "arch-3/0"}


def test_two_processes_do_not_work_on_one_study(begin: Begin) -> None:
    with Study.of("quick").locked(), pytest.raises(StoreError, match="another process reproduces"):
        begin().run()


@pytest.mark.parametrize("content", ["", "[]", '{"runs": 3}', "x" * 300_000])
def test_a_record_that_is_none_is_refused_until_it_is_left_out(begin: Begin, content: str) -> None:
    folder = place("quick")
    folder.mkdir(parents=True)
    (folder / "study.json").write_text(content)
    with pytest.raises(StoreError, match=r"study\.json .*--force"):
        begin().run()
    work = begin(anew=True)
    stop_at(work, "arch-1/0", 0)
    assert work.run().timing is not None


def test_more_seeds_go_on_from_fewer_and_a_look_is_never_taken_for_the_whole(
    convsole_home: Path,
) -> None:
    cifar10_of(convsole_home / "data")
    complete(store(), FULL.changed(seeds=2))
    more = look(FULL, None, store())
    assert len(ends(more)) == 2 * len(RECIPES)
    assert len(ends(look(FULL.changed(seeds=1), None, store()))) == len(RECIPES)
    assert look(QUICK, None, store()).runs == {}


def test_times_are_those_that_are_wanted(convsole_home: Path) -> None:
    study = Study.of("quick")
    measured(study, FULL)
    assert study.timing(plan.timing(QUICK)) is None
    measured(study, QUICK)
    assert study.timing(plan.timing(QUICK)) is not None
    record(plan.jobs(QUICK, "synthetic")[0], store(), study)
    assert Study.of("quick").timing(plan.timing(QUICK)) is not None
