"""Tests of `convsole export`: files in common formats."""

from pathlib import Path

import pytest

from tests.tui.cli.commands import refused, run, trained


@pytest.mark.parametrize("suffix", ["safetensors", "npz", "onnx", "csv", "json"])
def test_exports_are_written_once(tmp_path: Path, suffix: str) -> None:
    if suffix == "onnx":
        pytest.importorskip("onnx", reason="onnx is not installed")
    made = trained()
    path = tmp_path / f"a.{suffix}"
    nowhere = tmp_path / "mistyped" / path.name
    words = f"the folder {nowhere.parent} does not exist"
    assert words in refused(run("export", "latest", "--to", str(nowhere)))
    assert not nowhere.parent.exists()
    result = run("export", "latest", "--to", str(path))
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert f"wrote {path}" in result.stderr
    assert str(made["run"]) in result.stderr
    before = path.read_bytes()
    assert "--force overwrites it" in refused(run("export", "latest", "--to", str(path)))
    assert run("export", "latest", "--to", str(path), "--force").exit_code == 0
    # NumPy's archive contains the time of its creation.
    assert path.read_bytes() == before or suffix == "npz"
