"""Error messages for failures of the disk and the database."""

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from core.errors import NotWrittenError, StoreError, not_written, reason


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "x"), "there is no space left on the disk"),
        (OSError(errno.EACCES, os.strerror(errno.EACCES)), "Permission denied"),
        (OSError("no more"), "no more"),
    ],
)
def test_what_the_system_says(error: OSError, words: str) -> None:
    assert reason(error) == words


def refused(database: sqlite3.Connection, statement: str) -> str:
    with pytest.raises(sqlite3.Error) as caught:
        database.execute(statement)
    return reason(caught.value)


def test_what_the_database_says(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    first, second = (sqlite3.connect(path, timeout=0, isolation_level=None) for _ in range(2))
    first.execute("create table t (x)")
    first.execute("begin immediate")
    assert refused(second, "begin immediate").startswith("other programs have been writing")
    first.execute("rollback")
    first.execute("pragma max_page_count = 2")
    assert (
        refused(first, "insert into t values (zeroblob(100000))")
        == "there is no space left on the disk"
    )
    second.execute("pragma query_only = on")
    assert refused(second, "insert into t values (1)") == "it is read-only"
    assert refused(second, "select y from t") == "no such column: y"
    for each in (first, second):
        each.close()


def test_a_full_disk_is_not_a_wrong_name(tmp_path: Path) -> None:
    assert isinstance(not_written(tmp_path, OSError(errno.ENOSPC, "x")), NotWrittenError)
    for error in (FileExistsError("x"), NotADirectoryError("x")):
        assert type(not_written(tmp_path, error)) is StoreError
