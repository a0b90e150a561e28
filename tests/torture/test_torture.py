"""Short versions of the stress tests; `make torture` runs them in full."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kills and counts as Linux does")

SEED = ["--seed", "1"]
SHORT = {
    "kill": [*SEED, "--rounds", "1"],
    "updates": ["--kinds", "1", "--every", "160"],
    "damage": [*SEED, "--bits", "3", "--places", "2", "--step", "1800"],
    "disk": [*SEED, "--rounds", "0", "--every", "400"],
    "crowd": ["--runs", "1", "--beginnings", "5", "--updates", "200"],
    "hostile": [*SEED, "--count", "5", "--readers", "settings"],
    "sweeps": ["--seed", "7", "--rounds", "1"],
    "soak": ["--minutes", "0.02"],
    "signals": ["--rounds", "2", "--seed", "3", "--jobs", "training", "checking"],
}


@pytest.mark.parametrize("name", SHORT)
def test_in_short(name: str, convsole_home: Path) -> None:
    command = [sys.executable, "-m", f"torture.{name}", *SHORT[name]]
    done = subprocess.run(
        command, capture_output=True, text=True, env=dict(os.environ), cwd=Path(__file__).parents[2]
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(f"{name}: ")
    assert done.stdout.count("\n") == 1
