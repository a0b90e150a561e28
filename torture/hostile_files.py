"""Malicious files for every reader."""

import gzip
import io
import json
import os
import pickle
import random
import sqlite3
import struct
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from core.config.experiment import Experiment
from core.runs import database, queries
from core.runs.checkpoint import Checkpoint
from tests.data import fakes
from tests.data.fakes import BINARY, IMAGES, PYTHON

HUGE = 2**63 - 1
LARGE = 3_000_000_000
"""Size in bytes of a sparse file."""


class Runs:
    """Calls a function when it is unpickled without restrictions."""

    def __init__(self, *call: Any) -> None:
        self.call = call

    def __reduce__(self) -> Any:
        return self.call


def spoiled(good: bytes, count: int, rng: random.Random, most: int = 4) -> Iterator[bytes]:
    """Yield a valid file with some bytes changed, and sometimes truncated."""
    for _ in range(count):
        blob = bytearray(good)
        for _ in range(rng.randint(1, most)):
            near = rng.random() < 0.5
            blob[rng.randrange(min(300, len(blob)) if near else len(blob))] = rng.randrange(256)
        yield bytes(blob[: rng.randrange(len(blob))] if rng.random() < 0.2 else blob)


def pickles(mark: Path, count: int, rng: random.Random) -> Iterator[bytes]:
    """Yield pickles that execute code, exhaust memory, overflow a stack, or are damaged."""
    code = f"open({str(mark)!r}, 'w')"
    calls = [(os.system, (f"touch {mark}",)), (eval, (code,)), (exec, (code,))]
    calls += [(os.popen, (f"touch {mark}",)), (Path.touch, (mark,)), (np.load, (str(mark),))]
    for protocol in range(2, 6):
        for call in calls:
            for value in (
                Runs(*call),
                {b"labels": Runs(*call)},
                [Runs(*call)],
                {b"data": Runs(*call)},
            ):
                yield pickle.dumps(value, protocol)
    for module, name in (
        *(("os", "system"), ("posix", "system"), ("builtins", "exec"), ("numpy", "load")),
        *(("numpy", "fromfile"), ("subprocess", "Popen"), ("numpy", "ndarray.tofile")),
        *(("core.data.pickles", "_Array"), ("numpy.core.multiarray", "fromfile")),
    ):
        yield f"c{module}\n{name}\n(S'touch {mark}'\ntR.".encode()
        yield f"i{module}\n{name}\n.".encode()
        parts = b"".join(b"\x8c" + bytes([len(p)]) + p.encode() for p in (module, name))
        yield b"\x80\x04" + parts + b"\x93."
    for opcode in range(256):
        yield b"\x80\x02" + bytes([opcode]) + b"\xff" * 12 + b"."
        yield b"\x80\x04}" + bytes([opcode]) + struct.pack("<Q", 1 << 40) + b"."
    yield b"\x80\x02Nr\xff\xff\xff\xff."
    yield b"\x80\x05\x96" + struct.pack("<Q", 1 << 40) + b"."
    for deep in (b"\x85", b"(", b"]", b"}", b")"):
        yield b"\x80\x02})" + deep * 1_000_000 + b"Ns."
        yield b"\x80\x02" + deep * 1_000_000 + b"."
    yield from spoiled(fakes.python2_pickle(fakes.batch(*fakes.contents()[0])), count, rng)


def bomb(name: str, size: int, **fields: Any) -> bytes:
    """Return an archive with a file of `size` zeros, compressed to about a thousandth."""
    info = tarfile.TarInfo(name)
    info.size = size
    for field, value in fields.items():
        setattr(info, field, value)
    packed = io.BytesIO()
    with gzip.open(packed, "wb", compresslevel=1) as file:
        file.write(info.tobuf())
        for _ in range(size // 1_000_000):
            file.write(bytes(1_000_000))
    return packed.getvalue()


def archives(outside: Path, count: int, rng: random.Random) -> Iterator[bytes]:
    """Yield archives with path traversal, archive bombs, and damaged archives."""
    members = fakes.data_members(BINARY)
    first, content = members[0][0].name, members[0][1]
    for name in (
        *("../outside", f"{BINARY.folder}/../../outside", str(outside), f"/{first}", "./../x"),
        *(f"{BINARY.folder}/../../../../../../../..{outside}", "..", "/", "", "\0", "a\x1b[2J"),
    ):
        yield fakes.tar_bytes([fakes.member(name, content), *members])
    for kind in (*b"123456780LKSgxXDMNV", 0, 255):
        for link in (str(outside), "../outside", "/etc/passwd", first):
            info, _ = fakes.member(first, b"", type=bytes([kind]), linkname=link)
            yield fakes.tar_bytes([(info, b""), *members])
            info, _ = fakes.member(BINARY.folder, b"", type=bytes([kind]), linkname=link)
            yield fakes.tar_bytes([(info, b""), *members])
    for name in ("notes", f"{BINARY.folder}/readme.html", first):
        yield bomb(name, 300_000_000)
    for key in ("comment", "path", "linkpath", "GNU.sparse.name", "size"):
        info = fakes.member("name", b"")[0]
        info.pax_headers = {key: "9" * 30_000_000}
        yield fakes.tar_bytes([(info, b"")])
    yield fakes.tar_bytes(members) + gzip.compress(bytes(300_000_000), 1)
    yield gzip.compress(gzip.compress(bytes(100_000_000), 1), 1)
    info, _ = fakes.member(first, content)
    info.size = HUGE
    with closing(io.BytesIO()) as plain:
        plain.write(info.tobuf(tarfile.GNU_FORMAT))
        yield gzip.compress(plain.getvalue())
    yield fakes.tar_bytes(members * 2)
    yield fakes.tar_bytes(members[:-1])
    good = fakes.tar_bytes(members)
    yield from spoiled(good, count, rng)
    for blob in spoiled(gzip.decompress(good), count, rng):
        yield gzip.compress(blob, 1)


def checkpoints(good: Checkpoint, count: int, rng: random.Random) -> Iterator[bytes]:
    """Yield files with false headers and valid checksums."""
    from tests.runs.test_checkpoint import HEADERS, about, signed, tensors

    yield from HEADERS.values()
    content = save(tensors(good), metadata=about(good))
    length = int.from_bytes(content[:8], "little")
    header, data = json.loads(content[8 : 8 + length]), content[8 + length :]
    names = [name for name in header if name != "__metadata__"]

    def made(changed: dict[str, Any], rest: bytes = data, announced: int | None = None) -> bytes:
        text = json.dumps(changed).encode()
        size = len(text) if announced is None else announced
        whole = struct.pack("<Q", size) + text + rest
        return signed(whole) if b"0" * 64 in whole else whole

    ends = (
        -1,
        0,
        1,
        8,
        len(data),
        len(data) + 8,
        2**31,
        2**32,
        2**53,
        HUGE,
        2**64,
        2**70,
        0.5,
        "a",
    )
    for name in names[::3]:
        for begin in ends:
            for end in ends:
                yield made({**header, name: {**header[name], "data_offsets": [begin, end]}})
    for name in names[:3]:
        for shape in ([], [0], [HUGE], [2**32, 2**32], [-1], [2**16] * 4, ["a"], None, [1] * 5000):
            yield made({**header, name: {**header[name], "shape": shape}})
        for dtype in ("F16", "BF16", "I8", "U64", "BOOL", "x", 5, None, [], "F4", "C64"):
            yield made({**header, name: {**header[name], "dtype": dtype}})
        for other in names:  # two tensors with the same bytes
            where = header[other]["data_offsets"]
            yield made({**header, name: {**header[name], "data_offsets": where}})
        yield made({**header, name: {**header[name], "more": 1}})
        yield made({**header, name: [1, 2]})
    for announced in (
        0,
        1,
        7,
        length - 1,
        length + 1,
        len(content),
        2**31,
        2**32,
        2**63,
        2**64 - 1,
    ):
        yield made(header, announced=announced)
    for number in range(0, 100_000, 10_000):  # additional tensors
        more = {
            f"x{n}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for n in range(number)
        }
        yield made({**header, **more})
    for key in header["__metadata__"]:
        for value in (None, 5, [], {}, "", "x" * 900_000, "[" * 100_000, "9" * 5000, "\0", "1e999"):
            yield made({**header, "__metadata__": {**header["__metadata__"], key: value}})
    yield from spoiled(content, count, rng)


def tables(good: Experiment, count: int, rng: random.Random) -> Iterator[bytes]:
    """Yield settings that are deeply nested, huge, of wrong types, or damaged."""
    text = good.to_toml()
    for line in text.splitlines():
        name = line.partition(" = ")[0]
        for value in (
            *("true", "''", "'x'", "-1", "0", "1e308", "-1e308", "inf", "nan", "-inf", "[]", "{}"),
            *("9" * 18, "9" * 400, "9" * 5000, "1979-05-27T07:32:00Z", "[[1]]", "{a = {b = 1}}"),
            *("'" + "x" * 50_000 + "'", '"\\u0000"', '"\\u001b[2J"', "0x7fffffffffffffff", "1.5"),
        ):
            rest = "\n".join(other for other in text.splitlines() if other != line)
            yield f"{name} = {value}\n{rest}".encode()
    for layer in (
        *("{}", "{kind = 5}", "{kind = 'conv'}", "{kind = 'linear', units = 999999999999}"),
        *("{kind = 'linear', units = -1}", "5", "'x'", "[]", "{kind = 'conv', filter = 1e9}"),
    ):
        yield f"architecture = [{layer}]".encode()
        yield f"architecture = [{', '.join([layer] * 2000)}]".encode()
    for short in (
        "1x1/1/1",
        "0x0/0/0",
        "x" * 90_000,
        "99999x99999/9/9",
        "4x4/" + "9" * 5000 + "/1",
    ):
        yield f"architecture = '{short}'".encode()
    for opening in ("[", "{a=", "[[", "a.", '"'):
        for depth in (100, 1000, 45_000):
            yield ("a = " + opening * depth).encode()
            yield (opening * depth + "a = 1").encode()
    yield b"a = 1\n" * 15_000
    yield b"\n".join(b"a%d = 1" % number for number in range(9000))
    yield b"\xff\xfe" * 1000
    yield bytes(90_000)
    yield b"x" * 100_001
    yield from spoiled(text.encode(), count, rng)


def benchmarks(count: int, rng: random.Random) -> Iterator[bytes]:
    """Yield files that are not valid benchmarks."""
    keys = ("cases", "machine", "threads", "updates", "dtype", "started", "note")
    values: tuple[Any, ...] = (None, 5, -1, 1e308, "x", [], {}, [[]], [{}], True, "9" * 10_000)
    for key in keys:
        for value in values:
            yield json.dumps({**dict.fromkeys(keys, 1), "cases": [], key: value}).encode()
    for text in ("", "NaN", "null", "[1]", "{", '{"cases": NaN}', "9" * 100_000, '"\\ud800"'):
        yield text.encode()
    for opening in ("[", '{"a":', '{"cases":['):
        yield (opening * 500_000).encode()
    yield b"\xff" * 1000
    yield b'{"cases": [' + b"1," * 1_000_000 + b"1]}"
    yield from (rng.randbytes(200) for _ in range(count))


def change(path: Path, statements: str) -> None:
    """Change a database as an attacker who knows its schema can."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        with suppress(sqlite3.Error):  # the database is then unchanged
            connection.executescript(statements)


def seal(path: Path, **values: Any) -> None:
    """Change the record of the first run, and update its checksum."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        row = connection.execute("SELECT * FROM runs WHERE number = 1").fetchone()
        line = {name: row[name] for name in queries.COLUMNS} | values
        line["checksum"] = queries.seal(line)
        names = ", ".join(f"{name} = ?" for name in line)
        with suppress(sqlite3.Error):
            connection.execute(f"UPDATE runs SET {names} WHERE number = 1", tuple(line.values()))


def databases(outside: Path, rng: random.Random) -> Iterator[Callable[[Path], object]]:
    """Yield functions that manipulate the folder of all runs as an attacker can."""

    def sql(statements: str) -> Callable[[Path], object]:
        return lambda root: change(root / database.NAME, statements)

    endless = (
        "WITH RECURSIVE more(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM more) SELECT x FROM more"
    )
    for table in ("runs", "chunks", "events", "counts", "stems"):
        yield sql(f"ALTER TABLE {table} RENAME TO old; CREATE VIEW {table} AS {endless}")
        yield sql(f"ALTER TABLE {table} RENAME TO old; CREATE VIEW {table} AS SELECT * FROM old")
        yield sql(f"ALTER TABLE {table} RENAME TO old; CREATE VIRTUAL TABLE {table} USING fts5(a)")
        yield sql(f"DROP TABLE {table}")
        for action in ("DELETE FROM runs", f"INSERT INTO stems SELECT x, 1 FROM ({endless})"):
            for moment in ("INSERT", "UPDATE", "DELETE"):
                yield sql(f"CREATE TRIGGER t AFTER {moment} ON {table} BEGIN {action}; END")
    yield sql("CREATE INDEX i ON runs (zeroblob(900000000))")
    yield sql("UPDATE sqlite_schema SET sql = 'CREATE TABLE runs (x)' WHERE name = 'runs'")
    yield sql("UPDATE sqlite_schema SET rootpage = 1")
    yield sql("UPDATE sqlite_schema SET rootpage = rootpage + 1")
    yield sql("INSERT INTO sqlite_schema VALUES ('table', 'a', 'a', 2, '" + "(" * 100_000 + "')")
    yield sql("UPDATE chunks SET points = zeroblob(30000000)")
    yield sql("UPDATE runs SET note = hex(zeroblob(15000000))")
    for value in (
        "NULL",
        "'x'",
        "-1",
        "1e308",
        "x'ff'",
        "9223372036854775807",
        "zeroblob(3000000)",
    ):
        for column in ("rows", "points", "checksum", "kind", "number", "run"):
            yield sql(f"UPDATE OR IGNORE chunks SET {column} = {value}")
        for column in ("at", '"update"', "kind", "content", "checksum", "number", "run"):
            yield sql(f"UPDATE OR IGNORE events SET {column} = {value}")
        yield sql(f"UPDATE OR IGNORE counts SET runs = {value}")
        for column in queries.COLUMNS:
            yield sql(f"UPDATE OR IGNORE runs SET {column} = {value}")
    many: tuple[Any, ...] = (
        "x",
        b"\xff",
        -1,
        2**62,
        1e308,
        "",
        "[" * 50_000,
        "{}",
        "[]",
        "NaN",
        "5",
    )
    for column in queries.COLUMNS:
        for value in many:
            yield lambda root, c=column, v=value: seal(root / database.NAME, **{c: v})  # type: ignore[misc]
    for name in ("..", "../..", str(outside), f"../{outside.name}", "a/b", "\x1b[2J", ".", "a\0b"):
        yield lambda root, name=name: seal(root / database.NAME, id=name, state="running")  # type: ignore[misc]
    yield lambda root: (root / database.NAME).write_bytes(b"")
    yield lambda root: os.truncate(root / database.NAME, LARGE)
    for mode in (b"\x02\x02", b"\x02\x01", b"\x01\x02", b"\x03\x03", b"\0\0"):
        yield lambda root, mode=mode: patch(root / database.NAME, 18, mode)  # type: ignore[misc]
    noise = rng.randbytes(50_000)
    for tail in ("", "-wal", "-shm", "-journal"):
        yield lambda root, t=tail: (root / f"{database.NAME}{t}").write_bytes(noise)  # type: ignore[misc]
    yield lambda root: journal(root / database.NAME, outside / "victim")
    yield lambda root: link(root, outside / "victim")


def patch(path: Path, place: int, content: bytes) -> None:
    """Change some bytes of a file."""
    blob = bytearray(path.read_bytes())
    blob[place : place + len(content)] = content
    path.write_bytes(blob)


def journal(path: Path, victim: Path) -> None:
    """Write a journal for a database that names another file as its super-journal.

    SQLite deletes that file after rolling the journal back.
    """
    magic = bytes.fromhex("d9d505f920a163d7")
    pages = path.stat().st_size // 4096
    head = magic + struct.pack(">IIIII", 0, 0, pages, 512, 4096)
    name = str(victim).encode()
    total = sum(name)
    tail = struct.pack(">I", 4096 * 0 + (1 << 30) // 4096 + 1) + name
    tail += struct.pack(">II", len(name), total) + magic
    path.with_name(path.name + "-journal").write_bytes(head.ljust(512, b"\0") + tail)


def link(root: Path, victim: Path) -> None:
    """Mark a run as running, and make its lock a link to another file."""
    seal(root / database.NAME, state="running")
    lock = root / "torture-1" / ".lock"
    lock.unlink(missing_ok=True)
    lock.symlink_to(victim)


__all__ = ["BINARY", "IMAGES", "PYTHON"]
