"""The store: finding, describing and deleting runs without losing any."""

import sqlite3
import stat
import threading
import time
import weakref
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.config.experiment import Experiment
from core.errors import DamagedError, StoreError
from core.runs import database, queries, schema
from core.runs.folder import SETTINGS
from core.runs.records import RunState
from core.runs.store import Store
from tests.runs.made import EXPERIMENT, FACTS, created, recorded


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def test_a_new_run_is_there_and_runs(tmp_path: Path) -> None:
    store = Store(tmp_path / "new" / "root")
    assert store.runs() == []
    before = time.time()
    with created(store) as (run,):
        assert run.id == run.name == run.preset + "-1" == "mine-1"
        assert store.runs() == [run]
        assert run.state is RunState.RUNNING
        assert before <= run.started <= time.time()
        assert run.experiment() == EXPERIMENT
        assert [event.kind for event in store.events(run)] == ["started"]
        assert Experiment.read(store.folder(run) / "settings.toml") == EXPERIMENT
        assert len(store.history(run).updates) == 0
        # Read again, as another process does.
        assert Store(store.root).runs() == [run]


def test_what_is_written_is_the_users_alone(tmp_path: Path) -> None:
    store = Store(tmp_path / "root")
    with created(store) as (run,):
        for path in (store.root / database.NAME, store.folder(run) / "settings.toml"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        for path in (store.root, store.folder(run)):
            assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_a_writer_that_is_closed_has_no_thread_until_there_is_more_to_write(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    store = Store(tmp_path)
    with created(store) as (run,):
        store.writer.close()
        assert set(threading.enumerate()) == before
        store.writer.do(lambda line: queries.update_run(line, run.number, state=RunState.PAUSED))
        assert store.get(run.number).state is RunState.PAUSED
    store.writer.close()
    store.writer.close()
    assert set(threading.enumerate()) == before


def test_a_writer_forgets_what_it_has_done(tmp_path: Path) -> None:
    class Known:
        def job(self, connection: sqlite3.Connection) -> None:
            pass

    known = Known()
    gone = weakref.ref(known)
    Store(tmp_path).writer.do(known.job)
    del known
    end = time.monotonic() + 20
    while gone() is not None:  # its thread may not have returned from it yet
        assert time.monotonic() < end, "the writer keeps it until there is more to write"
        time.sleep(0.01)


def test_a_run_without_its_process_has_crashed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with created(store) as (run,):
        assert store.get(run.number).state is RunState.RUNNING
    assert store.get(run.number).state is RunState.CRASHED
    assert store.runs()[0].state is RunState.CRASHED


def test_a_paused_run_without_its_process_has_crashed_too(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with created(store) as (run,):
        store.writer.do(lambda line: queries.update_run(line, run.number, state=RunState.PAUSED))
        assert store.get(run.number).state is RunState.PAUSED
    assert store.get(run.number).state is RunState.CRASHED


def test_numbers_rise_and_are_never_given_twice(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with created(store, 11) as runs:
        assert [run.id for run in runs] == [f"mine-{number}" for number in range(1, 12)]
    (tmp_path / "mine-40").mkdir()
    (tmp_path / "mine-x").mkdir()
    (tmp_path / "mine-7-500").mkdir()
    (tmp_path / "other-900").mkdir()
    with created(store) as (run,):
        assert run.id == "mine-41"
    with created(store, name="mi") as (other,):
        assert other.id == "mi-1"
    (tmp_path / "mine-40").rmdir()
    store.purge(store.delete(run))
    with created(store) as (run,):
        assert run.id == "mine-42"
    assert [found.id for found in store.runs()][:3] == ["mine-42", "mi-1", "mine-11"]


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("a/b", "a-b-1"),
        ("../../etc/passwd", "etc-passwd-1"),
        ("..", "run-1"),
        ("/", "run-1"),
        ("C:\\x", "C-x-1"),
        ("größe 1", "gr-e-1-1"),
        ("arch-2", "arch-2-1"),
        (".hidden", "hidden-1"),
    ],
)
def test_names_are_made_safe(tmp_path: Path, name: str, folder: str) -> None:
    store = Store(tmp_path / "runs")
    with created(store, name=name) as (run,):
        assert store.folder(run) == tmp_path / "runs" / folder
        assert store.folder(run).is_dir()
    assert names(tmp_path) == {"runs"}


@given(name=st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=100))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_any_name_makes_a_folder_of_the_root(tmp_path: Path, name: str) -> None:
    store = Store(tmp_path)
    with created(store, name=name) as (run,):
        assert store.folder(run).parent == tmp_path
        assert store.get(run.number).experiment().name == name


def test_references(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(StoreError, match="there are no runs in"):
        store.find("latest")
    with created(store, 10), created(store, name="other") as (other,):
        assert store.find("latest") == other
        assert store.find("o") == other
        assert store.find("mine-1").id == "mine-1"
        assert store.find("mine-10").id == "mine-10"
        with pytest.raises(StoreError, match="'mine' begins more than one id: mine-10, mine-9"):
            store.find("mine")
        with pytest.raises(StoreError, match="there is no run 'x'"):
            store.find("x")


def test_names_refer_to_runs_where_they_are_unique(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with created(store, 3), created(store, name="other") as (other,):
        second = store.describe(store.find("mine-2"), name="wide net", note="", marked=False)
        assert store.find("wide net") == second
        store.describe(other, name="mine-1", note="", marked=False)
        assert store.find("mine-1").id == "mine-1", "an id goes before a name"
        store.describe(other, name="mi", note="", marked=False)
        assert store.find("mi").id == other.id, "a name goes before the beginning of an id"
        store.describe(other, name="wide net", note="", marked=False)
        ids = "mine-2, other-1|other-1, mine-2"
        with pytest.raises(
            StoreError, match=f"'wide net' is the name of more than one run: ({ids})"
        ):
            store.find("wide net")


def test_a_run_is_described(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with created(store) as (run,):
        changed = store.describe(run, name="größte", note="two\nlines", marked=True)
        assert store.get(run.number) == changed
        assert (changed.name, changed.note, changed.marked) == ("größte", "two\nlines", True)


def test_a_deleted_run_comes_back_until_it_is_purged(tmp_path: Path) -> None:
    store = Store(tmp_path)
    refused = pytest.raises(StoreError, match="mine-1 is being trained; stop it first")
    with created(store) as (run,), refused:
        store.delete(run)
    gone = store.delete(run)
    assert store.runs() == []
    assert [run.id for run in store.runs(deleted=True)] == ["mine-1"]
    with pytest.raises(StoreError, match="there are no runs"):
        store.find("mine-1")
    store.restore(gone)
    assert [run.id for run in store.runs()] == ["mine-1"]
    store.purge(store.delete(run))
    assert store.runs() == store.runs(deleted=True) == []
    assert names(tmp_path) == {database.NAME}
    with pytest.raises(StoreError, match="has been deleted"):
        store.get(run.number)
    with pytest.raises(StoreError, match="there is no run number"):
        store.restore(run)


def test_only_what_is_deleted_is_purged_and_only_once(tmp_path: Path) -> None:
    store, other = Store(tmp_path), Store(tmp_path)
    with created(store) as (run,):
        pass
    with pytest.raises(StoreError, match="mine-1 is not deleted"):
        store.purge(run)
    store.delete(run)
    with pytest.raises(StoreError, match="mine-1 has been deleted"):
        other.delete(run)
    other.restore(run)
    with pytest.raises(StoreError, match="mine-1 is not deleted"):
        store.purge(run)
    assert [kept.id for kept in store.runs()] == ["mine-1"]
    assert store.folder(run).is_dir()


def test_a_database_that_has_gone_is_no_empty_list(tmp_path: Path) -> None:
    store = Store(tmp_path)
    recorded(store, 1)
    (tmp_path / "arch-2-1" / SETTINGS).write_text(EXPERIMENT.to_toml())
    (tmp_path / database.NAME).unlink()
    for work in (store.runs, lambda: Store(tmp_path).create(EXPERIMENT, **FACTS)):
        with pytest.raises(DamagedError, match="has gone, and there are folders of runs beside it"):
            work()
    assert not (tmp_path / database.NAME).exists()


def test_a_root_that_is_a_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for root in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StoreError) as caught:
            Store(root).create(EXPERIMENT, **FACTS)
        assert "\n" not in str(caught.value)
        assert str(root) in str(caught.value)


def test_nothing_is_left_of_a_run_that_cannot_be_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)

    def full(*what: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with created(store), monkeypatch.context() as patch:
        patch.setattr("core.runs.queries.add_run", full)
        with pytest.raises(StoreError):
            store.create(EXPERIMENT, **FACTS)
    assert names(tmp_path) == {database.NAME, "mine-1"}
    with created(store) as (run,):
        assert run.id == "mine-2"


def test_a_commit_whose_journal_is_gone_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the folder cannot be flushed: SQLite fails, but the transaction is committed."""
    connect = sqlite3.connect

    class Failing(sqlite3.Connection):
        def execute(self, statement: str, *arguments: Any) -> sqlite3.Cursor:
            found = super().execute(statement, *arguments)
            if statement == "COMMIT":
                error = sqlite3.OperationalError("disk I/O error")
                error.sqlite_errorname = "SQLITE_IOERR_DIR_FSYNC"
                raise error
            return found

    monkeypatch.setattr(sqlite3, "connect", lambda *a, **more: connect(*a, factory=Failing, **more))
    store = Store(tmp_path)
    with created(store) as (run,):
        assert store.describe(run, note="x").note == "x"
    monkeypatch.undo()
    assert [run.note for run in Store(tmp_path).runs()] == ["x"]


# Content of the file


def test_the_file_has_a_rollback_journal_and_says_whose_it_is(tmp_path: Path) -> None:
    with created(Store(tmp_path)):
        connection = sqlite3.connect(tmp_path / database.NAME)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert connection.execute("PRAGMA application_id").fetchone() == (schema.APPLICATION_ID,)
        assert connection.execute("PRAGMA user_version").fetchone() == (len(schema.MIGRATIONS),)
        connection.close()
        with database.reading(tmp_path) as ours:
            (level,) = ours.execute("PRAGMA synchronous").fetchone()
            assert level >= 2  # FULL, or more


def test_an_earlier_version_is_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with created(Store(tmp_path)) as (run,):
        pass
    monkeypatch.setattr(
        schema, "MIGRATIONS", (*schema.MIGRATIONS, ("CREATE TABLE more (x INTEGER)",))
    )
    assert Store(tmp_path).runs()[0].id == run.id
    with database.reading(tmp_path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(schema.MIGRATIONS),)
        assert connection.execute("SELECT count(*) FROM more").fetchone() == (0,)


def test_a_later_version_is_left_alone(tmp_path: Path) -> None:
    with created(Store(tmp_path)):
        pass
    connection = sqlite3.connect(tmp_path / database.NAME)
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(StoreError, match="was written by a later version of Convsole"):
        Store(tmp_path).runs()


def test_what_is_no_database_of_runs_is_refused(tmp_path: Path) -> None:
    path = tmp_path / database.NAME
    path.write_bytes(b"words" * 1000)
    with pytest.raises(DamagedError, match=r"is damaged .*doctor"):
        Store(tmp_path).runs()
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE foreigners (x)")
    connection.commit()
    connection.close()
    with pytest.raises(DamagedError, match="it holds something else"):
        Store(tmp_path).create(EXPERIMENT, **FACTS)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE runs SET updates = 7",
        "UPDATE runs SET settings = replace(settings, '0.1', '0.2')",
        "UPDATE runs SET state = 'finished'",
        "DELETE FROM runs",
        "UPDATE counts SET runs = 5",
    ],
)
def test_a_line_that_was_changed_is_noticed(tmp_path: Path, change: str) -> None:
    store = Store(tmp_path)
    with created(store):
        pass
    connection = sqlite3.connect(tmp_path / database.NAME)
    connection.execute(change)
    connection.commit()
    connection.close()
    with pytest.raises(DamagedError, match="is damaged"):
        store.runs()


@pytest.mark.parametrize("change", ["DELETE FROM events", 'UPDATE events SET "update" = 3'])
def test_an_event_that_was_changed_is_noticed(tmp_path: Path, change: str) -> None:
    store = Store(tmp_path)
    with created(store) as (run,):
        pass
    connection = sqlite3.connect(tmp_path / database.NAME)
    connection.execute(change)
    connection.commit()
    connection.close()
    with pytest.raises(DamagedError, match="is damaged"):
        store.events(run)


def test_a_database_that_was_made_while_somebody_looked_is_not_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with created(Store(tmp_path)) as (run,):
        pass
    version, looks = database._version, 0

    def seen(*arguments: Any) -> int:
        nonlocal looks
        looks += 1
        return version(*arguments) if looks > 1 else 0

    monkeypatch.setattr(database, "_version", seen)
    assert [each.id for each in Store(tmp_path).runs()] == [run.id]
