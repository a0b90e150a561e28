"""Figures do not depend on the user's configuration of Matplotlib."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from core.figures import drawing, page
from core.figures.drawing import FigureError, save

ROOT = Path(__file__).resolve().parents[2]

CODE = """
import sys
from pathlib import Path
from core.figures.drawing import save
from core.figures.page import page

def draw():
    figure, axes = page("A title", "loss (nats)")
    axes.bar([0, 1000], [-3.5, 12000], hatch="//", label="-1")
    axes.legend()
    return figure

save({Path(sys.argv[1]) / "a.png": draw}, (".svg", ".pdf"))
"""
"""Draws elements whose appearance settings could change."""

HOSTILE = """
text.usetex: True
text.color: white
axes.facecolor: black
figure.facecolor: black
savefig.facecolor: black
savefig.dpi: 20
savefig.format: pdf
savefig.bbox: tight
figure.autolayout: True
font.family: No Such Font
font.size: 40
svg.fonttype: none
pdf.fonttype: 3
path.sketch: 5, 100, 2
axes.unicode_minus: False
axes.formatter.use_locale: True
hatch.linewidth: 9
no.such.key: 1
axes.grid: perhaps
no colon
"""


def drawn(folder: Path, here: Path, **variables: str) -> tuple[dict[str, bytes], str]:
    """Draw a figure in its own process; return the file and the output of the process."""
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(folder)],
        cwd=here,
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return {path.name: path.read_bytes() for path in folder.iterdir()}, done.stderr


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("plain")
    files, said = drawn(folder / "out", folder)
    assert (sorted(files), said) == (["a.pdf", "a.png", "a.svg"], "")
    return files


def settings_in_the_folder(here: Path) -> dict[str, str]:
    (here / "matplotlibrc").write_text(HOSTILE)
    return {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}


def settings_of_a_variable(here: Path) -> dict[str, str]:
    (here / "mine").write_text(HOSTILE)
    variables = {"MATPLOTLIBRC": str(here / "mine"), "SOURCE_DATE_EPOCH": "1"}
    return {**variables, "FREETYPE_PROPERTIES": "truetype:interpreter-version=35"}


def settings_at_home(here: Path) -> dict[str, str]:
    (here / "stylelib").mkdir()
    (here / "stylelib" / "odd.mplstyle").write_bytes(b"\xff")
    (here / "matplotlibrc").write_text(HOSTILE)
    (here / "elsewhere").mkdir()
    return {"MPLCONFIGDIR": str(here), "MPLBACKEND": "no such backend"}


def settings_that_are_no_text(here: Path) -> dict[str, str]:
    (here / "matplotlibrc").write_bytes("font.family: Müller".encode("latin-1"))
    return {"MATPLOTLIBRC": str(here)}


def settings_that_nobody_writes(here: Path) -> dict[str, str]:
    if not hasattr(os, "mkfifo"):
        pytest.skip("there are no pipes with names")
    os.mkfifo(here / "matplotlibrc")
    return {"MATPLOTLIBRC": str(here / "matplotlibrc")}


def no_room_for_caches(here: Path) -> dict[str, str]:
    (here / "file").write_text("")
    return {"MPLCONFIGDIR": str(here / "file")}


@pytest.mark.parametrize(
    "prepare",
    [
        settings_in_the_folder,
        settings_of_a_variable,
        settings_at_home,
        settings_that_are_no_text,
        settings_that_nobody_writes,
        no_room_for_caches,
    ],
)
def test_figures_depend_on_nothing_but_us(
    prepare: Callable[[Path], dict[str, str]], tmp_path: Path, right: dict[str, bytes]
) -> None:
    files, said = drawn(tmp_path / "out", tmp_path, **prepare(tmp_path))
    assert said == ""
    assert [name for name in right if files.get(name) != right[name]] == []


def test_a_notebook_keeps_its_own_settings(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 7\n")
    code = (
        "import os; before = dict(os.environ)\n"
        "import core.figures.run, matplotlib\n"
        "assert dict(os.environ) == before\n"
        "print(matplotlib.rcParams['lines.linewidth'], matplotlib.rcParams['backend'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "svg"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["7.0", "svg"]


@pytest.fixture
def of_a_notebook() -> Iterator[dict[object, object]]:
    with mpl.rc_context({"axes.facecolor": "black", "font.size": 31}):
        yield dict(mpl.rcParams)


def test_settings_are_those_of_the_caller_again(
    of_a_notebook: dict[object, object], tmp_path: Path
) -> None:
    def draw() -> Figure:
        assert mpl.rcParams["axes.facecolor"] == "white"
        return page.page("a", "b")[0]

    save({tmp_path / "a.png": draw})
    assert dict(mpl.rcParams) == of_a_notebook
    with pytest.raises(FigureError):
        save({tmp_path / "a.png": lambda: 1 / 0})  # type: ignore[arg-type, return-value]
    assert dict(mpl.rcParams) == of_a_notebook


def test_one_that_fails_leaves_the_others_and_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> Figure:
        raise MemoryError

    def draw() -> Figure:
        return page.page("a", "b")[0]

    with pytest.raises(FigureError) as caught:
        save({tmp_path / "a.png": refuse, tmp_path / "deep" / "b.png": draw})
    assert str(caught.value) == "a.png could not be drawn: there is not enough memory"
    assert caught.value.files == [tmp_path / "deep" / "b.png"]
    assert [path.name for path in tmp_path.rglob("*.*")] == ["b.png"]
    monkeypatch.setattr(drawing, "rendered", lambda *_: 1 / 0)
    with pytest.raises(FigureError, match=r"b\.png could not be drawn: ZeroDivisionError"):
        save({tmp_path / "b.png": draw})
