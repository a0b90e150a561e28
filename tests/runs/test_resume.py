"""A resumed run is bitwise identical to an uninterrupted one."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.config.experiment import Experiment
from core.data.dataset import Dataset, Split
from core.errors import StoreError
from core.runs import queries
from core.runs.checkpoint import load_checkpoint
from core.runs.folder import BEST, SETTINGS, RunLock, is_locked
from core.runs.recorder import Recorder
from core.runs.records import RunState
from core.runs.session import Session
from core.runs.store import Store
from core.settings import Value
from core.training.events import EditRefused, Event, Finished, Paused, Started, UpdateDone
from core.training.state import State
from core.training.timeline import Edit, Timeline
from tests.processes import running
from tests.runs.made import BRANCHES, DEEP, EXPERIMENT, loader, losses, plain, session, trained

LONG: dict[str, Any] = {
    "half_cycle": 7,
    "cycles": 2,
    "evaluate_every": 3,
    "shards": 2,
    "health": "dense",
}
EDITS = (Edit(4, {"eta_max": 0.05}), Edit(9, {"half_cycle": 9, "weight_decay": 0.01}))


def weights(dataset: Dataset, made: Session) -> dict[str, Any]:
    assert made.folder is not None
    found = load_checkpoint(made.folder.numbered()[0])
    return state_bytes(found.state)


def state_bytes(state: State) -> dict[str, Any]:
    arrays = {**state.tensors, **state.optimiser}
    return {name: value.tobytes() for name, value in arrays.items()}


def whole(dataset: Dataset, timeline: Timeline) -> tuple[dict[str, Any], Any, Finished]:
    trainer, history, end = plain(dataset, timeline)
    assert isinstance(end, Finished)
    return state_bytes(trainer.state()), losses(history), end


def interrupted(
    dataset: Dataset,
    root: Path,
    stops: list[int],
    edits: tuple[Edit, ...] = (),
    how: str = "stop",
    **values: Any,
) -> Session:
    """Train with edits, stopping at each of `stops` and resuming from the disk."""
    todo = {edit.update: edit.changes for edit in edits}
    made = session(dataset, root, **values)
    for stop in [*stops, None]:

        def listen(event: Event, stop: int | None = stop, made: Session = made) -> None:
            if isinstance(event, UpdateDone):
                if event.update in todo:
                    made.control.edit(todo.pop(event.update))
                if event.update == stop:
                    getattr(made.control, how)()

        made.run(listen, loader(dataset))
        if stop is not None:
            store = Store(root)
            made = Session.resume(store.find("latest"), threads=1, store=store)
    return made


@pytest.mark.parametrize(
    "more",
    [{}, {"augmentation": "offline", "copies": 50}, {"augmentation": "fresh"}, DEEP, BRANCHES],
    ids=["none", "offline", "fresh", "deep", "branches"],
)
def test_stopped_at_every_update(small: Dataset, tmp_path: Path, more: dict[str, Any]) -> None:
    values = {**LONG, "half_cycle": 4, **more}
    tensors, recorded, end = whole(small, Timeline(EXPERIMENT.changed(**values)))
    assert end.result.updates == 16
    for stop in range(1, 16):
        made = interrupted(small, tmp_path / str(stop), [stop], **values)
        assert weights(small, made) == tensors
        assert losses(made.history) == recorded
        run = made.store.find("latest")
        assert losses(made.store.history(run)) == recorded
        assert run.state is RunState.FINISHED
        assert run.result is not None
        assert run.result["test_accuracy"] == end.result.test_accuracy
        assert run.result["train_loss"] == end.result.train_loss


def test_stopped_again_and_again(small: Dataset, tmp_path: Path) -> None:
    tensors, recorded, _ = whole(small, Timeline(EXPERIMENT.changed(**LONG)))
    made = interrupted(small, tmp_path, list(range(1, 28)), **LONG)
    assert weights(small, made) == tensors
    assert losses(made.history) == recorded
    kinds = [event.kind for event in made.store.events(made.store.find("latest"))]
    assert kinds == ["started", *["stopped", "resumed"] * 27, "finished"]


def test_a_run_older_than_the_health_record_has_one_from_its_resumption_on(
    small: Dataset, tmp_path: Path
) -> None:
    tensors, recorded, _ = whole(small, Timeline(EXPERIMENT.changed(**LONG | {"health": "sparse"})))
    store = Store(tmp_path)
    stopped = session(small, tmp_path, **LONG | {"health": "sparse"})

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone) and event.update == 9:
            stopped.control.stop()

    stopped.run(listen, loader(small))
    run = store.find("latest")
    settings = {name: value for name, value in run.settings.items() if name != "health"}

    def older(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM chunks WHERE kind = 'health'")
        queries.update_run(connection, run.number, settings=settings, health=0)

    store.writer.do(older)
    again = Session.resume(store.find("latest"), threads=1, store=store)
    again.run(load=loader(small))
    assert weights(small, again) == tensors
    history = store.history(store.find("latest"))
    assert losses(history)["updates"] == recorded["updates"]
    assert history.health.points()[:, 0].tolist() == [each[-1] for each in recorded["health"]]


def test_interrupted_at_every_update(small: Dataset, tmp_path: Path) -> None:
    tensors, recorded, _ = whole(small, Timeline(EXPERIMENT.changed(**LONG), EDITS))
    stops = list(range(1, len(recorded["updates"])))
    made = interrupted(small, tmp_path, stops, EDITS, "interrupt", **LONG)
    assert weights(small, made) == tensors
    assert losses(made.history) == recorded


def test_an_interruption_of_the_last_measurement(small: Dataset, tmp_path: Path) -> None:
    last = LONG["half_cycle"] * LONG["cycles"] * 2
    made = interrupted(small, tmp_path, [], **LONG)
    cut = interrupted(small, tmp_path / "cut", [last], how="interrupt", **LONG)
    store = Store(tmp_path / "cut")
    assert [event.kind for event in store.events(store.find("latest"))][:2] == [
        "started",
        "stopped",
    ]
    assert losses(cut.history) == losses(made.history)
    assert cut.history.result is not None
    assert made.history.result is not None
    assert cut.history.result.test_accuracy == made.history.result.test_accuracy


@pytest.mark.parametrize("more", [{}, DEEP, BRANCHES], ids=["plain", "deep", "branches"])
def test_edits_are_part_of_it(small: Dataset, tmp_path: Path, more: dict[str, Any]) -> None:
    values = {**LONG, **more}
    timeline = Timeline(EXPERIMENT.changed(**values), EDITS)
    tensors, recorded, _ = whole(small, timeline)
    plain_tensors, _, _ = whole(small, Timeline(EXPERIMENT.changed(**values)))
    assert tensors != plain_tensors
    for stops in ([], [2], [4], [5], [9, 10], [20], [3, 4, 5, 9, 12]):
        made = interrupted(small, tmp_path / repr(stops), stops, EDITS, **values)
        assert weights(small, made) == tensors
        assert losses(made.history) == recorded
        run = made.store.find("latest")
        assert made.store.edits(run) == EDITS
        assert run.total == timeline.updates
        assert made.history.total == timeline.updates


def test_an_edit_is_on_the_disk_before_the_update_that_knows_it(
    small: Dataset, tmp_path: Path
) -> None:
    made, seen = session(small, tmp_path, **LONG), []

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone):
            if event.update == 4:
                made.control.edit({"eta_max": 0.05})
            seen.append(len(Store(tmp_path).edits(Store(tmp_path).find("latest"))))

    made.run(listen, loader(small))
    assert seen == [0] * 4 + [1] * 24


def test_what_was_recorded_beyond_the_checkpoint_stays_until_it_is_taken_again(
    small: Dataset, tmp_path: Path
) -> None:
    """As after a kill: points are recorded beyond the checkpoint."""
    _, recorded, _ = whole(small, Timeline(EXPERIMENT.changed(**LONG)))
    made = crashed(small, tmp_path, [10], 20)
    run = made.store.find("latest")
    assert (run.state, run.updates, run.evaluations) == (RunState.CRASHED, 20, 6)
    again = Session.resume(run, threads=1, store=Store(tmp_path))
    counts = []

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone):
            again.store.writer.flush()
            now = again.store.find("latest")
            counts.append((event.update, now.updates, now.evaluations))
            again.store.history(now)

    again.run(listen, loader(small))
    # One evaluation fewer: an evaluation follows its update.
    assert counts[:11] == [(update, 20, 6) for update in range(11, 21)] + [(21, 21, 6)]
    assert losses(again.store.history(again.store.find("latest"))) == recorded


def test_an_edit_ends_what_would_have_come(small: Dataset, tmp_path: Path) -> None:
    crashed(small, tmp_path, [10], 20)
    again = Session.resume(Store(tmp_path).find("latest"), threads=1, store=Store(tmp_path))
    counts = []

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone):
            if event.update == 12:
                again.control.edit({"eta_max": 0.05})
            again.store.writer.flush()
            now = again.store.find("latest")
            counts.append(now.updates)
            again.store.history(now)

    again.run(listen, loader(small))
    assert counts[:4] == [20, 20, 13, 14]
    timeline = Timeline(EXPERIMENT.changed(**LONG), (Edit(12, {"eta_max": 0.05}),))
    assert losses(again.history) == whole(small, timeline)[1]


def test_an_edit_in_a_later_chunk_loses_no_point_that_waits_to_be_written(
    small: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.runs.points.CHUNK", 8)
    monkeypatch.setattr("core.runs.writer.INTERVAL", 1e9)
    crashed(small, tmp_path, [5], 6)
    again = Session.resume(Store(tmp_path).find("latest"), threads=1, store=Store(tmp_path))

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone) and event.update == 12:
            again.control.edit({"eta_max": 0.05})

    again.run(listen, loader(small))
    timeline = Timeline(EXPERIMENT.changed(**LONG), (Edit(12, {"eta_max": 0.05}),))
    recorded = losses(again.store.history(again.store.find("latest")))
    assert recorded == losses(again.history) == whole(small, timeline)[1]


class CrashError(Exception):
    """Simulates the end of a process."""


def crashed(dataset: Dataset, root: Path, kept: list[int], seen: int) -> Session:
    """A run with checkpoints after `kept` updates, whose points are recorded up to `seen`."""
    made = session(dataset, root, **LONG)
    on_step_end = Recorder.on_step_end

    def only(recorder: Recorder) -> None:
        if recorder.committed != len(made.history.updates) in kept:
            recorder._checkpoint()
            made.store.writer.flush()

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone) and event.update == seen:
            made.store.writer.flush()
            raise CrashError

    Recorder.on_step_end = only  # type: ignore[method-assign]
    try:
        with pytest.raises(CrashError):
            made.run(listen, loader(dataset))
    finally:
        Recorder.on_step_end = on_step_end  # type: ignore[method-assign]
    return made


@pytest.mark.parametrize("spoiled", [0, 1, 2])
def test_damaged_checkpoints_are_passed_over(small: Dataset, tmp_path: Path, spoiled: int) -> None:
    tensors, recorded, _ = whole(small, Timeline(EXPERIMENT.changed(**LONG)))
    made = crashed(small, tmp_path, [5, 10], 20)
    assert made.folder is not None
    paths = made.folder.numbered()
    assert [path.name[-14:-12] for path in paths] == ["10", "05"]
    for path in paths[:spoiled]:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    again = Session.resume(Store(tmp_path).find("latest"), threads=1, store=Store(tmp_path))
    first = []
    again.run(
        lambda event: first.append(event.done) if isinstance(event, Started) else None,
        loader(small),
    )
    assert first == [[10, 5, 0][spoiled]]
    assert sum("checksum does not fit" in note for note in again.notes) == spoiled
    assert any("begins again" in note for note in again.notes) == (spoiled == 2)
    assert weights(small, again) == tensors
    assert losses(again.history) == recorded


def test_a_checkpoint_of_another_way_is_passed_over(small: Dataset, tmp_path: Path) -> None:
    """A checkpoint was unreadable for a while, and the run diverged from it in the meantime."""
    made = crashed(small, tmp_path, [5, 10], 20)
    assert made.folder is not None
    newest = made.folder.numbered()[0]
    newest.rename(tmp_path / "away")
    again = Session.resume(
        Store(tmp_path).find("latest"), threads=1, store=Store(tmp_path), checkpoint_every=1e9
    )

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone):
            if event.update == 7:
                again.control.edit({"eta_max": 0.05})
            if event.update == 13:
                again.store.writer.flush()
                raise CrashError

    with pytest.raises(CrashError):
        again.run(listen, loader(small))
    (tmp_path / "away").rename(newest)
    last = Session.resume(Store(tmp_path).find("latest"), threads=1, store=Store(tmp_path))
    last.run(load=loader(small))
    assert any("does not belong to the points" in note for note in last.notes)
    timeline = Timeline(EXPERIMENT.changed(**LONG), (Edit(7, {"eta_max": 0.05}),))
    tensors, recorded, _ = whole(small, timeline)
    assert weights(small, last) == tensors
    assert losses(last.history) == recorded


def test_a_finished_run_gives_what_it_gave(small: Dataset, tmp_path: Path) -> None:
    made = trained(small, tmp_path)
    before = {path: path.read_bytes() for path in (tmp_path / "mine-1").iterdir()}

    def never(*what: object) -> Dataset:
        raise AssertionError("nothing is to be read")

    again = Session.resume(made.store.find("latest"), store=made.store)
    end = again.run(load=never)
    assert isinstance(end, Finished)
    assert end.result == made.history.result
    assert losses(again.history) == losses(made.history)
    assert before == {path: path.read_bytes() for path in (tmp_path / "mine-1").iterdir()}


def test_other_images_are_refused(small: Dataset, tmp_path: Path) -> None:
    made = session(small, tmp_path, **LONG)

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone) and event.update == 4:
            made.control.stop()

    made.run(listen, loader(small))
    images = small.train.images.copy()
    images[0, 0, 0, 0] ^= 1
    other = Dataset(
        small.name,
        "elsewhere",
        small.classes,
        Split(images, small.train.labels),
        small.validation,
        small.test,
    )
    again = Session.resume(made.store.find("latest"), threads=1, store=made.store)
    with pytest.raises(StoreError, match="mine-1 began with other images than those of"):
        again.run(load=loader(other))
    assert made.store.find("latest").state is RunState.STOPPED


def test_a_run_whose_folder_was_deleted_begins_again_in_a_new_one(
    small: Dataset, tmp_path: Path
) -> None:
    made = session(small, tmp_path, **LONG)
    made.control.stop()
    made.run(load=loader(small))
    shutil.rmtree(tmp_path / "mine-1")
    store, seen = Store(tmp_path), set()
    again = Session.resume(store.find("latest"), threads=1, store=store)

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone):
            seen.add(is_locked(tmp_path / "mine-1"))

    again.run(listen, loader(small))
    assert seen == {True}
    tensors, recorded, _ = whole(small, Timeline(EXPERIMENT.changed(**LONG)))
    assert weights(small, again) == tensors
    assert losses(again.history) == recorded
    assert (tmp_path / "mine-1").stat().st_mode & 0o777 == 0o700
    assert Experiment.read(tmp_path / "mine-1" / SETTINGS) == again.experiment


def test_a_run_that_was_deleted_is_not_gone_on_with(small: Dataset, tmp_path: Path) -> None:
    made = session(small, tmp_path, **LONG)
    made.control.stop()
    made.run(load=loader(small))
    store = Store(tmp_path)
    listed = store.find("latest")
    again = Session.resume(listed, threads=1, store=store)
    store.delete(listed)
    with pytest.raises(StoreError, match="mine-1 has been deleted"):
        again.run(load=loader(small))
    assert [run.state for run in store.runs(deleted=True)] == [RunState.STOPPED]
    with pytest.raises(StoreError, match="mine-1 has been deleted"):  # at the last moment
        store.record_resume(listed, 1, np.empty((5, 0)))


def test_two_cannot_go_on_with_the_same(small: Dataset, tmp_path: Path) -> None:
    made = session(small, tmp_path, **LONG)
    made.control.stop()
    made.run(load=loader(small))
    store = Store(tmp_path)
    lock = RunLock(tmp_path / "mine-1")
    try:
        again = Session.resume(store.find("latest"), threads=1, store=store)
        with pytest.raises(StoreError, match="another process works on mine-1"):
            again.run(load=loader(small))
    finally:
        lock.release()
    assert isinstance(again.run(load=loader(small)), Finished)


def test_a_pause_is_kept(small: Dataset, tmp_path: Path) -> None:
    made, seen = session(small, tmp_path, **LONG), []

    def listen(event: Event) -> None:
        if isinstance(event, UpdateDone) and event.update == 5:
            made.control.pause()
        if isinstance(event, Paused):
            made.store.writer.flush()
            assert made.folder is not None
            seen.append(made.store.find("latest").state)
            seen.append(made.folder.numbered()[0].name)
            made.control.edit({"eta_max": 0.05})
            made.control.resume()

    made.run(listen, loader(small))
    assert seen == [RunState.PAUSED, "checkpoint-00000005.safetensors"]
    assert made.store.edits(made.store.find("latest")) == (Edit(5, {"eta_max": 0.05}),)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"eta_max": 11}, "eta_max"),
        ({"eta_min": 0.5}, "eta_min"),
        ({"cycles": 1}, "cycle 2 has begun"),
        ({"seed": 1}, "cannot change while a run trains"),
    ],
)
def test_an_edit_that_cannot_be_changes_nothing(
    small: Dataset, tmp_path: Path, changes: dict[str, Value], reason: str
) -> None:
    made, told = session(small, tmp_path, **LONG), []

    def listen(event: Event) -> None:
        told.append(event)
        if isinstance(event, UpdateDone) and event.update == 20:
            made.control.edit(changes)

    made.run(listen, loader(small))
    (refused,) = [event for event in told if isinstance(event, EditRefused)]
    assert reason in refused.reason
    assert losses(made.history) == whole(small, Timeline(EXPERIMENT.changed(**LONG)))[1]


PROGRAM = """
import sys
from pathlib import Path
import numpy as np
from core.data.dataset import Dataset, Split
from core.runs.session import Session
from core.runs.store import Store
from core.training.events import UpdateDone
from tests.runs.made import EXPERIMENT
rng = np.random.default_rng(0)
def split(n):
    return Split(rng.integers(0, 256, (n, 32, 32, 3), np.uint8), rng.integers(0, 10, n))
data = Dataset("synthetic", "here", tuple("abcdefghij"), split(300), split(100), split(50))
root, store = Path(sys.argv[1]), Store(Path(sys.argv[1]))
if store.runs():
    session = Session.resume(store.find("latest"), threads=2, store=store, checkpoint_every=0.1)
else:
    settings = EXPERIMENT.changed(half_cycle=int(sys.argv[2]), evaluate_every=50, health="dense")
    session = Session(settings, threads=2, store=store, checkpoint_every=0.1)
def listen(event):
    if isinstance(event, UpdateDone) and event.update % 20 == 0:
        print(event.update, flush=True)
end = session.run(listen, lambda *what: data)
print("end", end.result.train_loss, flush=True)
"""


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_a_process_that_dies(tmp_path: Path, name: str) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), "300"]
    with running(command, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= 200:
                os.kill(process.pid, getattr(signal, name))
                break
        process.wait()
    store = Store(tmp_path)
    deadline = time.monotonic() + 60
    while store.find("latest").state is not RunState.CRASHED and time.monotonic() < deadline:
        time.sleep(0.01)
    run = store.find("latest")
    assert run.state is RunState.CRASHED
    with running(command, text=True) as process:
        out, _ = process.communicate()
    assert process.returncode == 0
    resumed = store.find("latest")
    assert resumed.state is RunState.FINISHED
    assert int(out.split()[0]) <= run.updates + 20
    again = Store(tmp_path / "again")
    fresh = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(again.root), "300"], capture_output=True, text=True
    )
    assert fresh.stdout.splitlines()[-1] == out.splitlines()[-1]
    assert losses(store.history(resumed)) == losses(again.history(again.find("latest")))
    a, b = (
        load_checkpoint(root / "mine-1" / "checkpoint-00000600.safetensors")
        for root in (tmp_path, again.root)
    )
    assert state_bytes(a.state) == state_bytes(b.state)


@pytest.mark.parametrize("stop", range(1, 14))
def test_the_best_weights_are_those_of_the_run_that_was_not_interrupted(
    small: Dataset, tmp_path: Path, stop: int
) -> None:
    """A stop evaluates where an uninterrupted run does not, and may find a better accuracy."""

    def best(made: Session) -> tuple[Any, ...]:
        assert made.folder is not None
        run = Store(made.folder.path.parent).find("latest")
        state = load_checkpoint(made.folder.path / BEST).state
        return run.best_accuracy, run.best_update, state.updates, state_bytes(state)

    values: dict[str, Any] = {"eta_max": 0.3, "half_cycle": 7, "evaluate_every": 3}
    undisturbed = interrupted(small, tmp_path / "whole", [], **values)
    made = interrupted(small, tmp_path / "stopped", [stop], **values)
    assert best(made) == best(undisturbed)
