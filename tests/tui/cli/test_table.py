"""Tests of tables in narrow terminals."""

import io

import pytest
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.benchmark import tables
from tests.benchmark.made import NOISY, benchmark, noisy, quick
from tui.cli import table
from tui.cli.bench import PRIORITY


def test_a_pipe_gets_neither_lines_nor_blanks_at_the_ends(
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = Table("name", "count", title="Counts", box=box.HEAVY)
    made.add_row("a " * 200, "1", end_section=True)
    made.add_row("b", "")
    table.output(made)
    text = capsys.readouterr().out
    assert text.splitlines()[-1] == "b"
    assert "a " * 199 in text
    assert all(line == line.rstrip() for line in text.splitlines())
    assert not set(text) & set("━│┃─┏┓┗┛┡┩└┘├┤")


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
