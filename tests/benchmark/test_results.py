"""Tests of benchmark results as numbers, tables and files."""

import csv
import io
import json
import os
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from core.benchmark import saved_results, tables
from core.benchmark.cases import CASES, PUBLISHED
from core.benchmark.results import BenchmarkError, Timing, geometric_mean
from tests.benchmark.made import NOISY, benchmark, noisy, quick, result


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
    assert alone.published is not None
    assert result("final").published is None
    assert geometric_mean([2.0, 8.0]) == pytest.approx(4.0)
    assert geometric_mean([]) is None


def test_the_table_has_an_earlier_result_beside() -> None:
    new, old = benchmark(ours=0.4), benchmark(("arch-2",), ours=0.5)
    assert len(tables.headings()) == len(tables.line(new.cases[0]))
    rows = [
        dict(zip(tables.headings(old), tables.line(case, old), strict=True)) for case in new.cases
    ]
    assert rows[1]["earlier ms"] == "0.500"
    assert rows[1]["change"] == "-20 %"
    assert rows[0]["change"] == tables.NONE
    assert rows[1]["published s"] == "96.16 : 81.48"
    assert rows[7]["published s"] == tables.NONE


def test_a_benchmark_of_an_earlier_version_has_no_peak(tmp_path: Path) -> None:
    path = saved_results.save(benchmark())
    content = json.loads(path.read_text())
    assert content.pop("peak") == 128.0
    path.write_text(json.dumps(content))
    earlier = saved_results.read(path)
    assert earlier.peak is None
    assert earlier.cases == benchmark().cases
    assert not [note for note in tables.notes(earlier) if "GFLOP/s" in note]
    assert [note for note in tables.notes(benchmark()) if "128 GFLOP/s" in note]


def test_the_published_seconds_are_those_of_the_work() -> None:
    shown = {case.arch: tables.line(case)[-1] for case in benchmark().cases}
    assert shown == {
        "arch-1": "93.99 : 87.41", "arch-2": "96.16 : 81.48", "arch-3": "99.18 : 86.62",
        "arch-4": "132.93 : 114.21", "arch-5": "100.29 : 129.95", "arch-6": "117.75 : 229.58",
        "arch-7": "149.57 : 258.18", "final": "-", "lenet": "-", "conv3x3": "-",
        "resnet": "-", "deep": "-",
    }  # fmt: skip
    assert [round(each.share, 2) for each in PUBLISHED.values()] == [
        1.08, 1.18, 1.15, 1.16, 0.77, 0.51, 0.58
    ]  # fmt: skip
    line = result("arch-7").as_dict()
    assert (line["published_numpy_s"], line["published_torch_s"]) == (149.57, 258.18)


@pytest.mark.parametrize(("updates", "looks"), [(25, True), (99, True), (100, False), (150, False)])
def test_few_updates_are_a_quick_look_whoever_takes_them(updates: int, looks: bool) -> None:
    made = replace(benchmark(("arch-2",)), updates=updates)
    assert made.quick is looks
    assert made.as_dict()["quick"] is looks
    assert replace(made.cases[0], updates=updates).as_dict()["quick"] is looks


def test_a_quick_look_is_never_the_latest(convsole_home: Path) -> None:
    assert saved_results.latest() is None
    saved_results.save(quick(benchmark(started="2026-11-19T08:30:00+00:00")))
    assert saved_results.latest() is None
    whole = benchmark()
    saved_results.save(whole)
    look = quick(benchmark(started="2026-11-21T08:30:00+00:00"))
    saved_results.save(look)
    assert saved_results.latest() == whole
    # It can still be used for comparison, with its mark.
    assert saved_results.before("2026-11-22T08:30:00+00:00") == look


def test_a_quick_look_that_an_earlier_version_kept_is_known(convsole_home: Path) -> None:
    saved_results.folder().mkdir(parents=True)
    for day, updates in ((20, 150), (21, 25)):
        # All fields of a file; none of them says that it is a quick look.
        content = asdict(benchmark(("arch-2",), started=f"2026-11-{day}T08:30:00+00:00"))
        content["updates"] = content["cases"][0]["updates"] = updates
        (saved_results.folder() / f"2026-11-{day}T08-30-00.json").write_text(json.dumps(content))
    latest = saved_results.latest()
    assert latest is not None
    assert latest.updates == 150


@pytest.mark.parametrize("side", ["ours", "torch", "best", "floor"])
def test_a_row_is_noisy_where_the_middle_half_of_any_is_over_a_third_of_its_median(
    side: str,
) -> None:
    case = result("arch-2")
    at = replace(case, **{side: Timing(1.2, 0.9, 1.0, 1.4)})
    assert not at.noisy
    over = replace(case, **{side: Timing(1.2, 0.9, 1.0, 1.401)})
    assert over.noisy == (side,)
    assert over.as_dict()["noisy"] is True
    assert tables.line(over)[0] == "arch-2 noisy"


def rows_of(page: str) -> dict[str, str]:
    """Return the lines of a Markdown table by their first cell."""
    return {line.split("|")[1].strip(): line for line in page.splitlines() if line.startswith("|")}


def test_every_text_of_a_benchmark_says_quick_and_noisy() -> None:
    made = noisy(quick(benchmark()))
    page = tables.markdown(made, noisy(quick(benchmark())))
    assert page.startswith("# Benchmark, a quick look\n")
    assert "earlier ms (quick)" in page
    assert "Geometric mean over arch-1 to arch-7 (a quick look, 2 noisy): 2.00" in page
    assert "arch-2 (PyTorch), arch-5 (PyTorch)." in page
    assert {name.removesuffix(" noisy") for name in rows_of(page) if "noisy" in name} == set(NOISY)
    rows = list(csv.DictReader(io.StringIO(tables.csv_text(made))))
    assert {row["arch"] for row in rows if row["noisy"] == "True"} == set(NOISY)
    assert {row["quick"] for row in rows} == {"True"}
    line = made.as_dict()
    assert line["quick"]
    assert {case["arch"] for case in line["architectures"] if case["noisy"]} == set(NOISY)
    for quiet in (tables.markdown(benchmark(), benchmark()), json.dumps(tables.notes(benchmark()))):
        assert "quick" not in quiet
        assert "noisy" not in quiet.lower()


def test_a_noisy_earlier_time_says_so_beside_a_quiet_one() -> None:
    old = benchmark(("arch-2",))
    old = replace(old, cases=(replace(old.cases[0], ours=Timing(0.5, 0.3, 0.4, 0.6)),))
    line = dict(zip(tables.headings(old), tables.line(result("arch-2"), old), strict=True))
    assert (line["architecture"], line["earlier ms"]) == ("arch-2", "noisy 0.500")


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
    assert saved_results.paths() == []
    old, new = benchmark(), benchmark(started="2026-11-21T08:30:00+00:00", note="n")
    paths = [saved_results.save(old), saved_results.save(new), saved_results.save(new)]
    assert saved_results.read(paths[0]) == old
    assert len(set(paths)) == 3
    assert saved_results.paths()[-1] == paths[0]
    assert saved_results.before(new.started) == old
    assert saved_results.before(old.started) is None
    (saved_results.folder() / "2026-11-20T23-59-59.json").write_text("{}")
    assert saved_results.before(new.started) == old
    assert {path.suffix for path in saved_results.folder().iterdir()} == {".json"}


@pytest.mark.parametrize("content", [b"", b"{}", b"[1, 2]", b"\xff\xfe", b'{"cases": 3}'])
def test_what_is_no_benchmark_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "b.json"
    path.write_bytes(content)
    with pytest.raises(BenchmarkError, match="holds no benchmark"):
        saved_results.read(path)
    with pytest.raises(BenchmarkError, match="cannot read"):
        saved_results.read(tmp_path / "nowhere.json")


def test_a_folder_that_cannot_be_written_to(convsole_home: Path) -> None:
    (convsole_home / "saved_models").mkdir(parents=True)
    saved_results.folder().write_text("in the way")
    with pytest.raises(BenchmarkError, match="cannot write"):
        saved_results.save(benchmark())


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    path.touch()
    os.truncate(path, 3_000_000_000)
    with pytest.raises(BenchmarkError, match="too large for a benchmark"):
        saved_results.read(path)
