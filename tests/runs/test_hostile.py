"""A database written by an attacker, or damaged by the disk, only causes an error message."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from core.errors import DamagedError, StoreError
from core.runs import database, queries
from core.runs.store import Store
from tests.runs.made import EXPERIMENT, FACTS, created


@contextmanager
def foreign(root: Path) -> Iterator[sqlite3.Connection]:
    """Open a connection as an attacker would."""
    connection = sqlite3.connect(root / database.NAME)
    yield connection
    connection.commit()
    connection.close()


def damaged(store: Store, what: str) -> None:
    with pytest.raises(DamagedError, match=what) as caught:
        store.runs()
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


def test_an_empty_file_beside_runs_is_not_taken_for_no_runs(tmp_path: Path) -> None:
    store = Store(tmp_path)
    (tmp_path / database.NAME).touch()
    assert store.runs() == []  # as left by a process that is killed at its first write
    with created(store):
        pass
    (tmp_path / database.NAME).write_bytes(b"")
    damaged(store, "it is empty, and there are folders of runs beside it")
    with pytest.raises(DamagedError, match="it is empty"):
        Store(tmp_path).create(EXPERIMENT, **FACTS)


def test_a_database_that_somebody_makes_at_this_moment_is_none_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / database.NAME).touch()
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.0)
    connect, asked = sqlite3.connect, []

    class Slow(sqlite3.Connection):
        def execute(self, statement: str, *arguments: Any) -> sqlite3.Cursor:
            if statement == "PRAGMA user_version" and not asked:
                asked.append(statement)
                with suppress(StoreError):
                    database.connect(tmp_path, create=True).close()
            return super().execute(statement, *arguments)

    monkeypatch.setattr(sqlite3, "connect", lambda *a, **more: connect(*a, factory=Slow, **more))
    assert Store(tmp_path).runs() == []
    assert asked


@pytest.mark.parametrize(
    "statements",
    [
        "CREATE VIEW more AS SELECT 1",
        "CREATE TRIGGER more AFTER UPDATE ON runs BEGIN DELETE FROM chunks; END",
        "ALTER TABLE runs RENAME TO old; CREATE VIEW runs AS WITH RECURSIVE more(x) AS "
        "(SELECT 1 UNION ALL SELECT x + 1 FROM more) SELECT x FROM more",
        "ALTER TABLE runs RENAME COLUMN note TO nove",
        "DROP TABLE chunks",
        "ALTER TABLE counts ADD COLUMN more GENERATED ALWAYS AS (zeroblob(900000000))",
    ],
)
def test_tables_that_are_others_are_not_asked(tmp_path: Path, statements: str) -> None:
    store = Store(tmp_path)
    with created(store) as (run,):
        pass
    with foreign(tmp_path) as connection:
        connection.executescript(statements)
    damaged(store, "its tables are others")
    with pytest.raises(DamagedError, match="its tables are others"):
        store.history(run)
    with pytest.raises(DamagedError, match="its tables are others"):
        Store(tmp_path).describe(run, note="x")


def test_what_sqlite_says_about_a_changed_table_is_one_sentence(tmp_path: Path) -> None:
    with created(Store(tmp_path)):
        pass
    path = tmp_path / database.NAME
    path.write_bytes(path.read_bytes().replace(b"result TEXT", b"result\x1bTE[", 1))
    damaged(Store(tmp_path), "is damaged")


def test_a_statistic_is_nobodys_harm(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with created(store):
        pass
    with foreign(tmp_path) as connection:
        connection.execute("ANALYZE")
    assert len(store.runs()) == 1


def sealed(connection: sqlite3.Connection, **changes: Any) -> None:
    """Change the record of a run and update its checksum, as an attacker can."""
    connection.row_factory = sqlite3.Row
    row = connection.execute("SELECT * FROM runs").fetchone()
    line = {name: row[name] for name in queries.COLUMNS} | changes
    line["checksum"] = queries.seal(line)
    connection.execute(
        f"UPDATE runs SET {', '.join(f'{name} = ?' for name in line)}", tuple(line.values())
    )


@pytest.mark.parametrize("name", ["..", "../../home", "/etc", "a/b", "", "a\nb", b"x", 5, None])
def test_a_run_has_no_folder_elsewhere(tmp_path: Path, name: object) -> None:
    store = Store(tmp_path)
    with created(store):
        pass
    with foreign(tmp_path) as connection:
        if name is None:
            with pytest.raises(sqlite3.IntegrityError, match="NOT NULL"):
                sealed(connection, id=name)
            return
        sealed(connection, id=name)
    damaged(store, "is damaged")


@pytest.mark.parametrize(
    "changes",
    [
        {"settings": "[" * 50_000},
        {"settings": "{"},
        {"settings": b"\xff"},
        {"settings": "5"},
        {"state": "asleep"},
        {"state": 5},
        {"result": '{"more": 1}'},
        {"result": "[1]"},
        {"updates": "many"},
        {"updates": 5},
        {"updates": -1},
        {"events": "x"},
        {"events": 7},
        {"machine": "5"},
        {"note": "x" * 5_000_000},
    ],
)
def test_a_sealed_line_is_not_believed(tmp_path: Path, changes: dict[str, Any]) -> None:
    store = Store(tmp_path)
    with created(store) as (run,):
        pass
    with foreign(tmp_path) as connection:
        sealed(connection, **changes)
    for read in (store.runs, lambda: store.edits(run)):  # which do not read all of it
        with suppress(StoreError):
            read()  # type: ignore[operator]
    with pytest.raises(DamagedError, match="is damaged"):
        store.history(run)


@pytest.mark.parametrize(
    "content", ["[]", "{}", '{"changes": 5}', '{"changes": [1]}', "[" * 50_000, "x", "NaN"]
)
def test_a_sealed_event_is_not_believed(tmp_path: Path, content: str) -> None:
    store = Store(tmp_path)
    with created(store) as (run,):
        pass
    with foreign(tmp_path) as connection:
        line = (run.number, 0, 1.0, 2, "edited", content)
        connection.execute(
            'UPDATE events SET at = ?, "update" = ?, kind = ?, content = ?, checksum = ?',
            (*line[2:], queries.checksum(line)),
        )
    for read in (store.edits, store.history):
        with pytest.raises(DamagedError):
            read(run)
    assert json.dumps(len(store.runs())) == "1"


def test_a_journal_that_names_another_file_is_not_played_back(tmp_path: Path) -> None:
    from torture.hostile_files import journal

    store, victim = Store(tmp_path / "root"), tmp_path / "victim"
    with created(store):
        pass
    victim.write_text("precious")
    journal(store.root / database.NAME, victim)
    damaged(store, "its journal is that of another program")
    with pytest.raises(DamagedError, match="its journal"):
        Store(store.root).create(EXPERIMENT, **FACTS)
    assert victim.read_text() == "precious"
