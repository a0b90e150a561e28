"""Benchmarks on disk, so that a later one can be laid beside an earlier."""

import os
from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from core import files
from core.benchmark.results import Benchmark, BenchmarkError
from core.data import home

MAX_BYTES = 500_000
"""Of a file: a benchmark of all architectures takes some ten thousand."""

_ADAPTER = TypeAdapter(Benchmark)


def folder() -> Path:
    """Return where benchmarks are kept. It need not exist."""
    return home.saved_models_folder() / "benchmarks"


def keep(benchmark: Benchmark) -> Path:
    """Write a benchmark to a file of its own, and return that.

    Raises:
        BenchmarkError: if it cannot be written.
    """
    stem = benchmark.started.replace(":", "-").partition("+")[0]
    content = _ADAPTER.dump_json(benchmark, indent=1)
    try:
        folder().mkdir(parents=True, exist_ok=True)
        path, number = folder() / f"{stem}.json", 1
        while path.exists():
            number += 1
            path = folder() / f"{stem}-{number}.json"
        # Written beside and renamed: a reader never sees half of one.
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:
        reason = error.strerror or error
        raise BenchmarkError(f"cannot write to {folder()}: {reason}") from None
    return path


def earlier() -> list[Path]:
    """Return the benchmarks that are kept, the newest first."""
    return sorted(folder().glob("*.json"), reverse=True)


def latest() -> Benchmark | None:
    """Return the newest benchmark that is more than a quick look; None where there is none.

    Raises:
        BenchmarkError: if one that may be it cannot be read.
    """
    return next((found for found in map(read, earlier()) if not found.quick), None)


def read(path: Path) -> Benchmark:
    """Return a benchmark that was kept.

    Raises:
        BenchmarkError: if it cannot be read.
    """
    try:
        with files.opened(path) as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise BenchmarkError(f"{path} is too large for a benchmark: over {MAX_BYTES:,} bytes")
        return _ADAPTER.validate_json(content)
    except OSError as error:
        raise BenchmarkError(f"cannot read {path}: {error.strerror or error}") from None
    except ValidationError:
        raise BenchmarkError(f"{path} holds no benchmark") from None
    except ValueError as error:  # the system has no such name
        raise BenchmarkError(f"cannot read {str(path)!r}: {error}") from None


def before(started: str) -> Benchmark | None:
    """Return the newest benchmark that is older than one; those that cannot be read are left out.

    Args:
        started: when that one began.
    """
    for path in earlier():
        with suppress(BenchmarkError):
            found = read(path)
            if found.started < started:
                return found
    return None
