"""What was measured, as numbers, tables and files."""

import csv
import io
import json
import os
from pathlib import Path

import pytest

from core.benchmark import kept, tables
from core.benchmark.cases import CASES
from core.benchmark.results import BenchmarkError, geometric_mean
from tests.benchmark.made import benchmark, result


def test_the_json_has_the_stated_names() -> None:
    line = benchmark(("arch-2", "final")).as_dict()
    assert [case["arch"] for case in line["architectures"]] == ["arch-2", "final"]
    case = line["architectures"][0]
    assert case["numpy_ms"] == 0.5
    assert case["torch_ms"] == 1.0
    assert case["torch_best_ms"] == 0.75
    assert case["floor_ms"] == 0.25
    assert (case["ratio"], case["ratio_best"], case["over_floor"]) == (2.0, 1.5, 2.0)
    assert case["spread"]["numpy_ms"] == pytest.approx({"minimum": 0.45, "low": 0.475, "high": 0.6})
    assert case["spread"]["ratio"] == pytest.approx({"low": 1.8, "high": 2.2})
    assert line["machine"]["cpu"] == "A processor"
    json.dumps(line, allow_nan=False)


def test_what_follows_from_the_times() -> None:
    case = result("arch-2")
    assert case.images_per_second == 200_000
    assert case.gflops == pytest.approx(64.0)
    assert case.loss_difference == pytest.approx(1e-6 / 2.125001, rel=1e-4)
    assert case.published is not None
    assert case.published.torch == 81.48
    alone = result("arch-5", torch=False, floor=False)
    assert alone.over_floor is None
    assert alone.published is None
    assert geometric_mean([2.0, 8.0]) == pytest.approx(4.0)
    assert geometric_mean([]) is None


def test_the_table_has_an_earlier_result_beside() -> None:
    new, old = benchmark(ours=0.4), benchmark(("arch-2",), ours=0.5)
    assert len(tables.headings()) == len(tables.line(new.cases[0]))
    rows = [
        dict(zip(tables.headings(old), tables.line(case, old), strict=True)) for case in new.cases
    ]
    assert rows[1]["earlier ms"] == "0.500"
    assert rows[1]["change"] == "-20%"
    assert rows[0]["change"] == tables.NONE
    assert rows[1]["published s"] == "96.16 : 81.48"
    assert rows[4]["published s"] == tables.NONE


def test_the_page_names_machine_versions_and_what_is_published() -> None:
    page = tables.markdown(benchmark(note="PyTorch is slow"))
    for words in (
        "2.00 against PyTorch as written, 1.50 against PyTorch at its best",
        "A processor, 2 cores",
        "openblas 0.3.31 Haswell",
        "load 0.25",
        "differ by 5e-07",
        "on other machines",
        "PyTorch is slow.",
        "arch-2: patches with Linear",
    ):
        assert words in page
    assert "Geometric mean" not in tables.markdown(benchmark(("arch-1", "final")))
    bare = tables.markdown(benchmark(torch=False, floor=False))
    assert "Geometric mean" not in bare
    assert "| -" in bare


def test_the_spreadsheet_has_a_line_each() -> None:
    rows = list(csv.DictReader(io.StringIO(tables.csv_text(benchmark()))))
    assert len(rows) == len(CASES)
    assert float(rows[0]["ratio"]) == 2.0
    assert float(rows[0]["numpy_ms.low"]) == pytest.approx(0.475)


def test_what_is_kept_comes_back(convsole_home: Path) -> None:
    assert kept.earlier() == []
    old, new = benchmark(), benchmark(started="2026-11-21T08:30:00+00:00", note="n")
    paths = [kept.keep(old), kept.keep(new), kept.keep(new)]
    assert kept.read(paths[0]) == old
    assert len(set(paths)) == 3
    assert kept.earlier()[-1] == paths[0]
    assert kept.before(new.started) == old
    assert kept.before(old.started) is None
    (kept.folder() / "2026-11-20T23-59-59.json").write_text("{}")
    assert kept.before(new.started) == old
    assert {path.suffix for path in kept.folder().iterdir()} == {".json"}


@pytest.mark.parametrize("content", [b"", b"{}", b"[1, 2]", b"\xff\xfe", b'{"cases": 3}'])
def test_what_is_no_benchmark_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "b.json"
    path.write_bytes(content)
    with pytest.raises(BenchmarkError, match="holds no benchmark"):
        kept.read(path)
    with pytest.raises(BenchmarkError, match="cannot read"):
        kept.read(tmp_path / "nowhere.json")


def test_a_folder_that_cannot_be_written_to(convsole_home: Path) -> None:
    (convsole_home / "saved_models").mkdir(parents=True)
    kept.folder().write_text("in the way")
    with pytest.raises(BenchmarkError, match="cannot write"):
        kept.keep(benchmark())


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    path.touch()
    os.truncate(path, 3_000_000_000)
    with pytest.raises(BenchmarkError, match="too large for a benchmark"):
        kept.read(path)
