"""Saved benchmarks, for comparison with later ones."""

import os
from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from core import files
from core.benchmark.results import Benchmark, BenchmarkError
from core.data import home

MAX_BYTES = 500_000
"""Maximum size of a file; a benchmark of all architectures takes about ten thousand bytes."""

_ADAPTER = TypeAdapter(Benchmark)


def folder() -> Path:
    """Return the folder of saved benchmarks, which need not exist."""
    return home.saved_models_folder() / "benchmarks"


def save(benchmark: Benchmark) -> Path:
    """Save a benchmark to a new file and return its path.

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
        # Renamed after writing, so that a reader never sees a partial file.
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:
        reason = error.strerror or error
        raise BenchmarkError(f"cannot write to {folder()}: {reason}") from None
    return path


def paths() -> list[Path]:
    """Return the paths of the saved benchmarks, newest first."""
    return sorted(folder().glob("*.json"), reverse=True)


def latest() -> Benchmark | None:
    """Return the newest saved benchmark that is not a quick look, or None.

    Raises:
        BenchmarkError: if a newer one cannot be read.
    """
    return next((benchmark for benchmark in map(read, paths()) if not benchmark.quick), None)


def read(path: Path) -> Benchmark:
    """Return a saved benchmark.

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
    except ValueError as error:  # an invalid file name
        raise BenchmarkError(f"cannot read {str(path)!r}: {error}") from None


def before(started: str) -> Benchmark | None:
    """Return the newest readable benchmark from before a given time, or None.

    Args:
        started: start time of the later benchmark.
    """
    for path in paths():
        with suppress(BenchmarkError):
            benchmark = read(path)
            if benchmark.started < started:
                return benchmark
    return None
