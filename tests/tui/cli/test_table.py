"""Tests of tables in narrow terminals."""

import io

import pytest
from rich.console import Console
from rich.text import Text

from core.benchmark import tables
from tests.benchmark.made import NOISY, benchmark, noisy, quick
from tui.cli import table
from tui.cli.bench import PRIORITY


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_a_narrow_terminal_leaves_out_columns_but_no_mark(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.StringIO()
    monkeypatch.setattr(
        table, "Console", lambda **_: Console(width=width, file=out, force_terminal=True)
    )
    made, old = noisy(benchmark()), quick(benchmark())
    rows = [tables.line(case, old) for case in made.cases]
    table.print_table("Medians", tables.headings(old), rows, PRIORITY)
    lines = Text.from_ansi(out.getvalue()).plain.splitlines()
    assert max(map(len, lines)) <= width
    assert [line.split()[0] for line in lines if " noisy " in line] == list(NOISY)
    for column in ("this ms", "x PyTorch"):
        assert column in lines[1]
    assert ("GFLOP/s" in lines[1]) == (width == 200)
    assert "…" not in "".join(lines)
