"""Fuzzed benchmark files are either displayed or rejected with an error of one sentence."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from pydantic import TypeAdapter

from core.benchmark import saved_results, tables
from core.benchmark.cases import CASES
from core.benchmark.results import Benchmark, BenchmarkError
from core.benchmark.settings import BenchSettings
from tests import strategies
from tests.benchmark.made import benchmark
from tui.benchmark import columns
from tui.benchmark import text as bench_text
from tui.benchmark.measurement import BenchRun
from tui.widgets.order import Order

GOOD = json.loads(TypeAdapter(Benchmark).dump_json(benchmark(("arch-1", "arch-2"))))


def show(made: Benchmark) -> None:
    """Compute and format a benchmark, as commands and panes do."""
    json.dumps(made.as_dict(), allow_nan=False)
    run, earlier = BenchRun.of(made), benchmark()
    said = [*tables.notes(made), tables.markdown(made, earlier), tables.csv_text(made)]
    said += bench_text.titles(run, BenchSettings(), made)
    for name, case in run.cases.items():
        said += [form for line in bench_text.explanation(name, case, True) for form in line]
    before = {case.arch: case for case in earlier.cases}
    said += columns.table(list(CASES), run.cases, before, 120, Order(columns.NAME)).rows
    assert "\x1b" not in "".join(said)
    assert Path(made.started).name == made.started  # it becomes part of a file's name


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=strategies.files(GOOD))
def test_a_file_is_a_benchmark_or_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(content)
    made = told = None
    try:
        made = saved_results.read(path)
    except BenchmarkError as error:
        told = str(error)
    assert told in (None, f"{path} holds no benchmark")
    if made is not None:
        show(made)


@pytest.mark.parametrize(
    ("name", "value"),
    [("median", 0), ("median", -1), ("low", float("inf")), ("minimum", float("nan"))],
)
def test_no_update_takes_such_a_time(tmp_path: Path, name: str, value: float) -> None:
    case: dict[str, Any] = GOOD["cases"][0]
    changed = {**GOOD, "cases": [{**case, "ours": {**case["ours"], name: value}}]}
    path = tmp_path / "file.json"
    path.write_text(json.dumps(changed))
    with pytest.raises(BenchmarkError, match="holds no benchmark"):
        saved_results.read(path)


@pytest.mark.parametrize("started", ["../../x", "", "yesterday", "2026-11-20T08:30:00+00:00/x"])
def test_a_time_is_no_way_to_another_folder(tmp_path: Path, started: str) -> None:
    path = tmp_path / "file.json"
    path.write_text(json.dumps({**GOOD, "started": started}))
    with pytest.raises(BenchmarkError, match="holds no benchmark"):
        saved_results.read(path)


def test_a_name_that_no_file_has() -> None:
    with pytest.raises(BenchmarkError, match="cannot read"):
        saved_results.read(Path("a\0b"))
