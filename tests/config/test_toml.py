"""Tests of reading settings files."""

import os
from pathlib import Path

import pytest

from core.config import toml
from core.settings import SettingError


def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(SettingError, match=r"pipe\.toml is a pipe; name a file$"):
        toml.read(tmp_path / "pipe.toml")


def test_the_pipe_of_a_shell_is_read() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"trials = 3\n")
    os.close(writer)
    try:
        assert toml.read(Path(f"/dev/fd/{reader}")) == "trials = 3\n"
    finally:
        os.close(reader)
