"""Tests that the command starts Convsole despite other modules named `core` or `tui`."""

import os
import subprocess
import sys
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

import convsole_start

ROOT = Path(__file__).resolve().parents[1]


def package(folder: Path, name: str) -> Path:
    place = folder / name
    (place / "data").mkdir(parents=True)
    (place / "__init__.py").write_text("raise SystemError('it was imported')")
    return place


def module(folder: Path, name: str) -> Path:
    place = folder / f"{name}.py"
    place.write_text("raise SystemError('it was imported')")
    return place


@pytest.fixture
def afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in convsole_start.PACKAGES:
        monkeypatch.delitem(sys.modules, name)


def refused(capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as end:
        convsole_start.refuse_strangers()
    assert end.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("convsole: ")
    assert said.count("\n") == 1
    return said


@pytest.mark.usefixtures("afresh")
@pytest.mark.parametrize("make", [package, module])
@pytest.mark.parametrize("name", ["core", "tui"])
def test_a_stranger_is_refused_and_named(
    name: str, make: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    place = make(tmp_path, name)  # type: ignore[operator]
    monkeypatch.syspath_prepend(tmp_path)
    assert f"{place}, would be imported; take {tmp_path} out of Python's path" in refused(capsys)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["elsewhere", str(tmp_path)]))
    assert f"PYTHONPATH leads to another `{name}`, {place}; take {tmp_path} out" in refused(capsys)
    monkeypatch.delenv("PYTHONPATH")
    monkeypatch.chdir(tmp_path)
    assert "start in another folder" in refused(capsys)


@pytest.mark.usefixtures("afresh")
def test_a_folder_without_modules_in_it_is_a_stranger_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "core" / "data").mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])  # ours come from a finder, as pip makes them
    assert f"another `core`, {tmp_path / 'core'}, would be imported" in refused(capsys)


@pytest.mark.usefixtures("afresh")
def test_ours_are_no_strangers_whichever_way_they_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "link"
    link.symlink_to(ROOT, target_is_directory=True)
    monkeypatch.syspath_prepend(link)
    convsole_start.refuse_strangers()


@pytest.mark.usefixtures("afresh")
def test_what_is_missing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "meta_path", [PathFinder])
    assert f"{ROOT / 'core'} is missing; install Convsole again" in refused(capsys)


@pytest.mark.parametrize("stderr", ["open", "closed"])
def test_the_command_imports_no_stranger(stderr: str, tmp_path: Path) -> None:
    package(tmp_path, "core")
    code = "import sys, convsole_start; sys.argv[1:] = ['presets']; convsole_start.main()"
    closed = "exec 2>&-;" if stderr == "closed" else ""
    done = subprocess.run(
        ["sh", "-c", f'{closed} exec "$0" -c "$1"', sys.executable, code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
        cwd=tmp_path.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    if stderr == "open":
        assert done.stderr.startswith("convsole: PYTHONPATH leads to another `core`, ")
        assert done.stderr.count("\n") == 1
