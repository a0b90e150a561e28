"""Change tokens: they detect every commit, and interfere with none."""

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from core.runs import database
from core.runs.database import ChangeWatch
from core.runs.store import Store
from tests.runs.made import EXPERIMENT, FACTS

BEGINS = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
try:
    connection.execute("BEGIN IMMEDIATE")
except sqlite3.OperationalError as error:
    print(error)
"""


def test_the_transaction_of_this_process_keeps_others_out(tmp_path: Path) -> None:
    # When a process closes a file, it loses the locks that SQLite has on it.
    with closing(database.connect(tmp_path, create=True)) as connection:
        watch = ChangeWatch(tmp_path)
        connection.execute("BEGIN IMMEDIATE")
        assert watch.change_token() is not None
        command = [sys.executable, "-c", BEGINS, str(tmp_path / database.NAME)]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        connection.execute("ROLLBACK")
        assert told == "database is locked\n"
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == ""


def test_it_is_another_after_every_change_and_only_then(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.change_token() is None
    run, lock = store.create(EXPERIMENT, **FACTS)
    lock.release()
    seen = [store.change_token()]
    assert seen[0] is not None
    assert store.change_token() == seen[0]
    for number in range(5):
        store.describe(run, note=str(number))
        assert store.change_token() not in seen
        seen.append(store.change_token())
    store.runs()
    assert store.change_token() == seen[-1]


def test_what_another_program_writes_is_seen(tmp_path: Path) -> None:
    store, other = Store(tmp_path), Store(tmp_path)
    run, lock = store.create(EXPERIMENT, **FACTS)
    lock.release()
    before = store.change_token()
    other.describe(run, note="by another")
    assert store.change_token() != before


def test_another_file_is_another_moment(tmp_path: Path) -> None:
    path, watch = tmp_path / database.NAME, ChangeWatch(tmp_path)
    seen = set()
    for _ in range(3):
        database.connect(tmp_path, create=True).close()
        seen.add(watch.change_token())
        path.unlink()
        assert watch.change_token() is None
    assert len(seen) == 3
    assert None not in seen


def test_what_is_no_database_has_no_moment(tmp_path: Path) -> None:
    (tmp_path / database.NAME).write_bytes(b"x" * 5000)
    assert ChangeWatch(tmp_path).change_token() is None


def test_any_thread_may_look(tmp_path: Path) -> None:
    database.connect(tmp_path, create=True).close()
    watch = ChangeWatch(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(lambda _: watch.change_token(), range(100)))) == 1
    assert isinstance(watch._connection, sqlite3.Connection)
