"""Helpers that run commands in a process that must obey the permissions of folders.

Root may write everywhere, so the process drops that capability first.
"""

import ctypes
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

DROP, ANYWHERE, READ_ANYWHERE = 24, 1, 2
"""`PR_CAPBSET_DROP`, `CAP_DAC_OVERRIDE` and `CAP_DAC_READ_SEARCH` of Linux."""

COMMANDS = """
import json, sys
from click.testing import Result
from typer.testing import CliRunner
from tui.cli.app import app

told = []
for arguments in json.loads(sys.argv[1]):
    done = CliRunner().invoke(app, arguments)
    odd = done.exception if not isinstance(done.exception, SystemExit) else None
    told.append([done.exit_code, done.stdout, done.stderr, repr(odd) if odd else ""])
print(json.dumps(told))
"""


def obey() -> None:
    """Drop the capabilities of root that override the permissions of folders."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for right in (ANYWHERE, READ_ANYWHERE):
            if libc.prctl(DROP, right, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "cannot give away a right")


def ran(*command: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a process that obeys permissions; skip the test if that is impossible."""
    if sys.platform != "linux":
        pytest.skip("root gives its rights away as on Linux")
    try:
        return subprocess.run(
            [sys.executable, *command], preexec_fn=obey, capture_output=True, text=True
        )
    except subprocess.SubprocessError:
        pytest.skip("this root cannot give away the right to write everywhere")


def told(*commands: Sequence[str]) -> list[tuple[int, str, str]]:
    """Run commands in one such process; return exit code, stdout and stderr of each."""
    done = ran("-c", COMMANDS, json.dumps(commands))
    assert done.returncode == 0, done.stderr
    found = []
    for code, output, complaint, exception in json.loads(done.stdout.splitlines()[-1]):
        assert not exception, exception
        found.append((code, output, complaint))
    return found


def lock(folder: Path, locked: bool = True) -> None:
    """Make a folder and everything in it read-only, or writable again."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod((0o555 if locked else 0o755) if path.is_dir() else 0o444 if locked else 0o644)
